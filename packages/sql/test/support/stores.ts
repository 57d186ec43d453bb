import type { CellStore, CellWrite, IntervalSchema, OldestLive, StoreSchema, TimeseriesType } from '@kairos/core/driver'

const coarse: Omit<IntervalSchema, 'record'> = {
  facts: '{}',
  hasResolution: false,
  fanOut: 1,
  resolutionRange: () => ({ first: 0, last: 0 }),
  expiresAt: () => null,
}

/** What core passes to `open` for intervals without a resolution, each with its record. */
export function schemaOf(
  intervals: Readonly<Record<string, string>>,
  type: TimeseriesType = 'count',
  record = `{"version":1,"type":"${type}"}`,
): StoreSchema<TimeseriesType> {
  return {
    type,
    valueType: 'float',
    record,
    facts: '{}',
    intervals: Object.fromEntries(Object.entries(intervals).map(([name, each]) => [name, { ...coarse, record: each }])),
  }
}

/** A cell of the interval `minute`. */
export function cell(name: string, change: CellWrite['change'] = 1, bucket = 1): CellWrite {
  return { name, interval: 'minute', bucket, resolutionBucket: 0, change }
}

/** All names with live data. */
export async function namesIn(store: CellStore, oldestLive: OldestLive): Promise<readonly string[]> {
  return (await store.names({ oldestLive, limit: 10_000 })).names
}

/** Sweeps everything; resolves to the number of cells. */
export async function sweepIn(store: CellStore, oldestLive: OldestLive): Promise<number> {
  const query = { oldestLive, names: null, limit: 10_000 }
  for (let total = 0; ; ) {
    const { swept, done } = await store.sweep!(query)
    total += swept
    if (done) return total
  }
}
