import { KairosError, type KairosErrorCode } from '@kairos/core'

/** A request that is answered with an error's status and the envelope. */
export class RequestError extends Error {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.status = status
    this.headers = headers
  }
}

/** The server has as much to do as it may: the same request may succeed a moment later. */
export function busy(reason: string): RequestError {
  return new RequestError(503, `${reason}; try again`, { 'retry-after': '1' })
}

/** What a caller may have done wrong; everything else is the server's or the store's fault. */
const CALLERS: readonly KairosErrorCode[] = [
  'KAIROS_INVALID_VALUE',
  'KAIROS_INVALID_CONFIG',
  'KAIROS_INVALID_RANGE',
  'KAIROS_UNKNOWN_NAMESPACE',
]

export function httpStatus(error: unknown): number {
  if (error instanceof RequestError) return error.status
  if (!KairosError.is(error)) return 500
  if (CALLERS.includes(error.code)) return 400
  return error.code === 'KAIROS_STORE_FAILED' || error.code === 'KAIROS_CLOSED' ? 503 : 500
}

/** What a caller is told of an error: of those that nobody foresaw, nothing. */
export function textOf(error: unknown): string {
  return error instanceof RequestError || KairosError.is(error) ? error.message : 'internal error'
}
