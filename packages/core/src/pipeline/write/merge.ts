import type { Capabilities, CellValue, CellWrite, OldestLive, Scalar } from '../../contract/cells.ts'
import { KairosError } from '../../errors.ts'
import { describe } from '../../internal/describe.ts'
import { compareCodeUnits } from '../../internal/order.ts'
import { ALWAYS } from '../../retention.ts'
import type { Interval, Settings } from '../../settings.ts'
import { shiftBucket } from '../../time/calculator.ts'
import { inRange } from '../../time/timestamp.ts'
import { type Accumulated, sumIn, type TypeRules } from '../../types/rules.ts'
import { checkName, type Normaliser } from '../check-values.ts'
import type { Context } from '../context.ts'
import type { KnownLabels } from '../name-of.ts'
import { type Cursor, moveResolutionTo, moveTo, newCursor } from './bucket-cursor.ts'

/** A cell to be written, and how many (value, bucket) pairs went into it. */
export interface PendingCell extends CellWrite {
  change: CellValue
  pairs: number
}

/** How many (value, bucket) pairs the cells hold. */
export function pairsOf(cells: readonly PendingCell[]): number {
  let pairs = 0
  for (const cell of cells) pairs += cell.pairs
  return pairs
}

/** A cell that still grows. */
interface GrowingCell extends Omit<PendingCell, 'change'> {
  change: Accumulated
  /** Of the change, by the rules of its type. */
  size: number
  /** Its resolution bucket, or its bucket if the interval is coarse: each resolution bucket is in only one bucket. */
  readonly key: number
}

/** The cells of one name, by the place of their interval. */
interface Series {
  readonly name: string
  /** The cell that the last value went into. */
  readonly last: (GrowingCell | undefined)[]
  /** All cells by their keys, once there are several: most names have one that is written to. */
  readonly all: (Map<number, GrowingCell> | undefined)[]
  /** It had no cells when they were taken last. */
  isIdle: boolean
}

/** How many names without cells are remembered: to find out what they are, and where they come in a batch, costs more than a value. */
const MOST_IDLE = 10_000

/**
 * Merges values into cells in memory. Name, value and timestamp are checked before any of them is merged; expired values are counted and
 * dropped.
 */
export interface Merger {
  /** That names may have. */
  readonly labels: KnownLabels
  /** Checks one value and files it. */
  add(name: string, seconds: number, value: unknown, rolling: number, times?: number): void
  /** Checks the name, then every value, and files all of them. */
  addAll(name: string, seconds: number, values: Iterable<unknown>, rolling: number, times?: number): void
  /** Checks a value and returns it as drivers see it. */
  check(name: string, seconds: number, value: unknown, rolling: number): Scalar
  /** Files one value that was checked, this many times, in the bucket of every interval, and in `rolling` more of each. */
  file(name: string, seconds: number, scalar: Scalar, rolling: number, times?: number): void
  /** Returns all cells in the order of a batch, and empties the merger. A sum that is too large is thrown, or given to `refuse` with its cell. */
  take(refuse?: (error: KairosError, cell: PendingCell) => void): PendingCell[]
  /** For what is written later: an empty merger that knows its names serves those who write them again and again. */
  restart(oldestLive: OldestLive): void
  readonly cells: number
  /** How many values the cells hold: every one of a series, each distinct one of a histogram or a set. */
  readonly values: number
  readonly expired: number
}

/** A merger for what is written at `now`. */
export function mergerAt({ settings, driver, retention, normalise }: Context, now: number): Merger {
  return new CellMerger(settings, driver.capabilities, normalise, retention.oldestLive(now))
}

class CellMerger implements Merger {
  readonly labels: KnownLabels
  cells = 0
  values = 0
  expired = 0
  readonly #intervals: readonly Interval[]
  readonly #rules: TypeRules
  /** Whether a change carries more with each value. */
  readonly #grows: boolean
  readonly #capabilities: Capabilities
  readonly #normalise: Normaliser
  #cursors: readonly Cursor[] = []
  /** The oldest live bucket of each interval. */
  #oldest: readonly number[] = []
  readonly #names = new Map<string, Series>()
  /** In the order of a batch, and those that came since. */
  #sorted: Series[] = []
  #fresh: Series[] = []
  #lastSeries: Series | undefined

