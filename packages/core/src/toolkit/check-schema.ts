import type { OriginalType, StoreSchema, TimeseriesType } from '../contract/cells.ts'
import { KairosError } from '../errors.ts'
import { describe } from '../internal/describe.ts'
import { ORIGINAL_TYPES } from './original-types.ts'
import { VALUE_TYPES_OF_SPEC_1 } from './value-types-of-spec-1.ts'

/** What a driver was written for. */
export interface KnownSchemas {
  /** Default: the types of a driver that lists none. */
  readonly types?: readonly TimeseriesType[]
  /** Default: all that this contract has. */
  readonly valueTypes?: readonly string[]
}

/**
 * Refuses a type or a valueType that the driver was not written for: a later core may know more. To be called first in `open`, before the store is
 * asked for anything: what is unknown is refused for good, also while the store is down.
 * @throws KAIROS_UNSUPPORTED
 * @example
 * `checkSchema(schema, 'files') // in a driver's open`
 */
export function checkSchema<Type extends TimeseriesType = OriginalType>(
  schema: StoreSchema<TimeseriesType>,
  driver: string,
  { types = ORIGINAL_TYPES, valueTypes = VALUE_TYPES_OF_SPEC_1 }: KnownSchemas = {},
): asserts schema is StoreSchema<Type> {
  checkFeature('type', schema.type, types, driver)
  checkFeature('valueType', schema.valueType, valueTypes, driver)
}

function checkFeature(feature: string, value: string, known: readonly string[], driver: string): void {
  if (known.includes(value)) return
  throw new KairosError(
    'KAIROS_UNSUPPORTED',
    `${feature} must be one of ${known.join(', ')} in the ${driver} store, not ${describe(value)}; a later version of the driver may support it`,
    { driver, feature, known },
  )
}
