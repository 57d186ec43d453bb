import type { CellPosition } from '@kairos/core/driver'

/** A cell of an interval. */
type Cell = CellPosition & { readonly interval: string }

/** How many cells a store keeps hints for. */
const MOST_HINTS = 20_000

/** Where cells with more than one chunk continue, as this process last saw it: a number, 0 if unknown. What it forgets, it looks up again. */
export class ChunkHints {
  readonly #numbers = new Map<string, number>()

  get(cell: Cell): number {
    return this.#numbers.size === 0 ? 0 : (this.#numbers.get(textOf(cell)) ?? 0)
  }

  set(cell: Cell, number: number): void {
    const key = textOf(cell)
    // Moves to the end of the order of insertion, so that the first one is the oldest.
    this.#numbers.delete(key)
    if (number > 0) this.#numbers.set(key, number)
    if (this.#numbers.size > MOST_HINTS) this.#numbers.delete(this.#numbers.keys().next().value!)
  }

  clear(): void {
    this.#numbers.clear()
  }
}

function textOf({ name, interval, bucket, resolutionBucket }: Cell): string {
  return `${bucket} ${resolutionBucket} ${interval.length} ${interval}${name}`
}
