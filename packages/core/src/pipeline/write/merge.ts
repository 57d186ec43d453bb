import type { Capabilities, CellValue, CellWrite, OldestLive, Scalar } from '../../contract/cells.ts'
import { KairosError } from '../../errors.ts'
import { describe } from '../../internal/describe.ts'
import { compareCodeUnits } from '../../internal/order.ts'
import type { Interval, Settings } from '../../settings.ts'
import { endOf, shiftBucket } from '../../time/calculator.ts'
import { inRange } from '../../time/timestamp.ts'
import { types } from '../../types/index.ts'
import type { Accumulated, TypeRules } from '../../types/rules.ts'
import { checkName, type Normaliser } from '../check-values.ts'
import type { Context } from '../context.ts'

/** A cell that waits to be written, with how many (value, bucket) pairs went into it. */
export interface PendingCell extends CellWrite {
  change: CellValue
  pairs: number
}

/** A cell that values are still added to. */
interface GrowingCell extends Omit<PendingCell, 'change'> {
  change: Accumulated
}

/** Where the last value went in one interval. Values come in runs, so the buckets are looked up only when an edge is crossed. */
interface Cursor {
  low: number
  high: number
  bucket: number
  live: boolean
  resolutionLow: number
  resolutionHigh: number
  resolutionBucket: number
}

/** The cells of one name in one interval, by resolution bucket, or by bucket where it is coarse: a resolution bucket lies in one bucket only. */
type Cells = Map<number, GrowingCell>

/**
 * Files values into cells, in memory. A name, a value and a moment are checked before anything of them is filed; what is expired is counted
 * and dropped.
 */
export interface Merger {
  /** For a name that comes with an empty list: what is written nowhere is checked all the same. */
  checkName(name: unknown): void
  /** Files one value, in the bucket of every interval, and in `rolling` more of each. */
  add(name: string, seconds: number, value: unknown, rolling: number): void
  /** All cells, in the order that batches have, and an empty merger. */
  take(): PendingCell[]
  readonly cells: number
  /** Values that the cells carry to the store: each of a series, each distinct one of a histogram or a set. */
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
  const rules = types[settings.type]
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

  function file(name: string, cells: Cells, interval: Interval, cursor: Cursor, value: Scalar): void {
    if (!cursor.live) {
      totals.expired++
      return
    }
    const key = interval.resolution === null ? cursor.bucket : cursor.resolutionBucket
    const cell = cells.get(key)
    if (cell === undefined) {
      const change = rules.accumulate(undefined, value)
      cells.set(key, {
        name,
        interval: interval.name,
        bucket: cursor.bucket,
        resolutionBucket: cursor.resolutionBucket,
        change,
        pairs: 1,
      })
      totals.cells++
      totals.values++
      return
    }
    const before = rules.size(cell.change)
    cell.change = rules.accumulate(cell.change, value)
    totals.values += rules.size(cell.change) - before
    cell.pairs++
  }

  return {
    checkName: (name) => checkName(name, capabilities),
    add(name, seconds, value, rolling) {
      const scalar = normalise(value, name)
      const cells = cellsOf(name)
      if (rolling !== 0) checkRolling(intervals, seconds, rolling, name)
      for (let index = 0; index < intervals.length; index++) {
        const interval = intervals[index]!
        const cursor = cursors[index]!
        if (seconds < cursor.low || seconds >= cursor.high) moveTo(cursor, interval, seconds, oldest[index]!)
        if (interval.resolution !== null && (seconds < cursor.resolutionLow || seconds >= cursor.resolutionHigh)) {
          moveResolutionTo(cursor, interval.resolution, seconds)
        }
        file(name, cells[index]!, interval, cursor, scalar)
        if (rolling !== 0) {
          for (const start of rollingStarts(interval, seconds, rolling)) {
            moveTo(cursor, interval, start, oldest[index]!)
            if (interval.resolution !== null) moveResolutionTo(cursor, interval.resolution, start)
            file(name, cells[index]!, interval, cursor, scalar)
          }
        }
      }
    },
    take() {
      const all: PendingCell[] = []
      for (const name of ascending([...names.keys()], compareCodeUnits)) {
        for (const cells of names.get(name)!) {
          for (const key of ascending([...cells.keys()], (a, b) => a - b)) all.push(settled(cells.get(key)!, rules))
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
  cursor.high = endOf(interval.buckets, cursor.bucket)
  cursor.live = cursor.bucket >= oldestLive
}

function moveResolutionTo(cursor: Cursor, resolution: NonNullable<Interval['resolution']>, seconds: number): void {
  cursor.resolutionBucket = resolution.bucketOf(seconds)
  cursor.resolutionLow = resolution.startOf(cursor.resolutionBucket)
  cursor.resolutionHigh = endOf(resolution, cursor.resolutionBucket)
}

/** The starts of the |rolling| buckets after or before the one that holds the moment, nearest first. */
function* rollingStarts({ buckets }: Interval, seconds: number, rolling: number): Generator<number> {
  const bucket = buckets.bucketOf(seconds)
  const direction = Math.sign(rolling)
  for (let step = 1; step <= Math.abs(rolling); step++)
    yield buckets.startOf(shiftBucket(buckets, bucket, step * direction))
}

/** @throws KAIROS_INVALID_VALUE when the farthest copy leaves the years 0001 to 9999 */
function checkRolling(intervals: readonly Interval[], seconds: number, rolling: number, name: string): void {
  for (const { buckets, name: interval } of intervals) {
    const farthest = buckets.startOf(shiftBucket(buckets, buckets.bucketOf(seconds), rolling))
    if (inRange(farthest)) continue
    throw new KairosError(
      'KAIROS_INVALID_VALUE',
      `${rolling} intervals of "${interval}" from ${describe(seconds)} on lie outside the years 0001 to 9999 (${describe(name)})`,
      { series: name, interval, value: rolling },
    )
  }
}

/**
 * The cell as drivers meet it. A sum can leave what doubles hold although each value was finite.
 * @throws KAIROS_INVALID_VALUE
 */
function settled(cell: GrowingCell, { settle }: TypeRules): PendingCell {
  if (settle === undefined) return cell as PendingCell
  const change = settle(cell.change)
  if (typeof change === 'number' && !Number.isFinite(change)) {
    throw new KairosError(
      'KAIROS_INVALID_VALUE',
      `the counts of ${describe(cell.name)} add up to more than a number holds`,
      { series: cell.name, value: change },
    )
  }
  return Object.assign(cell, { change })
}

/** Sorted in place, unless it is already: most streams come in order, and looking costs less than sorting. */
function ascending<T>(keys: T[], compare: (a: T, b: T) => number): T[] {
  for (let index = 1; index < keys.length; index++) {
    if (compare(keys[index - 1]!, keys[index]!) > 0) return keys.sort(compare)
  }
  return keys
}
