import { RequestError } from '@kairos/events/http'
import { eachMade } from './each-made.ts'
import type { Scope } from './scope.ts'
import { consolidateValues, type Series } from './series.ts'

/** Numbers that are worked through before it is seen whether others should have a turn. */
export const AT_ONCE = 20_000

/** Several series on the points of one: each in its column. */
export interface Aligned {
  readonly start: number
  readonly end: number
  readonly step: number
  readonly columns: readonly (readonly (number | null)[])[]
  readonly length: number
  /** The values of all series at a point. */
  row(at: number): readonly (number | null)[]
}

/**
 * Series at the points that all of them share: their steps' least common multiple, from the earliest start on. Null without any series.
 * @throws RequestError for steps that have nothing in common, and for more points than a request may work through
 */
export async function align(list: readonly Series[], scope: Pick<Scope, 'spend' | 'turn'>): Promise<Aligned | null> {
  if (list.length === 0) return null
  const step = list.reduce((common, series) => leastCommonMultiple(common, series.step), list[0]!.step)
  if (!Number.isSafeInteger(step)) throw new RequestError(400, 'the steps of these series have no common multiple')
  const start = Math.min(...list.map((series) => series.start))
  const last = Math.max(...list.map((series) => series.end))
  const reaches = list.map((series) => series.start + series.values.length * series.step)
  scope.spend(list.length * Math.ceil((Math.max(...reaches) - start) / step))
  const columns = await eachMade(list, scope, (series) => [column(series, start, step)])
  return {
    start,
    end: last - ((last - start) % step),
    step,
    columns,
    length: columns.reduce((most, { length }) => Math.max(most, length), 0),
    row: (at) => columns.map((values) => values[at] ?? null),
  }
}

/** What is made of the rows of several series, one by one: all of them at once would be as much again. */
export async function mapRows<T>(
  { columns, length, row }: Aligned,
  make: (row: readonly (number | null)[]) => T,
  scope: Pick<Scope, 'turn'>,
): Promise<T[]> {
  const atOnce = Math.ceil(AT_ONCE / columns.length)
  const made: T[] = []
  for (let at = 0; at < length; at++) {
    if (at % atOnce === 0) await scope.turn()
    made.push(make(row(at)))
  }
  return made
}

/** The values of a series in buckets of a step that its own divides. */
function column(series: Series, start: number, step: number): readonly (number | null)[] {
  const size = step / series.step
  const offset = series.start - start
  if (size === 1 && offset === 0) return series.values
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
