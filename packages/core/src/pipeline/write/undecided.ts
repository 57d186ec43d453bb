import type { CellPosition, CellWrite, StoreFailure } from '../../contract/cells.ts'

/** A cell of an interval: one to be changed, or one to be replaced. */
export interface CellOf extends CellPosition {
  readonly interval: string
}

/** What remains of a batch when core gives up. */
export interface Outcome<Cell extends CellOf = CellWrite> {
  readonly notApplied: readonly Cell[]
  readonly maybeApplied: readonly Cell[]
  readonly retry: StoreFailure['retry']
  readonly cause: unknown
}

/** The cells that some attempt may have applied: once in doubt, a cell stays so, whatever a later attempt reports. */
export class Undecided<Cell extends CellOf = CellWrite> {
  readonly #cells = new Map<string, Cell>()
  #fault: Outcome<Cell> | undefined

  get isEmpty(): boolean {
    return this.#fault === undefined
  }

  /** Keeps only these. */
  keep(cells: readonly Cell[]): void {
    const keys = new Set(cells.map(keyOf))
    for (const key of this.#cells.keys()) if (!keys.has(key)) this.#cells.delete(key)
  }

  add(fault: Outcome<Cell>): void {
    for (const cell of fault.maybeApplied) this.#cells.set(keyOf(cell), cell)
    if (fault.maybeApplied.length > 0) this.#fault = fault
  }

  /** After a successful attempt: where attempts may be repeated, it settles every doubt. */
  settled(repeatable: boolean): Outcome<Cell> | null {
    return repeatable || this.#fault === undefined ? null : this.outcome([], this.#fault.retry, this.#fault.cause)
  }

  outcome(notApplied: readonly Cell[], retry: StoreFailure['retry'], cause: unknown): Outcome<Cell> {
    const inDoubt = (cell: Cell): boolean => this.#cells.has(keyOf(cell))
    return {
      notApplied: notApplied.filter((cell) => !inDoubt(cell)),
      // One part in doubt puts the whole cell in doubt; its other parts are still not stored.
      maybeApplied: [...this.#cells.values(), ...notApplied.filter(inDoubt)],
      retry,
      cause,
    }
  }
}

/** A text that identifies a cell. */
export function keyOf({ name, interval, bucket, resolutionBucket }: CellOf): string {
  return `${bucket} ${resolutionBucket} ${interval.length} ${interval}${name}`
}
