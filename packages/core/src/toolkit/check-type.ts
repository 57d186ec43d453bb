import type { OriginalType, StoreSchema, TimeseriesType } from '../contract/cells.ts'
import { KairosError } from '../errors.ts'
import { describe } from '../internal/describe.ts'
import { ORIGINAL_TYPES } from './original-types.ts'

/**
 * Refuses a type that the driver was not written for, before anything is recorded: a later core may know more types. Default: the types of a driver that
 * lists none.
 * @throws KAIROS_UNSUPPORTED
 * @example
 * `checkType(schema, 'files') // in a driver's open`
 */
export function checkType<Type extends TimeseriesType = OriginalType>(
  schema: StoreSchema<TimeseriesType>,
  driver: string,
  types: readonly TimeseriesType[] = ORIGINAL_TYPES,
): asserts schema is StoreSchema<Type> {
  const { type } = schema
  if (types.includes(type)) return
  throw new KairosError(
    'KAIROS_UNSUPPORTED',
    `type must be one of ${types.join(', ')} in the ${driver} store, not ${describe(type)}; a later version of the driver may support it`,
    { driver, feature: 'type' },
  )
}
