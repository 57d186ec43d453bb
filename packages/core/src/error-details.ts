import { KairosError, type KairosErrorCode, type KairosErrorDetails } from './errors.ts'

/**
 * The error of a call that failed in the store. Where its cause, a StoreFailure, carries an error of the client for the client's own helpers, it is also
 * an instance of that error's class.
 */
export function storeError(
  code: KairosErrorCode,
  message: string,
  details: KairosErrorDetails,
  cause: unknown,
): KairosError {
  const error = new KairosError(code, message, details, cause)
  const clientError = cause instanceof Error && 'clientError' in cause && cause.clientError
  if (clientError instanceof Error) beAlso(error, clientError)
  return error
}

/** Makes an error also an instance of the client error's class, with the fields that it lacks. */
function beAlso(error: KairosError, clientError: Error): void {
  for (const key of Reflect.ownKeys(clientError)) {
    if (key in error) continue
    Object.defineProperty(error, key, { ...Object.getOwnPropertyDescriptor(clientError, key), enumerable: false })
  }
  const own = Object.getOwnPropertyDescriptors(KairosError.prototype)
  Object.setPrototypeOf(error, Object.create(Object.getPrototypeOf(clientError), own))
}

/**
 * A copy of a KairosError with more details, since callers that wait for the same opening share one error. Anything else that was thrown stays as it is.
 * @example `catch (error) { throw withDetails(error, { stored }) }`
 */
export function withDetails<Thrown>(error: Thrown, details: KairosErrorDetails): Thrown {
  if (!KairosError.is(error)) return error
  return storeError(error.code, error.message, { ...error, ...details }, error.cause) as Thrown & KairosError
}
