import type { OldestLive, OpenedStore, OpenOptions, Records, StorageDriver, StoreSchema } from '@kairos/core/driver'
import type { AnyConfig } from './any-timeseries.ts'
import { openPatiently } from './patient.ts'
import { schemaOf } from './schema.ts'

export interface Recorded extends OpenedStore {
  readonly schema: StoreSchema
}

/** Opens a configuration so that its intervals are recorded and empty, whatever an earlier run left. */
export async function openAnew(driver: StorageDriver, config: AnyConfig): Promise<Recorded> {
  const schema = await schemaOf(config)
  const before = (await openPatiently(driver, schema)).records
  // As core does, only what differs is replaced: a driver need not tell a record from itself.
  const replace = before.schema === schema.record ? { intervals: differing(before, schema) } : before
  const opened = await openPatiently(driver, schema, replacing(replace, before))
  await opened.store.delete(null)
  return { schema, ...opened }
}

/** The current records of the schema's intervals that differ from it. */
function differing({ intervals }: Records, schema: StoreSchema): Records['intervals'] {
  const names = Object.keys(schema.intervals).filter((name) => intervals[name] !== schema.intervals[name]!.record)
  return Object.fromEntries(names.map((name) => [name, intervals[name] ?? '']))
}

/** To replace a record whatever cells it covers: none of the recorded intervals has a live one. */
export function replacing(replace: Partial<Records>, { intervals }: Pick<Records, 'intervals'>): OpenOptions {
  return { replace, oldestLive: allFrom(Object.keys(intervals), Number.MAX_SAFE_INTEGER) }
}

/** In each of these intervals, cells are live from that bucket on. */
function allFrom(intervals: readonly string[], bucket: number): OldestLive {
  return Object.fromEntries(intervals.map((interval) => [interval, bucket]))
}
