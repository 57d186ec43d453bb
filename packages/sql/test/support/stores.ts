import type { CellWrite, IntervalSchema, StoreSchema, TimeseriesType } from '@kairos/core/driver'

const coarse: Omit<IntervalSchema, 'record'> = {
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
): StoreSchema {
  return {
    type,
    valueType: 'float',
    record,
    intervals: Object.fromEntries(Object.entries(intervals).map(([name, each]) => [name, { ...coarse, record: each }])),
  }
}

/** A cell of the interval `minute`. */
export function cell(name: string, change: CellWrite['change'] = 1, bucket = 1): CellWrite {
  return { name, interval: 'minute', bucket, resolutionBucket: 0, change }
}
