import { KairosError } from '@kairos/core'
import { invalidOption, isRecord } from '@kairos/core/driver'

/** How rows are written: NDJSON is one JSON object per line, JSON one list of them. */
export type Format = 'ndjson' | 'csv' | 'json'

const FORMATS: readonly unknown[] = ['ndjson', 'csv', 'json'] satisfies Format[]

/** @throws KAIROS_INVALID_CONFIG */
export function checkFormat(format: unknown): asserts format is Format {
  if (!FORMATS.includes(format))
    throw invalidOption({ path: 'format', expected: `one of ${FORMATS.join(', ')}`, value: format })
}

/**
 * Refuses options that a call does not know, so that typos are reported.
 * @throws KAIROS_INVALID_CONFIG
 */
export function checkKeys(options: object, known: readonly string[]): void {
  if (!isRecord(options)) throw invalidOption({ path: 'options', expected: 'an object', value: options })
  for (const key of Object.keys(options))
    if (!known.includes(key))
      throw new KairosError('KAIROS_INVALID_CONFIG', `${key} is not an option; known: ${known.join(', ')}`, {
        path: key,
        known,
      })
}
