import type { CellValue, Scalar, TimeseriesType } from '@kairos/core/driver'

export const TYPES: readonly TimeseriesType[] = ['series', 'histogram', 'count', 'gauge', 'set']

/** What a test needs to know of a type: changes to write, and what becomes of two of them. */
export interface Kind {
  /** A change to a cell of floats; another seed gives another one. */
  change(seed: number): CellValue
  /** A change that consists of these values; of a count, their number. */
  of(values: readonly Scalar[]): CellValue
  /** The change after the value; neither is touched. */
  merge(value: CellValue, change: CellValue): CellValue
}

export const kinds: Readonly<Record<TimeseriesType, Kind>> = {
  series: {
    change: (seed) => [seed, seed + 0.5],
    of: (values) => [...values],
    merge: (value, change) => [...(value as readonly Scalar[]), ...(change as readonly Scalar[])],
  },
  histogram: {
    change: (seed) => new Map([[seed, 2] as const, [seed + 0.5, 1] as const]),
    of: (values) => {
      const counts = new Map<Scalar, number>()
      for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
      return counts
    },
    merge: (value, change) => addCounts(value as ReadonlyMap<Scalar, number>, change as ReadonlyMap<Scalar, number>),
  },
  count: {
    change: (seed) => seed + 1,
    of: (values) => values.length,
    merge: (value, change) => (value as number) + (change as number),
  },
  gauge: {
    change: (seed) => seed,
    of: (values) => values.at(-1) as Scalar,
    merge: (_value, change) => change,
  },
  set: {
    change: (seed) => new Set([seed, seed + 0.5]),
    of: (values) => new Set(values),
    merge: (value, change) => new Set([...(value as ReadonlySet<Scalar>), ...(change as ReadonlySet<Scalar>)]),
  },
}

function addCounts(left: ReadonlyMap<Scalar, number>, right: ReadonlyMap<Scalar, number>): ReadonlyMap<Scalar, number> {
  const counts = new Map(left)
  for (const [value, times] of right) counts.set(value, (counts.get(value) ?? 0) + times)
  return counts
}

/** Whether a bucket's data are what a type gives where there are none; no test writes a count of 0 and asks. */
export function isEmpty(data: unknown): boolean {
  if (Array.isArray(data)) return data.length === 0
  if (data instanceof Map || data instanceof Set) return data.size === 0
  return data === null || data === 0
}
