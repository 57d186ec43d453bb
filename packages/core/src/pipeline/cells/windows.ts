import type { BucketRange, CellPosition, CellValue, NamesPage, StoredCell } from '../../contract/cells.ts'
import { compareCodePoints } from '../../internal/order.ts'
import { livePart } from '../../retention.ts'
import type { Interval, Settings } from '../../settings.ts'
import { shiftBucket } from '../../time/calculator.ts'
import { dictionary } from '../../toolkit/dictionary.ts'
import { mapConcurrently } from '../../toolkit/map-concurrently.ts'
import { mergeAll } from '../../types/rules.ts'
import type { CallPlan, Context } from '../context.ts'
import { bucketsWithin, type Stretch } from '../selected.ts'
import { storeCall } from '../store-call.ts'
import { weigherOf } from '../weigh.ts'
import type { ChosenNames } from './chosen-names.ts'
import { type Cursor, compareCells } from './cursor.ts'

/** Which cells to read. */
export interface Selection extends ChosenNames {
  readonly intervals: readonly Interval[]
  readonly stretch: Stretch
  /** Only cells behind this one. */
  readonly after: Cursor | undefined
  /** For messages: which call reads them. */
  readonly operation: string
}

/** A cell as it was found. */
export interface FoundCell extends CellPosition {
  readonly interval: string
  readonly value: CellValue
}

/** How many names are looked at together. */
const GROUP = 500
/** About how many values a window should hold. */
const VALUES = 5_000
/** The most cells that one read may find, however sparse the data was before it. */
const MOST_CELLS = 200_000
/** The first read expects this many values in each cell. */
const FIRST_VALUES = 10
const FIRST_VALUES_OF_LARGE = 300
/** How many names are asked for their bounds at once. */
const CONCURRENCY = 16

/**
 * The cells in the order of interval, name and bucket, in windows that fit into memory: names by page, what range they cover by `bounds`, and
 * then as many names in one read as can hold few enough cells, or one name in several.
 */
export async function* windowsOf(
  context: Context,
  plan: CallPlan,
  selection: Selection,
): AsyncGenerator<readonly FoundCell[], undefined> {
  const reader = new Reader(context, plan, selection)
  for (const interval of selection.intervals) {
    if (selection.after !== undefined && interval.name < selection.after.interval) continue
    for await (const names of reader.names(interval)) yield* reader.cells(interval, names)
  }
}

class Reader {
  readonly #context: Context
  readonly #plan: CallPlan
  readonly #selection: Selection
  readonly #weigh: (value: CellValue) => number
  /** How many cells a read may find, by what cells held so far. */
  #budget: number

  constructor(context: Context, plan: CallPlan, selection: Selection) {
    this.#context = context
    this.#plan = plan
    this.#selection = selection
    const { rules, kind } = context.settings
    this.#weigh = weigherOf(context.settings)
    this.#budget = Math.floor(VALUES / (rules.many || kind?.long ? FIRST_VALUES_OF_LARGE : FIRST_VALUES))
  }

