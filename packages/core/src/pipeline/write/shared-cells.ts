import { compareCodeUnits } from '../../internal/order.ts'
import type { Settings } from '../../settings.ts'
import type { Accumulated } from '../../types/rules.ts'
import { finestBucketOf } from '../finest.ts'
import { MOST_CELLS, MOST_VALUES } from './batches.ts'
import { ascending, type PendingCell } from './merge.ts'

/** A cell with the changes of one call or several. */
export interface SharedCell extends PendingCell {
  /** How many calls' changes it has. */
  calls: number
}

type GrowingCell = Omit<SharedCell, 'change'> & { change: Accumulated }

/** Merges the cells of several calls, in the order of their arrival; those cells stay as they are. */
export class SharedCells {
  readonly #settings: Settings
  readonly #ordinals: ReadonlyMap<string, number>
  /** By name and interval, then by resolution bucket, or by bucket if the interval is coarse. */
  readonly #names = new Map<string, (Map<number, GrowingCell> | undefined)[]>()
  /** The cells of one call mostly have one name. */
  #lastName: string | undefined
  #lastCells: (Map<number, GrowingCell> | undefined)[] = []
  #cells = 0
  #values = 0

  constructor(settings: Settings) {
    this.#settings = settings
    this.#ordinals = new Map(settings.intervals.map(({ name }, ordinal) => [name, ordinal]))
  }

  /** Whether this many more cells and values fit into one batch, also if no cell is shared. */
  hasRoomFor(cells: number, values: number): boolean {
    return this.#cells + cells <= MOST_CELLS && this.#values + values <= MOST_VALUES
  }

  add(cells: readonly PendingCell[]): void {
    const { intervals, rules } = this.#settings
    for (const cell of cells) {
      const ordinal = this.#ordinals.get(cell.interval)!
      const found = this.#cellsOf(cell.name, ordinal)
      const key = finestBucketOf(intervals[ordinal]!, cell)
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
    for (const name of ascending([...this.#names.keys()], compareCodeUnits)) {
      const byInterval = this.#names.get(name)!
      for (let ordinal = 0; ordinal < intervals.length; ordinal++) {
        const cells = byInterval[ordinal]
        if (cells === undefined) continue
        for (const key of ascending([...cells.keys()], (a, b) => a - b)) {
          const cell = cells.get(key)!
          if (rules.settle !== undefined) cell.change = rules.settle(cell.change)
          all.push(cell as SharedCell)
        }
      }
    }
    return all
  }

  #cellsOf(name: string, ordinal: number): Map<number, GrowingCell> {
    if (name !== this.#lastName) {
      this.#lastName = name
      this.#lastCells = this.#names.get(name) ?? []
      this.#names.set(name, this.#lastCells)
    }
    let cells = this.#lastCells[ordinal]
    if (cells === undefined) {
      cells = new Map()
      this.#lastCells[ordinal] = cells
    }
    return cells
  }
}
