import type { StorageDriver } from '../contract/cells.ts'
import { KairosError } from '../errors.ts'
import { describe } from '../internal/describe.ts'
import { isRecord } from '../internal/kinds.ts'
import type { CheckedConfig } from '../settings.ts'
import { ORIGINAL_TYPES } from '../toolkit/original-types.ts'

/**
 * Checks a configuration against a driver's capabilities, before any I/O.
 * @throws KAIROS_UNSUPPORTED for a type that the driver does not have, KAIROS_INVALID_CONFIG for an interval's name that is too long for it
 */
export function checkFits({ type, intervals }: CheckedConfig, { id, capabilities }: StorageDriver): void {
  // What is wrong with the capabilities themselves is said when the driver is opened.
  if (!isRecord(capabilities)) return
  const { types = ORIGINAL_TYPES, maxIntervalBytes } = capabilities
  if (Array.isArray(types) && types.length > 0 && !types.includes(type)) {
    throw new KairosError(
      'KAIROS_UNSUPPORTED',
      `type must be one of ${types.join(', ')} in the ${id} store, not ${describe(type)}`,
      { driver: id, feature: 'type', known: types },
    )
  }
  for (const { name } of intervals) {
    const bytes = new TextEncoder().encode(name).length
    if (typeof maxIntervalBytes === 'number' && bytes > maxIntervalBytes)
      throw new KairosError(
        'KAIROS_INVALID_CONFIG',
        `the name of the interval ${describe(name)} must be at most ${maxIntervalBytes} bytes of UTF-8 in the ${id} store, not ${bytes}`,
        { path: `intervals.${name}`, driver: id },
      )
  }
}