  constructor(settings: Settings, capabilities: Capabilities, normalise: Normaliser, oldestLive: OldestLive) {
    const { intervals, rules, labels } = settings
    this.labels = labels
    this.#intervals = intervals
    this.#rules = rules
    this.#grows = rules.many || rules.ownData === true
    this.#capabilities = capabilities
    this.#normalise = normalise
    this.restart(oldestLive)
  }

  restart(oldestLive: OldestLive): void {
    this.expired = 0
    // What the cursors know of buckets is right for one moment's oldest live ones only.
    this.#cursors = this.#intervals.map(newCursor)
    this.#oldest = this.#intervals.map((interval) => oldestLive[interval.name]!)
  }

  add(name: string, seconds: number, value: unknown, rolling: number, times?: number): void {
    this.file(name, seconds, this.check(name, seconds, value, rolling), rolling, times)
  }

  addAll(name: string, seconds: number, values: Iterable<unknown>, rolling: number, times?: number): void {
    // Also for an empty list, of which nothing is written.
    checkName(name, this.#capabilities)
    const scalars = Array.from(values, (value) => this.check(name, seconds, value, rolling))
    for (const scalar of scalars) this.file(name, seconds, scalar, rolling, times)
  }

  check(name: string, seconds: number, value: unknown, rolling: number): Scalar {
    const scalar = this.#normalise(value, name)
    if (rolling !== 0) {
      checkName(name, this.#capabilities)
      checkRolling(this.#intervals, seconds, rolling, name)
    }
    return scalar
  }

  file(name: string, seconds: number, scalar: Scalar, rolling: number, times = 1): void {
    const series = this.#seriesOf(name)
    const { prepare } = this.#rules
    const prepared = prepare === undefined ? scalar : prepare(scalar)
    for (let index = 0; index < this.#intervals.length; index++) {
      const interval = this.#intervals[index]!
      const cursor = this.#cursors[index]!
      if (seconds < cursor.low || seconds >= cursor.high) moveTo(cursor, interval, seconds, this.#oldest[index]!)
      if (interval.resolution !== null && (seconds < cursor.resolutionLow || seconds >= cursor.resolutionHigh)) {
        moveResolutionTo(cursor, interval.resolution, seconds)
      }
      this.#fileInto(series, index, prepared, times, seconds)
      if (rolling !== 0) this.#fileCopies(series, index, seconds, prepared, rolling, times)
    }
  }

  take(refuse?: (error: KairosError, cell: PendingCell) => void): PendingCell[] {
    const all: PendingCell[] = []
    let idle = 0
    for (const series of this.#inOrder()) {
      series.isIdle = true
      for (let index = 0; index < this.#intervals.length; index++) {
        const last = series.last[index]
        if (last === undefined) continue
        const cells = series.all[index]
        if (cells === undefined) this.#settle(last, all, refuse)
        else for (const key of ascending([...cells.keys()], byNumber)) this.#settle(cells.get(key)!, all, refuse)
        series.last[index] = undefined
        series.all[index] = undefined
        series.isIdle = false
      }
      if (series.isIdle) idle++
    }
    if (idle > MOST_IDLE) this.#forgetIdle()
    this.cells = 0
    this.values = 0
    return all
  }

  #settle(
    growing: GrowingCell,
    all: PendingCell[],
    refuse: ((error: KairosError, cell: PendingCell) => void) | undefined,
  ): void {
    const cell = settled(growing, this.#rules)
    const error = excessOf(cell, this.#rules, this.#capabilities.maxChange ?? Number.MAX_VALUE)
    if (error === undefined) all.push(cell)
    else if (refuse === undefined) throw error
    else refuse(error, cell)
  }

  #inOrder(): readonly Series[] {
    if (this.#fresh.length > 0) {
      this.#sorted = ascending(this.#sorted.concat(this.#fresh), byName)
      this.#fresh = []
    }
    return this.#sorted
  }

  #forgetIdle(): void {
    this.#sorted = this.#sorted.filter((series) => !series.isIdle || !this.#names.delete(series.name))
    this.#lastSeries = undefined
  }

  #seriesOf(name: string): Series {
    const last = this.#lastSeries
    if (last !== undefined && name === last.name) return last
    let series = this.#names.get(name)
    if (series === undefined) {
      checkName(name, this.#capabilities)
      series = { name, last: this.#intervals.map(nothing), all: this.#intervals.map(nothing), isIdle: false }
      this.#names.set(name, series)
      this.#fresh.push(series)
    }
    this.#lastSeries = series
    return series
  }

  /** Files a value where the cursor of the interval is. */
  #fileInto(series: Series, index: number, prepared: Scalar, times: number, seconds: number): void {
    const cursor = this.#cursors[index]!
    if (!cursor.live) {
      this.expired += times
      return
    }
    const { name: interval, resolution } = this.#intervals[index]!
    const rules = this.#rules
    const key = resolution === null ? cursor.bucket : cursor.resolutionBucket
    const last = series.last[index]
    const cell = last === undefined || last.key === key ? last : cellAt(series, index, last, key)
    if (cell === undefined) {
      const made: GrowingCell = {
        name: series.name,
        interval,
        bucket: cursor.bucket,
        resolutionBucket: resolution === null ? 0 : resolution.stored(cursor.bucket, key),
        change: rules.accumulate(undefined, prepared, times, seconds),
        pairs: times,
        size: 1,
        key,
      }
      series.last[index] = made
      series.all[index]?.set(key, made)
      this.cells++
      this.values++
      return
    }
    cell.change = rules.accumulate(cell.change, prepared, times, seconds)
    cell.pairs += times
    if (!this.#grows) return
    const size = rules.size(cell.change)
    this.values += size - cell.size
    cell.size = size
  }

  /** Expired copies are counted, not visited. */
  #fileCopies(series: Series, index: number, seconds: number, prepared: Scalar, rolling: number, times: number): void {
    const interval = this.#intervals[index]!
    const { buckets, resolution } = interval
    const cursor = this.#cursors[index]!
    const own = buckets.ordinalOf(buckets.bucketOf(seconds))
    const [first, last] = rolling > 0 ? [own + 1, own + rolling] : [own + rolling, own - 1]
    const oldestLive = this.#oldest[index]!
    const live = Math.min(last + 1, oldestLive === ALWAYS ? first : Math.max(first, buckets.ordinalOf(oldestLive)))
    this.expired += (live - first) * times
    for (let ordinal = live; ordinal <= last; ordinal++) {
      const start = buckets.startOf(buckets.bucketAt(ordinal))
      moveTo(cursor, interval, start, oldestLive)
      if (resolution !== null) moveResolutionTo(cursor, resolution, start)
      this.#fileInto(series, index, prepared, times, seconds)
    }
  }
}

function nothing(): undefined {}

function byName(one: Series, other: Series): number {
  return compareCodeUnits(one.name, other.name)
}

function byNumber(one: number, other: number): number {
  return one - other
}

/** Another cell than the one before, from now on the last; undefined: it is not there yet. */
function cellAt({ last, all }: Series, index: number, before: GrowingCell, key: number): GrowingCell | undefined {
  let cells = all[index]
  if (cells === undefined) {
    cells = new Map()
    cells.set(before.key, before)
    all[index] = cells
  }
  const cell = cells.get(key)
  if (cell !== undefined) last[index] = cell
  return cell
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
  if (settle !== undefined) cell.change = settle(cell.change)
  return cell as PendingCell
}

/** A sum can exceed what a double or a store can hold although each value does not. */
function excessOf({ name, change }: PendingCell, rules: TypeRules, maxChange: number): KairosError | undefined {
  const sum = sumIn(rules, change)
  if (sum === undefined || Math.abs(sum) <= maxChange) return undefined
  return new KairosError(
    'KAIROS_INVALID_VALUE',
    `the ${typeof change === 'number' ? 'counts' : 'values'} of the series ${describe(name)} must add up to at most ${maxChange} in one write, not ${sum}`,
    { series: name, value: sum },
  )
}

/** Sorts in place unless already sorted: most streams arrive in order, and checking is cheaper than sorting. */
export function ascending<T>(keys: T[], compare: (a: T, b: T) => number): T[] {
  for (let index = 1; index < keys.length; index++) {
    if (compare(keys[index - 1]!, keys[index]!) > 0) return keys.sort(compare)
  }
  return keys
}
