import { memoryDriver } from '@kairos/core'
import type { StorageDriver, StoreSchema, TimeseriesType } from '@kairos/core/driver'
import { type AnyConfig, createAnyTimeseries } from './any-timeseries.ts'

/** What core passes to a driver for this configuration: made by core itself, so that the kit needs no bucket arithmetic that could be wrong. */
export async function schemaOf(config: AnyConfig): Promise<StoreSchema> {
  const memory = memoryDriver()
  let schema: StoreSchema<TimeseriesType> | undefined
  const listening: StorageDriver = {
    ...memory,
    open(asked, options) {
      schema = asked
      return memory.open(asked, options)
    },
  }
  await createAnyTimeseries(listening, config).open()
  return schema as StoreSchema
}