  /** The names that may have cells in an interval, some at a time. */
  async *names(interval: Interval): AsyncGenerator<readonly string[], undefined> {
    const { names, prefix, after: cursor } = this.#selection
    const from = cursor?.interval === interval.name ? cursor.name : undefined
    if (names !== undefined) {
      const left = from === undefined ? names : names.filter((name) => compareCodePoints(name, from) >= 0)
      for (let index = 0; index < left.length; index += GROUP) yield left.slice(index, index + GROUP)
      return
    }
    // The cursor's own name comes first: it may have more cells.
    if (from?.startsWith(prefix)) yield [from]
    let after = from
    do {
      const query = {
        oldestLive: dictionary([[interval.name, this.#oldestLive(interval)]]),
        limit: GROUP,
        ...(prefix !== '' && { prefix }),
        ...(after !== undefined && { after }),
      }
      const page: NamesPage = await this.#call('names', (store, own) => store.names(query, own))
      if (page.names.length > 0) yield page.names
      after = page.next
    } while (after !== undefined)
  }

  /** The cells of these names, which are in order. */
  async *cells(interval: Interval, names: readonly string[]): AsyncGenerator<readonly FoundCell[], undefined> {
    const range = this.#live(interval, this.#rangeFor(interval, names))
    if (range === null) return
    const hull = await this.#bounds(interval, names, range)
    if (hull === null) return
    if (mostCells(interval, hull) * names.length <= this.#budget || names.length === 1) {
      yield* this.#within(interval, names, hull, mostCells(interval, hull) * names.length)
      return
    }
    const extents = await mapConcurrently(CONCURRENCY, names, (name) => this.#bounds(interval, [name], hull))
    let group: { names: string[]; hull: BucketRange; most: number } | undefined
    for (const [index, name] of names.entries()) {
      const extent = extents[index]!
      if (extent === null) continue
      const most = mostCells(interval, extent)
      if (group !== undefined && group.most + most > this.#budget) {
        yield* this.#within(interval, group.names, group.hull, group.most)
        group = undefined
      }
      group ??= { names: [], hull: extent, most: 0 }
      group.names.push(name)
      group.hull = around(group.hull, extent)
      group.most += most
    }
    if (group !== undefined) yield* this.#within(interval, group.names, group.hull, group.most)
  }

  /** In one read where that finds few enough cells; else window by window, which only one name needs. */
  async *#within(
    interval: Interval,
    names: readonly string[],
    extent: BucketRange,
    most: number,
  ): AsyncGenerator<readonly FoundCell[], undefined> {
    if (most <= this.#budget) {
      const cells = await this.#read(interval, names, extent, most)
      if (cells.length > 0) yield cells
      return
    }
    const { buckets, fanOut } = interval
    let { first } = extent
    while (first <= extent.last) {
      const size = Math.max(1, Math.floor(this.#budget / fanOut))
      const range = { first, last: Math.min(shiftBucket(buckets, first, size - 1), extent.last) }
      const cells = await this.#read(interval, names, range, size * fanOut)
      first = shiftBucket(buckets, range.last, 1)
      if (cells.length > 0) yield cells
      else if (first <= extent.last) {
        // A gap may be as long as history: the store knows where it ends.
        const rest = await this.#bounds(interval, names, { first, last: extent.last })
        if (rest === null) return
        first = rest.first
      }
    }
  }

  async #read(
    interval: Interval,
    names: readonly string[],
    range: BucketRange,
    most: number,
  ): Promise<readonly FoundCell[]> {
    const live = this.#live(interval, range)
    if (live === null) return []
    const query = { names, interval: interval.name, range: live }
    const found = await this.#call('read', (store, own) => store.read(query, own))
    const weight = found.reduce((sum, { value }) => sum + this.#weigh(value), 0)
    const byDensity = Math.floor((most * VALUES) / Math.max(weight, 1))
    // Growing slowly, since what comes next may be dense.
    this.#budget = Math.max(1, Math.min(byDensity, this.#budget * 4, MOST_CELLS))
    const cells = inOrder(this.#context.settings, interval.name, names, found)
    const { after } = this.#selection
    return after === undefined ? cells : cells.filter((cell) => compareCells(cell, after) > 0)
  }

  /** Where the names are only the cursor's, cells before it need not be read. */
  #rangeFor(interval: Interval, names: readonly string[]): BucketRange {
    const range = bucketsWithin(interval, this.#selection.stretch)
    const { after } = this.#selection
    if (after === undefined || after.interval !== interval.name || names.length > 1 || names[0] !== after.name)
      return range
    return { first: Math.max(range.first, after.bucket), last: range.last }
  }

  #live(interval: Interval, range: BucketRange): BucketRange | null {
    const live = livePart(range, this.#oldestLive(interval))
    return live === null || live.first > live.last ? null : live
  }

  #oldestLive(interval: Interval): number {
    const { retention } = this.#context
    return retention.oldestLive(retention.now())[interval.name]!
  }

  #bounds(interval: Interval, names: readonly string[], range: BucketRange): Promise<BucketRange | null> {
    return this.#call('bounds', (store, own) => store.bounds({ names, interval: interval.name, range }, own))
  }

  #call<T>(method: 'names' | 'bounds' | 'read', work: Parameters<typeof storeCall<T>>[4]): Promise<T> {
    return storeCall(this.#context, this.#plan, this.#selection.operation, method, work)
  }
}

/** The most cells that one name can have in a range. */
function mostCells({ buckets, fanOut }: Interval, { first, last }: BucketRange): number {
  return (buckets.ordinalOf(last) - buckets.ordinalOf(first) + 1) * fanOut
}

function around(one: BucketRange, other: BucketRange): BucketRange {
  return { first: Math.min(one.first, other.first), last: Math.max(one.last, other.last) }
}

/** The cells by name and bucket, each in one piece. */
function inOrder(
  { rules }: Settings,
  interval: string,
  names: readonly string[],
  found: readonly StoredCell[],
): FoundCell[] {
  const byName = new Map<string, StoredCell[]>(names.map((name) => [name, []]))
  for (const cell of found) byName.get(cell.name)?.push(cell)
  const cells: FoundCell[] = []
  for (const own of byName.values()) {
    if (!own.every((cell, index) => index === 0 || compareBuckets(own[index - 1]!, cell) < 0)) own.sort(compareBuckets)
    for (let index = 0; index < own.length; ) {
      const cell = own[index++]!
      const { name, bucket, resolutionBucket } = cell
      let { value } = cell
      // Few stores give a cell in parts.
      if (index < own.length && compareBuckets(cell, own[index]!) === 0) {
        const parts = [value]
        while (index < own.length && compareBuckets(cell, own[index]!) === 0) parts.push(own[index++]!.value)
        value = mergeAll(rules, parts) as CellValue
      }
      cells.push({ name, interval, bucket, resolutionBucket, value })
    }
  }
  return cells
}

function compareBuckets(one: CellPosition, other: CellPosition): number {
  return one.bucket - other.bucket || one.resolutionBucket - other.resolutionBucket
}
