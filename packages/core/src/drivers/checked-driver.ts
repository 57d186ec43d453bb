import type { StorageDriver } from '../contract/cells.ts'
import { KairosError } from '../errors.ts'
import { describe } from '../internal/describe.ts'
import { isFunction, isObject } from '../internal/kinds.ts'

/** The contracts that this core takes drivers of. */
export const SPECS: readonly number[] = [1]

/** @throws KAIROS_INVALID_CONFIG, KAIROS_SPEC_MISMATCH */
export function checkedDriver(store: unknown): StorageDriver {
  if (!isDriver(store)) {
    throw new KairosError('KAIROS_INVALID_CONFIG', `${describe(store)} is neither a driver nor a store's URL`, {
      path: 'store',
    })
  }
  const found: number | undefined = store.spec
  if (!SPECS.includes(found)) {
    throw new KairosError(
      'KAIROS_SPEC_MISMATCH',
      `the driver was made for contract ${describe(found)}, and this core takes ${SPECS.join(', ')}: install matching versions`,
      { found, accepted: SPECS },
    )
  }
  return store
}

/** Whether it is meant as a driver; of which contract, its `spec` tells. */
function isDriver(store: unknown): store is StorageDriver {
  return isObject(store) && 'open' in store && isFunction(store.open)
}
