import type { CellWrite, StoreFailure } from '../../contract/cells.ts'

/** What remains of a batch when core gives up. */
export interface Outcome {
  readonly notApplied: readonly CellWrite[]
  readonly maybeApplied: readonly CellWrite[]
  readonly retry: StoreFailure['retry']
  readonly cause: unknown
}

/** The cells that some attempt may have applied: once in doubt, a cell stays so, whatever a later attempt reports. */
export class Undecided {
  readonly #cells = new Map<string, CellWrite>()
  #fault: Outcome | undefined

  get isEmpty(): boolean {
    return this.#fault === undefined
  }

  /** Keeps only these. */
  keep(cells: readonly CellWrite[]): void {
    const keys = new Set(cells.map(keyOf))
    for (const key of this.#cells.keys()) if (!keys.has(key)) this.#cells.delete(key)
  }

  add(fault: Outcome): void {
    for (const cell of fault.maybeApplied) this.#cells.set(keyOf(cell), cell)
    if (fault.maybeApplied.length > 0) this.#fault = fault
  }

  /** After a successful attempt: where attempts may be repeated, it settles every doubt. */
  settled(repeatable: boolean): Outcome | null {
    return repeatable || this.#fault === undefined ? null : this.outcome([], this.#fault.retry, this.#fault.cause)
  }

  outcome(notApplied: readonly CellWrite[], retry: StoreFailure['retry'], cause: unknown): Outcome {
    const inDoubt = (cell: CellWrite): boolean => this.#cells.has(keyOf(cell))
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
export function keyOf({ name, interval, bucket, resolutionBucket }: CellWrite): string {
  return `${bucket} ${resolutionBucket} ${interval.length} ${interval}${name}`
}
