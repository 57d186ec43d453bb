import type {
  BucketRange,
  CellPosition,
  CellQuery,
  CellValue,
  NamesPage,
  NamesQuery,
  OldestLive,
} from '../contract/cells.ts'
import { compareCodePoints } from '../internal/order.ts'
import { type Place, SortedList } from './sorted-list.ts'

export interface Cell extends CellPosition {
  value: CellValue
}
type Intervals = Map<string, SortedList<Cell>>

const ALL: BucketRange = { first: Number.NEGATIVE_INFINITY, last: Number.POSITIVE_INFINITY }

/** Cells by name, by interval and in the order of buckets; no list is empty, no name without lists. */
export class MemoryCells {
  readonly #names = new Map<string, Intervals>()
  /** The same names by code points, for pages. */
  readonly #sorted = new SortedList<string>()

  /** The list that `find` looked into last, and whose it is: cells of a batch come by name and interval. */
  #recent: { readonly name: string; readonly interval: string; readonly list: SortedList<Cell> } | undefined

  find(position: CellPosition & { readonly interval: string }): Cell | undefined {
    const { name, interval } = position
    if (this.#recent?.name !== name || this.#recent.interval !== interval) {
      const list = this.#names.get(name)?.get(interval)
      this.#recent = list && { name, interval, list }
    }
    return this.#recent?.list.find(at(position))
  }

  /** Inserts a cell; there must be none at its place. */
  insert(position: CellPosition & { readonly interval: string }, value: CellValue): void {
    const { name, interval, bucket, resolutionBucket } = position
    let lists = this.#names.get(name)
    if (lists === undefined) {
      lists = new Map()
      this.#names.set(name, lists)
      this.#sorted.insert(atName(name), name)
    }
    let list = lists.get(interval)
    if (list === undefined) {
      list = new SortedList()
      lists.set(interval, list)
    }
    list.insert(at(position), { name, bucket, resolutionBucket, value })
  }

  within({ names, interval, range }: CellQuery): Cell[] {
    const lists = this.#lists(names, interval).map((list) => list.slice(startOf(range.first), startOf(range.last + 1)))
    return lists.length === 1 ? lists[0]! : lists.flat()
  }

  bounds({ names, interval, range }: CellQuery): BucketRange | null {
    const bounds = { first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY }
    for (const list of this.#lists(names, interval)) {
      const first = list.firstFrom(startOf(range.first))
      const last = list.lastBefore(startOf(range.last + 1))
      if (first === undefined || last === undefined || first.bucket > last.bucket) continue
      bounds.first = Math.min(bounds.first, first.bucket)
      bounds.last = Math.max(bounds.last, last.bucket)
    }
    return bounds.first > bounds.last ? null : bounds
  }

  /** A page of the names with a cell from these buckets on. */
  live({ oldestLive, prefix = '', after, limit }: NamesQuery): NamesPage {
    const names: string[] = []
    const from = after !== undefined && compareCodePoints(after, prefix) > 0 ? after : prefix
    for (const name of this.#sorted.ascending(atName(from), () => -1)) {
      if (!name.startsWith(prefix)) break
      if (name === after || !isLive(this.#names.get(name)!, oldestLive)) continue
      if (names.length === limit) return { names, next: names.at(-1)! }
      names.push(name)
    }
    return { names }
  }

  hasLive(oldestLive: OldestLive): boolean {
    for (const lists of this.#names.values()) if (isLive(lists, oldestLive)) return true
    return false
  }

  /** The names with cells in an interval. */
  *names(interval: string): Generator<string> {
    for (const [name, lists] of this.#names) if (lists.has(interval)) yield name
  }

  /** Deletes the cells of these names, or of all, in a range of buckets or at one place; returns how many. */
  remove(
    wanted: readonly string[] | null,
    interval: string,
    which: BucketRange | Omit<CellPosition, 'name'> = ALL,
  ): number {
    let removed = 0
    this.#recent = undefined
    for (const name of wanted ?? [...this.#names.keys()]) {
      const lists = this.#names.get(name)
      const list = lists?.get(interval)
      if (lists === undefined || list === undefined) continue
      removed +=
        'bucket' in which
          ? list.remove(at(which), after(which))
          : list.remove(startOf(which.first), startOf(which.last + 1))
      if (list.isEmpty) lists.delete(interval)
      if (lists.size > 0) continue
      this.#names.delete(name)
      this.#sorted.remove(atName(name), afterName(name))
    }
    return removed
  }

  #lists(names: readonly string[], interval: string): SortedList<Cell>[] {
    return names.flatMap((name) => this.#names.get(name)?.get(interval) ?? [])
  }
}

function isLive(lists: Intervals, oldestLive: OldestLive): boolean {
  for (const [interval, list] of lists)
    if (Object.hasOwn(oldestLive, interval) && list.last!.bucket >= oldestLive[interval]!) return true
  return false
}

function at({ bucket, resolutionBucket }: Omit<CellPosition, 'name'>): Place<Cell> {
  return (cell) => cell.bucket - bucket || cell.resolutionBucket - resolutionBucket
}

/** Behind the cell of that place, and before all others. */
function after({ bucket, resolutionBucket }: Omit<CellPosition, 'name'>): Place<Cell> {
  return (cell) => cell.bucket - bucket || (cell.resolutionBucket <= resolutionBucket ? -1 : 1)
}

/** Before all cells of a bucket. */
function startOf(bucket: number): Place<Cell> {
  return (cell) => (cell.bucket < bucket ? -1 : 1)
}

function atName(name: string): Place<string> {
  return (other) => compareCodePoints(other, name)
}

function afterName(name: string): Place<string> {
  return (other) => (compareCodePoints(other, name) <= 0 ? -1 : 1)
}
