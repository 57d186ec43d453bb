import type { OpenedStore, Records, StorageDriver, StoreSchema } from '@kairos/core/driver'
import type { AnyConfig } from './any-timeseries.ts'
import { schemaOf } from './schema.ts'

export interface Recorded extends OpenedStore {
  readonly schema: StoreSchema
}

/** Opens a configuration so that its intervals are recorded and empty, whatever stood there before. */
export async function openAnew(driver: StorageDriver, config: AnyConfig): Promise<Recorded> {
  const schema = await schemaOf(config)
  const before = (await driver.open(schema)).records
  const replace = before.schema === schema.record ? { intervals: intervalsIn(before, schema) } : before
  return { schema, ...(await driver.open(schema, { replace })) }
}

/** The records of the schema's intervals, as they stand. */
function intervalsIn({ intervals }: Records, schema: StoreSchema): Records['intervals'] {
  return Object.fromEntries(Object.keys(schema.intervals).map((interval) => [interval, intervals[interval] ?? '']))
}
