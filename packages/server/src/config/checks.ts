import { KairosError } from '@kairos/core'
import { invalidOption, isRecord } from '@kairos/core/driver'

/** @throws KAIROS_INVALID_CONFIG */
export function checkRecord(value: unknown, path: string): void {
  if (!isRecord(value)) throw invalidOption({ path, expected: 'an object', value })
}

/** An error about an option, with its place in the whole configuration. Anything else that was thrown stays as it is. */
export function within(path: string, error: unknown): unknown {
  if (!KairosError.is(error) || error.path === undefined) return error
  const { code, message, path: own, cause } = error
  const text = message.startsWith(own) ? `${path}.${message}` : `${path}.${own}: ${message}`
  return new KairosError(code, text, { ...error, path: `${path}.${own}` }, cause)
}
