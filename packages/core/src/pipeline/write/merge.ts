import type { Capabilities, CellValue, CellWrite, OldestLive, Scalar } from '../../contract/cells.ts'
import { KairosError } from '../../errors.ts'
import { describe } from '../../internal/describe.ts'
import { compareCodeUnits } from '../../internal/order.ts'
import { ALWAYS } from '../../retention.ts'
import type { Interval, Settings } from '../../settings.ts'
import { shiftBucket } from '../../time/calculator.ts'
import { inRange } from '../../time/timestamp.ts'
import type { Accumulated, TypeRules } from '../../types/rules.ts'
import { checkName, type Normaliser } from '../check-values.ts'
import type { Context } from '../context.ts'

/** A cell to be written, and how many (value, bucket) pairs went into it. */
export interface PendingCell extends CellWrite {
  change: CellValue
  pairs: number
}

/** A cell that still grows. */
interface GrowingCell extends Omit<PendingCell, 'change'> {
  change: Accumulated
}

/** Where the last value of an interval went. Values come in runs, so buckets are looked up only when an edge is crossed. */
interface Cursor {
  low: number
  high: number
  bucket: number
  live: boolean
  resolutionLow: number
  resolutionHigh: number
  resolutionBucket: number
}

/** The cells of one name in one interval, by resolution bucket, or by bucket if it is coarse: each resolution bucket is in only one bucket. */
type Cells = Map<number, GrowingCell>

/**
 * Merges values into cells in memory. Name, value and timestamp are checked before any of them is merged; expired values are counted and
 * dropped.
 */
export interface Merger {
  /** Checks one value and files it. */
  add(name: string, seconds: number, value: unknown, rolling: number, times?: number): void
  /** Checks the name, then every value, and files all of them. */
  addAll(name: string, seconds: number, values: Iterable<unknown>, rolling: number, times?: number): void
  /** Checks a value and returns it as drivers see it. */
  check(name: string, seconds: number, value: unknown, rolling: number): Scalar
  /** Files one value that was checked, so many times, in the bucket of every interval, and in `rolling` more of each. */
  file(name: string, seconds: number, scalar: Scalar, rolling: number, times?: number): void
  /** Returns all cells in the order of a batch, and empties the merger. A sum that is too large is thrown, or given to `refuse` with its cell. */
  take(refuse?: (error: KairosError, cell: PendingCell) => void): PendingCell[]
  readonly cells: number
  /** How many values the cells hold: every one of a series, each distinct one of a histogram or a set. */
  readonly values: number
  readonly expired: number
}

/** A merger for what is written at `now`. */
export function mergerAt({ settings, driver, retention, normalise }: Context, now: number): Merger {
  return createMerger(settings, driver.capabilities, normalise, retention.oldestLive(now))
}

function createMerger(
  settings: Settings,
  capabilities: Capabilities,
  normalise: Normaliser,
  oldestLive: OldestLive,
): Merger {
  const { intervals } = settings
  const { maxChange = Number.MAX_VALUE } = capabilities
  const rules = settings.rules
  const cursors = intervals.map(newCursor)
  const oldest = intervals.map((interval) => oldestLive[interval.name]!)
  let names = new Map<string, Cells[]>()
  let lastName: string | undefined
  let lastCells: Cells[] | undefined
  const totals = { cells: 0, values: 0, expired: 0 }

  function cellsOf(name: string): Cells[] {
    if (lastCells !== undefined && name === lastName) return lastCells
    let cells = names.get(name)
    if (cells === undefined) {
      checkName(name, capabilities)
      cells = intervals.map(() => new Map())
      names.set(name, cells)
    }
    lastName = name
    lastCells = cells
    return cells
  }

  function fileInto(
    name: string,
    cells: Cells,
    interval: Interval,
    cursor: Cursor,
    value: Scalar,
    times: number,
  ): void {
    if (!cursor.live) {
      totals.expired += times
      return
    }
    const key = interval.resolution === null ? cursor.bucket : cursor.resolutionBucket
    const cell = cells.get(key)
    if (cell === undefined) {
      const change = rules.accumulate(undefined, value, times)
      cells.set(key, {
        name,
        interval: interval.name,
        bucket: cursor.bucket,
        resolutionBucket: interval.resolution === null ? 0 : interval.resolution.stored(cursor.bucket, key),
        change,
        pairs: times,
      })
      totals.cells++
      totals.values++
      return
    }
    const before = rules.size(cell.change)
    cell.change = rules.accumulate(cell.change, value, times)
    totals.values += rules.size(cell.change) - before
    cell.pairs += times
  }

  function check(name: string, seconds: number, value: unknown, rolling: number): Scalar {
    const scalar = normalise(value, name)
    if (rolling !== 0) {
      checkName(name, capabilities)
      checkRolling(intervals, seconds, rolling, name)
    }
    return scalar
  }

  /** Expired copies are counted, not visited. */
  function fileCopies(
    name: string,
    index: number,
    seconds: number,
    scalar: Scalar,
    rolling: number,
    times: number,
  ): void {
    const interval = intervals[index]!
    const { buckets, resolution } = interval
    const cells = cellsOf(name)[index]!
    const cursor = cursors[index]!
    const own = buckets.ordinalOf(buckets.bucketOf(seconds))
    const [first, last] = rolling > 0 ? [own + 1, own + rolling] : [own + rolling, own - 1]
    const oldestLive = oldest[index]!
    const live = Math.min(last + 1, oldestLive === ALWAYS ? first : Math.max(first, buckets.ordinalOf(oldestLive)))
    totals.expired += (live - first) * times
    for (let ordinal = live; ordinal <= last; ordinal++) {
      const start = buckets.startOf(buckets.bucketAt(ordinal))
      moveTo(cursor, interval, start, oldestLive)
      if (resolution !== null) moveResolutionTo(cursor, resolution, start)
      fileInto(name, cells, interval, cursor, scalar, times)
    }
  }

  function file(name: string, seconds: number, scalar: Scalar, rolling: number, times = 1): void {
    const cells = cellsOf(name)
    for (let index = 0; index < intervals.length; index++) {
      const interval = intervals[index]!
      const cursor = cursors[index]!
      if (seconds < cursor.low || seconds >= cursor.high) moveTo(cursor, interval, seconds, oldest[index]!)
      if (interval.resolution !== null && (seconds < cursor.resolutionLow || seconds >= cursor.resolutionHigh)) {
        moveResolutionTo(cursor, interval.resolution, seconds)
      }
      fileInto(name, cells[index]!, interval, cursor, scalar, times)
      if (rolling !== 0) fileCopies(name, index, seconds, scalar, rolling, times)
    }
  }

  return {
    check,
    add: (name, seconds, value, rolling, times) =>
      file(name, seconds, check(name, seconds, value, rolling), rolling, times),
    addAll(name, seconds, values, rolling, times) {
      // Also for an empty list, of which nothing is written.
      checkName(name, capabilities)
      const scalars = Array.from(values, (value) => check(name, seconds, value, rolling))
      for (const scalar of scalars) file(name, seconds, scalar, rolling, times)
    },
    file,
    take(refuse) {
      const all: PendingCell[] = []
      for (const name of ascending([...names.keys()], compareCodeUnits)) {
        for (const cells of names.get(name)!) {
          for (const key of ascending([...cells.keys()], (a, b) => a - b)) {
            const cell = settled(cells.get(key)!, rules)
            const error = excessOf(cell, maxChange)
            if (error === undefined) all.push(cell)
            else if (refuse === undefined) throw error
            else refuse(error, cell)
          }
        }
      }
      names = new Map()
      lastCells = undefined
      totals.cells = 0
      totals.values = 0
      return all
    },
    get cells() {
      return totals.cells
    },
    get values() {
      return totals.values
    },
    get expired() {
      return totals.expired
    },
  }
}

