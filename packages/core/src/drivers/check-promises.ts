import type { CellStore, StorageDriver, TimeseriesType } from '../contract/cells.ts'
import { KairosError } from '../errors.ts'
import { describe } from '../internal/describe.ts'
import { isFunction } from '../internal/kinds.ts'

/**
 * Checks that a store has the methods that its driver's capabilities promise for this type.
 * @throws KAIROS_INVALID_CONFIG, with `path`: the name of the method
 */
export function checkPromises({ id, capabilities }: StorageDriver, store: CellStore, type: TimeseriesType): void {
  const { expiry, replace, merges = {}, customFetch } = capabilities
  const promised: readonly (readonly [keyof CellStore, string, boolean])[] = [
    ['sweep', `expiry.${type}: 'sweep'`, expiry[type] === 'sweep'],
    ['replace', 'replace', replace !== undefined],
    ['merge', `merges.${type}`, (merges[type] ?? []).length > 0],
    ['fetch', 'customFetch', customFetch],
  ]
  for (const [method, capability, isPromised] of promised) {
    if (!isPromised || isFunction(store[method])) continue
    throw new KairosError(
      'KAIROS_INVALID_CONFIG',
      `${method} of the ${id} driver's store must be a function, not ${describe(store[method])}: its capabilities promise ${capability}`,
      { path: method, driver: id },
    )
  }
}
