import type { StorageDriver } from '../contract/cells.ts'
import { part } from '../part.ts'
import { checkKeys } from '../toolkit/options.ts'
import { memoryCapabilities } from './memory-capabilities.ts'

const memory = /* @__PURE__ */ part(() => import('./memory.ts'))

/**
 * Keeps everything in this process's memory: for tests, for small data, and as an example for authors of other drivers.
 * Timeseries of one name and type that share a driver object share their data; two driver objects share nothing. Expired cells are hidden at once
 * and deleted by `expire()`.
 * @throws KAIROS_INVALID_CONFIG for any option: it has none
 * @example `const hits = createTimeseries(memoryDriver(), { type: 'count', intervals: { minute: { step: 60 } } })`
 */
export function memoryDriver(options: Readonly<Record<string, never>> = {}): StorageDriver {
  checkKeys(options, [], { driver: 'memory' })
  let made: StorageDriver | undefined
  async function driver(): Promise<StorageDriver> {
    const { createMemoryDriver } = await memory.load()
    made ??= createMemoryDriver()
    return made
  }
  return {
    spec: 1,
    id: 'memory',
    capabilities: memoryCapabilities,
    open: async (schema, options) => (await driver()).open(schema, options),
    discover: async () => (await driver()).discover!(),
    openEvents: async (schema) => (await driver()).openEvents!(schema),
    close: async () => made?.close(),
  }
}
