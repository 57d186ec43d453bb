import type { Distribution, UniqueSketch } from '@kairos/core'
import type { CellValue, Scalar, SummaryValue, TimeseriesType } from '@kairos/core/driver'
import { registersOf, unitedRegisters } from './registers.ts'
import { ALL_TYPES } from './types.ts'

/** What a test needs to know about a type: changes to write, and the result of merging them. */
export interface Kind {
  /** A change to a cell of floats, or of the type's own values; another seed gives another one. */
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
  summary: {
    change: (seed) => ({
      count: 2,
      sum: 2 * seed + 0.5,
      min: seed,
      max: seed + 0.5,
      last: seed,
      // Neither in the order of the seeds nor in that of the writes, and some at one moment.
      lastAt: 1_700_000_000 + (seed % 3) * 0.25,
    }),
    of: (values) => joinedSummaries((values as readonly number[]).map((value) => summaryOf(value))),
    join: (values) => joinedSummaries(values as readonly SummaryValue[]),
  },
  distribution: {
    change: (seed) => new Map([[seed, 2] as const, [16_384 + seed, 1] as const, [-17_000 - seed, 3] as const]),
    of: (values) => sumOfCounts(values.map((value) => [value, 1])),
    join: (values) => sumOfCounts((values as readonly ReadonlyMap<Scalar, number>[]).flatMap((counts) => [...counts])),
  },
  unique: {
    change: (seed) => registersOf([seed, seed + 0.5]),
    of: registersOf,
    join: (values) => unitedRegisters(values as readonly Uint8Array[]),
  },
}

function summaryOf(value: number): SummaryValue {
  return { count: 1, sum: value, min: value, max: value, last: value, lastAt: 1_700_000_000 }
}

function joinedSummaries(values: readonly SummaryValue[]): SummaryValue {
  return values.reduce((one, other) => ({
    count: one.count + other.count,
    sum: one.sum + other.sum,
    min: Math.min(one.min, other.min),
    max: Math.max(one.max, other.max),
    ...(other.lastAt < one.lastAt
      ? { last: one.last, lastAt: one.lastAt }
      : { last: other.last, lastAt: other.lastAt }),
  }))
}

export const kinds: Readonly<Record<TimeseriesType, Kind>> = Object.fromEntries(
  ALL_TYPES.map((type) => [type, withMerge(rules[type])]),
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
  if (isSketch(data)) return (typeof data.count === 'function' ? data.count() : data.count) === 0
  return data === null || data === 0
}

function isSketch(data: unknown): data is Distribution | UniqueSketch {
  return typeof data === 'object' && data !== null && 'toJSON' in data
}
