import { KairosError, type KairosErrorDetails } from '@kairos/core'

/** What was thrown, with more details where it is a KairosError. */
export function withDetails(error: unknown, details: KairosErrorDetails): unknown {
  if (!KairosError.is(error)) return error
  return new KairosError(error.code, error.message, { ...error, ...details }, error.cause)
}
