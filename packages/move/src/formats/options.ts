import { invalidOption } from '@kairos/core/driver'

/** How rows are written: NDJSON is one JSON object per line, JSON one list of them. */
export type Format = 'ndjson' | 'csv' | 'json'

const FORMATS: readonly unknown[] = ['ndjson', 'csv', 'json'] satisfies Format[]

/** @throws KAIROS_INVALID_CONFIG */
export function checkFormat(format: unknown): asserts format is Format {
  if (!FORMATS.includes(format))
    throw invalidOption({ path: 'format', expected: `one of ${FORMATS.join(', ')}`, value: format })
}
