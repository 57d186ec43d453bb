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
