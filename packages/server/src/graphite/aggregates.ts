import { least, most, present, total } from './series.ts'

/** Makes one value of many; null: of none. */
export type Aggregate = (values: readonly (number | null)[]) => number | null

/** Of the values that are there, if there are any. */
function ofPresent(make: (values: readonly number[]) => number): Aggregate {
  return (values) => {
    const there = present(values)
    return there.length === 0 ? null : make(there)
  }
}

export const average: Aggregate = ofPresent((values) => total(values) / values.length)
export const sum: Aggregate = ofPresent(total)
export const min: Aggregate = ofPresent(least)
export const max: Aggregate = ofPresent(most)
export const last: Aggregate = ofPresent((values) => values[values.length - 1]!)
const range = ofPresent((values) => most(values) - least(values))

const squareDistance = (values: readonly number[]): number => {
  const mean = total(values) / values.length
  return total(values.map((value) => (value - mean) ** 2)) / values.length
}
/** The mean square distance from the mean. */
export const variance: Aggregate = ofPresent(squareDistance)

const NAMED: Readonly<Record<string, Aggregate>> = {
  average,
  avg_zero: (values) => (values.length === 0 ? null : total(values.map((value) => value ?? 0)) / values.length),
  median: ofPresent((values) => {
    const sorted = Float64Array.from(values).sort()
    const middle = sorted.length >> 1
    return sorted.length % 2 === 0 ? (sorted[middle - 1]! + sorted[middle]!) / 2 : sorted[middle]!
  }),
  sum,
  min,
  max,
  diff: ofPresent(([first, ...others]) => others.reduce((left, value) => left - value, first!)),
  stddev: ofPresent((values) => Math.sqrt(squareDistance(values))),
  count: (values) => present(values).length,
  range,
  multiply: (values) =>
    values.length === 0 || values.includes(null) ? null : present(values).reduce((one, other) => one * other),
  last,
}
const ALIASES: Readonly<Record<string, Aggregate>> = { rangeOf: range, avg: average, total: sum, current: last }
const ALL: ReadonlyMap<string, Aggregate> = new Map(Object.entries({ ...NAMED, ...ALIASES }))

/** The names of aggregations, as Grafana lists them. */
export const AGGREGATES: readonly string[] = [...ALL.keys()]

/** By its name, also as that of a function on series (`sumSeries`). */
export function aggregateNamed(name: string): Aggregate | undefined {
  return ALL.get(plainAggregate(name))
}

/** `sumSeries` as `sum`. */
export function plainAggregate(name: string): string {
  return name.endsWith('Series') ? name.slice(0, -'Series'.length) : name
}
