import { invalidOption } from '@kairos/core/driver'
import { checkRecord } from './checks.ts'
import { DEFAULT_STORES } from './default-timeseries.ts'
import type { ServerConfig } from './types.ts'

/**
 * A store by its name, or the first one. `path` is where it is named.
 * @throws KAIROS_INVALID_CONFIG
 */
export function storeUrl(
  { stores = DEFAULT_STORES }: ServerConfig,
  name: string | undefined,
  path: string,
): { readonly store: string; readonly url: string } {
  checkRecord(stores, 'stores')
  const names = Object.keys(stores)
  const store = name ?? names[0]
  if (store === undefined || !Object.hasOwn(stores, store))
    throw invalidOption({ path, expected: `the name of a store (${names.join(', ')})`, value: store })
  const { [store]: url } = stores
  if (typeof url !== 'string')
    throw invalidOption({ path: `stores.${store}`, expected: 'the URL of a store', value: url })
  return { store, url }
}
