import { encodeJson } from '../json/json-values.ts'
import type { AccessRecord } from './access-log.ts'
import { PutErrors } from './put-errors.ts'
import { httpStatus, publicMessage, RequestError } from './request-error.ts'

export const JSON_TYPE = { 'content-type': 'application/json' }

interface EnvelopeOptions {
  readonly success?: boolean
  readonly errors?: PutErrors
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
}

/** A response of one JSON object: its members, `@success`, `@took` and, if there are any, `@errors`. */
export function envelope(
  members: Readonly<Record<string, unknown>>,
  { started }: Pick<AccessRecord, 'started'>,
  { success = true, errors, status = 200, headers = {} }: EnvelopeOptions = {},
): Response {
  const took = `${(performance.now() - started).toFixed(6)}ms`
  const body = encodeJson({ ...members, ...errors?.asMembers(), '@success': success, '@took': took })
  return new Response(body, { status, headers: { ...JSON_TYPE, ...headers } })
}

/** The response to a request that failed as a whole. */
export function errorResponse(error: unknown, started: number): Response {
  const code = error !== null && typeof error === 'object' && 'code' in error ? String(error.code) : 'KAIROS_REQUEST'
  const errors = new PutErrors(1)
  errors.add(() => ({ code, message: publicMessage(error) }))
  return envelope(
    {},
    { started },
    {
      success: false,
      errors,
      status: httpStatus(error),
      headers: error instanceof RequestError ? error.headers : {},
    },
  )
}
