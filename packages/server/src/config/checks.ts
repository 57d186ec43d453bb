import { KairosError } from '@kairos/core'
import { describe, invalidOption, isRecord } from '@kairos/core/driver'

/** Checks for an object with known keys only. @throws KAIROS_INVALID_CONFIG */
export function checkKeys(value: unknown, path: string, known?: readonly string[]): void {
  if (!isRecord(value)) throw invalidOption({ path, expected: 'an object', value })
  const unknown = known && Object.keys(value).find((key) => !known.includes(key))
  if (unknown === undefined) return
  throw new KairosError(
    'KAIROS_INVALID_CONFIG',
    `${path} must have only the keys ${known!.join(', ')}, not ${describe(unknown)}`,
    { path: `${path}.${unknown}`, known: known! },
  )
}

/** An error about an option, with its place in the whole configuration. Anything else that was thrown stays as it is. */
export function within(path: string, error: unknown): unknown {
  if (!KairosError.is(error) || error.path === undefined) return error
  const { code, message, path: own, cause } = error
  const text = message.startsWith(own) ? `${path}.${message}` : `${path}.${own}: ${message}`
  return new KairosError(code, text, { ...error, path: `${path}.${own}` }, cause)
}
