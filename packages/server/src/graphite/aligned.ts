import { RequestError } from '@kairos/events/http'
import { consolidateValues, type Series } from './series.ts'

/** Several series on the points of one: each in its column. */
export interface Aligned {
  readonly start: number
  readonly end: number
  readonly step: number
  readonly columns: readonly (readonly (number | null)[])[]
  /** The values of all series at each point. */
  readonly rows: readonly (readonly (number | null)[])[]
}

/**
 * Series at the points that all of them share: their steps' least common multiple, from the earliest start on. Null without any series.
 * @throws RequestError for steps that have nothing in common
 */
export function align(list: readonly Series[]): Aligned | null {
  if (list.length === 0) return null
  const step = list.reduce((common, series) => leastCommonMultiple(common, series.step), list[0]!.step)
  if (!Number.isSafeInteger(step)) throw new RequestError(400, 'the steps of these series have no common multiple')
  const start = Math.min(...list.map((series) => series.start))
  const last = Math.max(...list.map((series) => series.end))
  const columns = list.map((series) => column(series, start, step))
  const length = columns.reduce((most, { length }) => Math.max(most, length), 0)
  const rows = Array.from({ length }, (_, at) => columns.map((values) => values[at] ?? null))
  return { start, end: last - ((last - start) % step), step, columns, rows }
}

/** The values of a series in buckets of a step that its own divides. */
function column(series: Series, start: number, step: number): (number | null)[] {
  const size = step / series.step
  const offset = series.start - start
  if (size === 1 && offset === 0) return [...series.values]
  const values: (number | null)[] = new Array(Math.floor(offset / step)).fill(null)
  for (let at = 0; at < series.values.length; ) {
    const behind = (Math.floor((offset + at * series.step) / step) + 1) * step
    const next = Math.max(at + 1, Math.ceil((behind - offset) / series.step))
    values.push(consolidateValues(series, series.values.slice(at, next), size))
    at = next
  }
  return values
}

function leastCommonMultiple(a: number, b: number): number {
  return a === b ? a : (a / greatestCommonDivisor(a, b)) * b
}

/** Of two positive integers. */
export function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