function newCursor(): Cursor {
  return {
    low: Number.POSITIVE_INFINITY,
    high: Number.NEGATIVE_INFINITY,
    bucket: 0,
    live: false,
    resolutionLow: Number.POSITIVE_INFINITY,
    resolutionHigh: Number.NEGATIVE_INFINITY,
    resolutionBucket: 0,
  }
}

function moveTo(cursor: Cursor, interval: Interval, seconds: number, oldestLive: number): void {
  cursor.bucket = interval.buckets.bucketOf(seconds)
  cursor.low = interval.buckets.startOf(cursor.bucket)
  cursor.high = interval.buckets.endOf(cursor.bucket)
  cursor.live = cursor.bucket >= oldestLive
}

function moveResolutionTo(cursor: Cursor, resolution: NonNullable<Interval['resolution']>, seconds: number): void {
  cursor.resolutionBucket = resolution.bucketOf(seconds)
  cursor.resolutionLow = resolution.startOf(cursor.resolutionBucket)
  cursor.resolutionHigh = resolution.endOf(cursor.resolutionBucket)
}

/** @throws KAIROS_INVALID_VALUE when the farthest copy leaves the years 0001 to 9999 */
function checkRolling(intervals: readonly Interval[], seconds: number, rolling: number, name: string): void {
  for (const { buckets, name: interval } of intervals) {
    const farthest = buckets.startOf(shiftBucket(buckets, buckets.bucketOf(seconds), rolling))
    if (inRange(farthest)) continue
    throw new KairosError(
      'KAIROS_INVALID_VALUE',
      `intervals must keep every copy in the years 0001 to 9999, not reach ${rolling} buckets of "${interval}" from ${describe(seconds)} (series ${describe(name)})`,
      { series: name, interval, value: rolling },
    )
  }
}

/** The cell as drivers see it. */
function settled(cell: GrowingCell, { settle }: TypeRules): PendingCell {
  return settle === undefined ? (cell as PendingCell) : Object.assign(cell, { change: settle(cell.change) })
}

/** A sum can exceed what a double or a store can hold although each value does not. */
function excessOf({ name, change }: PendingCell, maxChange: number): KairosError | undefined {
  if (typeof change !== 'number' || Math.abs(change) <= maxChange) return undefined
  return new KairosError(
    'KAIROS_INVALID_VALUE',
    `the counts of the series ${describe(name)} must add up to at most ${maxChange} in one write, not ${change}`,
    { series: name, value: change },
  )
}

/** Sorts in place unless already sorted: most streams arrive in order, and checking is cheaper than sorting. */
function ascending<T>(keys: T[], compare: (a: T, b: T) => number): T[] {
  for (let index = 1; index < keys.length; index++) {
    if (compare(keys[index - 1]!, keys[index]!) > 0) return keys.sort(compare)
  }
  return keys
}
