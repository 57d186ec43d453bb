import { KairosError } from '../errors.ts'
import { describe } from '../internal/describe.ts'
import { ORIGINAL_TYPES } from './original-types.ts'

/**
 * Refuses a type that the driver was not written for, before anything is recorded: a later core may know more types.
 * @throws KAIROS_UNSUPPORTED
 * @example
 * `checkType(schema.type, 'files') // in a driver's open`
 */
export function checkType(type: string, driver: string, types: readonly string[] = ORIGINAL_TYPES): void {
  if (types.includes(type)) return
  throw new KairosError(
    'KAIROS_UNSUPPORTED',
    `type must be one of ${types.join(', ')} in the ${driver} store, not ${describe(type)}; a later version of the driver may support it`,
    { driver, feature: 'type' },
  )
}
