import type { CallOptions } from './api/call-options.ts'
import type { Discovered } from './api/discovered.ts'
import type { StorageDriver } from './contract/cells.ts'
import { part } from './part.ts'

const discovering = /* @__PURE__ */ part(() => import('./discovered.ts'))

/**
 * Every timeseries at a place: a driver's prefix, schema or database. Creates and changes nothing. What a later version recorded is shown as
 * `unknown`.
 * @throws KAIROS_UNSUPPORTED where the store cannot tell
 * @example `for (const { name, type } of await discover('sqlite:metrics.db')) console.log(name, type)`
 */
export async function discover(store: StorageDriver | string, options?: CallOptions): Promise<Discovered[]> {
  const { discoverAt } = await discovering.load()
  return discoverAt(store, options)
}
