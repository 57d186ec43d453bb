import type { Capabilities, TimeseriesType } from '../contract/cells.ts'
import { ORIGINAL_TYPES } from './original-types.ts'

/**
 * All types that a driver built against this contract may list. It never grows: a later core may have more types, which the driver then refuses by name.
 * @example `checkSchema<TimeseriesType>(schema, 'files', { types: TYPES_OF_SPEC_1 })`
 */
export const TYPES_OF_SPEC_1: readonly TimeseriesType[] = [...ORIGINAL_TYPES, 'summary', 'distribution', 'unique']

/**
 * The capability `expiry` of a driver in which all types expire in one way.
 * @example `expiryOf(TYPES_OF_SPEC_1, 'native').count // 'native'`
 */
export function expiryOf(
  types: readonly TimeseriesType[],
  how: Capabilities['expiry'][keyof Capabilities['expiry']] & string,
): Capabilities['expiry'] {
  return Object.fromEntries(types.map((type) => [type, how])) as Capabilities['expiry']
}
