import { KairosError } from '@kairos/core'
import { describe, isRecord } from '@kairos/core/driver'

/** KAIROS_INVALID_CONFIG: `<path> must be <expected>, not <found>`. */
export function invalidConfig(path: string, expected: string, value: unknown): KairosError {
  return new KairosError('KAIROS_INVALID_CONFIG', `${path} must be ${expected}, not ${describe(value)}`, {
    path,
    value,
  })
}

/** Checks for an object with known keys only. @throws KAIROS_INVALID_CONFIG */
export function checkKeys(value: unknown, path: string, known?: readonly string[]): void {
  if (!isRecord(value)) throw invalidConfig(path, 'an object', value)
  const unknown = known && Object.keys(value).find((key) => !known.includes(key))
  if (unknown === undefined) return
  throw new KairosError(
    'KAIROS_INVALID_CONFIG',
    `${path} must have only the keys ${known!.join(', ')}, not ${describe(unknown)}`,
    { path: `${path}.${unknown}`, known: known! },
  )
}
