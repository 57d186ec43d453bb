import type { CellWriteResult } from '../../api/cells.ts'
import { createYielder } from '../../calls/yielder.ts'
import { compareCodeUnits } from '../../internal/order.ts'
import type { CallPlan, Context } from '../context.ts'
import { MOST_CELLS, MOST_VALUES } from '../write/batches.ts'
import { commit } from '../write/group-commit.ts'
import { keyOf } from '../write/undecided.ts'
import { PLAIN } from '../write/write-plan.ts'
import type { CheckedCell } from './check-cell.ts'
import { replaceCells } from './replace-cells.ts'

/** Collects checked cells until they fill a batch, and writes it: adds them to what is there, or replaces that. */
export class CellBatches {
  readonly tally: CellWriteResult = { stored: 0, expired: 0, unexpected: [] }
  readonly #context: Context
  readonly #plan: CallPlan
  readonly #replaces: boolean
  readonly #turn = createYielder()
  #cells: CheckedCell[] = []
  /** Of the cells of the next batch, from the first that does not follow the one before it: until then none can come twice. */
  #keys: Set<string> | undefined
  #values = 0

  constructor(context: Context, plan: CallPlan, replaces: boolean) {
    this.#context = context
    this.#plan = plan
    this.#replaces = replaces
  }

  /** What the next batch holds so far. */
  get waiting(): readonly CheckedCell[] {
    return this.#cells
  }

  /**
   * A cell that comes again waits until the one before is written: the later one is added, or counts. Returns a promise where a batch is written first,
   * as few of many cells have to wait.
   */
  add(cell: CheckedCell): Promise<void> | undefined {
    const { retention, settings } = this.#context
    if (cell.bucket < retention.oldestLive(retention.now())[cell.interval]!) {
      this.tally.expired++
      return undefined
    }
    const size = sizeOf(settings.rules, cell)
    const isFull = this.#cells.length === MOST_CELLS || this.#values + size > MOST_VALUES
    if (isFull || this.#holds(cell)) return this.flush().then(() => this.#put(cell, size))
    this.#put(cell, size)
    return undefined
  }

  async flush(): Promise<void> {
    const cells = this.#keys === undefined ? this.#cells : this.#cells.sort(inBatchOrder)
    this.#cells = []
    this.#keys = undefined
    this.#values = 0
    if (cells.length === 0) return
    if (this.#replaces) await replaceCells(this.#context, this.#plan, cells, this.tally)
    else await this.#merge(cells)
    await this.#turn()
  }

  #holds(cell: CheckedCell): boolean {
    if (this.#keys === undefined) {
      const last = this.#cells.at(-1)
      if (last === undefined || inBatchOrder(last, cell) < 0) return false
      this.#keys = new Set(this.#cells.map(keyOf))
    }
    return this.#keys.has(keyOf(cell))
  }

  #put(cell: CheckedCell, size: number): void {
    this.#cells.push(cell)
    this.#keys?.add(keyOf(cell))
    this.#values += size
  }

  async #merge(cells: readonly CheckedCell[]): Promise<void> {
    const pending = cells.map(({ value, ...position }) => ({ ...position, change: value!, pairs: 1 }))
    const plan = { ...PLAIN, ...this.#plan, signal: this.#plan.callOptions.signal }
    await commit(this.#context, plan, pending, this.#context.retention.now(), this.tally)
  }
}

function sizeOf(rules: Context['settings']['rules'], { value, expected }: CheckedCell): number {
  return (
    (value === null ? 1 : rules.size(value)) + (expected === undefined || expected === null ? 0 : rules.size(expected))
  )
}

function inBatchOrder(one: CheckedCell, other: CheckedCell): number {
  return (
    compareCodeUnits(one.name, other.name) ||
    compareCodeUnits(one.interval, other.interval) ||
    one.bucket - other.bucket ||
    one.resolutionBucket - other.resolutionBucket
  )
}
