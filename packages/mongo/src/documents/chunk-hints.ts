import type { CellWrite } from '@kairos/core/driver'

/** Of how many cells a store remembers something. */
const MOST_REMEMBERED = 20_000

/** What a process has learnt of cells with more than one chunk: a number, 0 where nothing is known. What it has forgotten it finds out again. */
export class Memory {
  readonly #numbers = new Map<string, number>()

  get(cell: CellWrite): number {
    return this.#numbers.size === 0 ? 0 : (this.#numbers.get(textOf(cell)) ?? 0)
  }

  set(cell: CellWrite, number: number): void {
    const key = textOf(cell)
    // To the end of the order of insertion: the first one is who has been learnt the longest time ago.
    this.#numbers.delete(key)
    if (number > 0) this.#numbers.set(key, number)
    if (this.#numbers.size > MOST_REMEMBERED) this.#numbers.delete(this.#numbers.keys().next().value!)
  }

  clear(): void {
    this.#numbers.clear()
  }
}

function textOf({ name, interval, bucket, resolutionBucket }: CellWrite): string {
  return `${bucket} ${resolutionBucket} ${interval.length} ${interval}${name}`
}
