import type { KairosError } from '@kairos/core'
import { invalidOption } from '@kairos/core/driver'

/**
 * The error for an option that this driver refuses: `<path> must be <expected>, not <value>; <remedy>`.
 * @example throw invalid('timeout', 'an integer of at least 1', timeout)
 */
export function invalid(path: string, expected: string, value: unknown, remedy?: string): KairosError {
  return invalidOption({ driver: 'sql', path, expected, value, ...(remedy !== undefined && { remedy }) })
}
