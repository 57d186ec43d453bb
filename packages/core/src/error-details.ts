import { KairosError, type KairosErrorDetails } from './errors.ts'

/**
 * A copy of a KairosError with more details, since callers that wait for the same opening share one error. Anything else that was thrown stays as it is.
 * @example `catch (error) { throw withDetails(error, { stored }) }`
 */
export function withDetails<Thrown>(error: Thrown, details: KairosErrorDetails): Thrown {
  if (!KairosError.is(error)) return error
  return new KairosError(error.code, error.message, { ...error, ...details }, error.cause) as Thrown & KairosError
}
