import type { CellValue } from '../../contract/cells.ts'
import { compareCodeUnits } from '../../internal/order.ts'
import type { Settings } from '../../settings.ts'
import type { Accumulated } from '../../types/rules.ts'
import { finestBucketOf } from '../finest.ts'
import { MOST_CELLS, MOST_VALUES } from './batches.ts'
import type { PendingCell } from './merge.ts'

/** A cell with the changes of one call or several. */
export interface SharedCell extends PendingCell {
  /** How many calls' changes it has. */
  calls: number
}

type GrowingCell = Omit<SharedCell, 'change'> & { change: Accumulated }

/** Merges the cells of several calls, in the order of their arrival; those cells stay as they are. */
export class SharedCells {
  readonly #settings: Settings
  /** By name and interval, then by resolution bucket, or by bucket if the interval is coarse. */
  readonly #names = new Map<string, Map<string, Map<number, GrowingCell>>>()
  readonly #keyOf: ReadonlyMap<string, (cell: PendingCell) => number>
  #cells = 0
  #values = 0

  constructor(settings: Settings) {
    this.#settings = settings
    this.#keyOf = new Map(
      settings.intervals.map((interval) => [interval.name, (cell) => finestBucketOf(interval, cell)]),
    )
  }

  /** Whether so many more cells and values fit into one batch, also if no cell is shared. */
  hasRoomFor(cells: number, values: number): boolean {
    return this.#cells + cells <= MOST_CELLS && this.#values + values <= MOST_VALUES
  }

  add(cells: readonly PendingCell[]): void {
    const { rules } = this.#settings
    for (const cell of cells) {
      const found = this.#cellsOf(cell)
      const key = this.#keyOf.get(cell.interval)!(cell)
      const shared = found.get(key)
      if (shared === undefined) {
        const change = rules.absorb(undefined, cell.change)
        found.set(key, { ...cell, change, calls: 1 })
        this.#cells++
        this.#values += rules.size(change)
        continue
      }
      const before = rules.size(shared.change)
      shared.change = rules.absorb(shared.change, cell.change)
      this.#values += rules.size(shared.change) - before
      shared.pairs += cell.pairs
      shared.calls++
    }
  }

  /** All cells, in the order of a batch. */
  take(): SharedCell[] {
    const { intervals, rules } = this.#settings
    const all: SharedCell[] = []
    for (const name of [...this.#names.keys()].sort(compareCodeUnits)) {
      const byInterval = this.#names.get(name)!
      for (const { name: interval } of intervals) {
        const cells = byInterval.get(interval)
        if (cells === undefined) continue
        for (const key of [...cells.keys()].sort((a, b) => a - b)) {
          const cell = cells.get(key)!
          const change = rules.settle === undefined ? (cell.change as CellValue) : rules.settle(cell.change)
          all.push(Object.assign(cell, { change }))
        }
      }
    }
    return all
  }

  #cellsOf({ name, interval }: PendingCell): Map<number, GrowingCell> {
    let byInterval = this.#names.get(name)
    if (byInterval === undefined) {
      byInterval = new Map()
      this.#names.set(name, byInterval)
    }
    let cells = byInterval.get(interval)
    if (cells === undefined) {
      cells = new Map()
      byInterval.set(interval, cells)
    }
    return cells
  }
}
