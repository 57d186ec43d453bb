import type { BucketRange, CellPosition, CellQuery, CellValue, OldestLive } from '../contract/cells.ts'
import { type Place, SortedList } from './sorted-list.ts'

export interface Cell extends CellPosition {
  value: CellValue
}

/** Cells by name, by interval and in the order of buckets; no list is empty, no name without lists. */
export class MemoryCells {
  readonly #names = new Map<string, Map<string, SortedList<Cell>>>()

  find(position: CellPosition & { readonly interval: string }): Cell | undefined {
    return this.#names.get(position.name)?.get(position.interval)?.find(at(position))
  }

  /** Inserts a cell; there must be none at its place. */
  insert(interval: string, cell: Cell): void {
    const lists = this.#names.get(cell.name) ?? new Map<string, SortedList<Cell>>()
    const list = lists.get(interval) ?? new SortedList<Cell>()
    list.insert(at(cell), cell)
    this.#names.set(cell.name, lists.set(interval, list))
  }

  within({ names, interval, range }: CellQuery): Cell[] {
    return this.#lists(names, interval).flatMap((list) => [
      ...list.ascending(startOf(range.first), startOf(range.last + 1)),
    ])
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

  /** The names with a cell from these buckets on. */
  live(oldestLive: OldestLive): string[] {
    const oldest = Object.entries(oldestLive)
    const isLive = (lists: ReadonlyMap<string, SortedList<Cell>>): boolean =>
      oldest.some(([interval, bucket]) => (lists.get(interval)?.last?.bucket ?? Number.NEGATIVE_INFINITY) >= bucket)
    return [...this.#names].filter(([, lists]) => isLive(lists)).map(([name]) => name)
  }

  /** Deletes the cells of these names, or of all, before the bucket; returns how many. */
  remove(wanted: readonly string[] | null, interval: string, before: number): number {
    let removed = 0
    for (const name of wanted ?? [...this.#names.keys()]) {
      const lists = this.#names.get(name)
      const list = lists?.get(interval)
      if (lists === undefined || list === undefined) continue
      removed += list.remove(startOf(Number.NEGATIVE_INFINITY), startOf(before))
      if (list.isEmpty) lists.delete(interval)
      if (lists.size === 0) this.#names.delete(name)
    }
    return removed
  }

  #lists(names: readonly string[], interval: string): SortedList<Cell>[] {
    return names.flatMap((name) => this.#names.get(name)?.get(interval) ?? [])
  }
}

function at({ bucket, resolutionBucket }: Omit<CellPosition, 'name'>): Place<Cell> {
  return (cell) => cell.bucket - bucket || cell.resolutionBucket - resolutionBucket
}

/** Before all cells of a bucket. */
function startOf(bucket: number): Place<Cell> {
  return (cell) => (cell.bucket < bucket ? -1 : 1)
}
