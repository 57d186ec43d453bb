import { KairosError, type KairosErrorCode } from '@kairos/core'

/** A failed request with the status of its response. */
export class RequestError extends Error {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.status = status
    this.headers = headers
  }
}

/**
 * The server is at one of its limits: the same request may succeed a moment later.
 * @example throw serverBusy('the server is already answering as many requests as it may')
 */
export function serverBusy(reason: string): RequestError {
  return new RequestError(503, `${reason}; try again`, { 'retry-after': '1' })
}

/** Mistakes of the caller. Everything else is the server's or the store's fault. */
const CALLER_ERRORS: readonly KairosErrorCode[] = [
  'KAIROS_INVALID_VALUE',
  'KAIROS_INVALID_RANGE',
  'KAIROS_UNKNOWN_NAMESPACE',
]

/**
 * The status of the response to a request that failed with this error.
 * @example const status = httpStatus(error) // 400 for a caller's mistake
 */
export function httpStatus(error: unknown): number {
  if (error instanceof RequestError) return error.status
  if (!KairosError.is(error)) return 500
  if (CALLER_ERRORS.includes(error.code)) return 400
  return error.code === 'KAIROS_STORE_FAILED' || error.code === 'KAIROS_CLOSED' ? 503 : 500
}

/**
 * What a response says about an error. It reveals nothing about unexpected ones.
 * @example const text = publicMessage(error)
 */
export function publicMessage(error: unknown): string {
  return error instanceof RequestError || KairosError.is(error) ? error.message : 'internal error'
}
