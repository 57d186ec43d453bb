import type { CellValue, Scalar, TimeseriesType } from '@kairos/core/driver'
import { TYPES } from './types.ts'

/** What a test needs to know about a type: changes to write, and the result of merging them. */
export interface Kind {
  /** A change to a cell of floats; another seed gives another one. */
  change(seed: number): CellValue
  /** A change that consists of these values; of a count, their number. */
  of(values: readonly Scalar[]): CellValue
  /** The result of these, one after the other; none of them is modified. */
  join(values: readonly CellValue[]): CellValue
  /** The change after the value. */
  merge(value: CellValue, change: CellValue): CellValue
}

type Rules = Omit<Kind, 'merge'>

const rules: Readonly<Record<TimeseriesType, Rules>> = {
  series: {
    change: (seed) => [seed, seed + 0.5],
    of: (values) => [...values],
    join: (values) => (values as readonly (readonly Scalar[])[]).flat(),
  },
  histogram: {
    change: (seed) => new Map([[seed, 2] as const, [seed + 0.5, 1] as const]),
    of: (values) => sumOfCounts(values.map((value) => [value, 1])),
    join: (values) => sumOfCounts((values as readonly ReadonlyMap<Scalar, number>[]).flatMap((counts) => [...counts])),
  },
  count: {
    change: (seed) => seed + 1,
    of: (values) => values.length,
    join: (values) => (values as readonly number[]).reduce((sum, count) => sum + count, 0),
  },
  gauge: {
    change: (seed) => seed,
    of: (values) => values.at(-1) as Scalar,
    join: (values) => values.at(-1) as Scalar,
  },
  set: {
    change: (seed) => new Set([seed, seed + 0.5]),
    of: (values) => new Set(values),
    join: (values) => new Set((values as readonly ReadonlySet<Scalar>[]).flatMap((members) => [...members])),
  },
}

export const kinds: Readonly<Record<TimeseriesType, Kind>> = Object.fromEntries(
  TYPES.map((type) => [type, withMerge(rules[type])]),
) as Record<TimeseriesType, Kind>

function withMerge(rules: Rules): Kind {
  return { ...rules, merge: (value, change) => rules.join([value, change]) }
}

function sumOfCounts(entries: readonly (readonly [Scalar, number])[]): ReadonlyMap<Scalar, number> {
  const counts = new Map<Scalar, number>()
  for (const [value, times] of entries) counts.set(value, (counts.get(value) ?? 0) + times)
  return counts
}

/** Whether a bucket's data is the type's empty value; no test that uses it writes a count of 0. */
export function isEmpty(data: unknown): boolean {
  if (Array.isArray(data)) return data.length === 0
  if (data instanceof Map || data instanceof Set) return data.size === 0
  return data === null || data === 0
}
