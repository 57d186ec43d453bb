import type { StorageDriver } from '@kairos/core/driver'

/** The same driver, for which core merges what the store could; closing it leaves the driver open. */
export function withoutMerges(driver: StorageDriver): StorageDriver {
  const { merges: _, ...capabilities } = driver.capabilities
  return {
    ...driver,
    capabilities,
    open: (schema, options) => driver.open(schema, options),
    close: async () => {},
  }
}
