import type { CellWrite } from '@kairos/core/driver'

/** Of how many crowded cells a store remembers the level. */
const MOST_REMEMBERED = 20_000

/** What a process has learnt of crowded cells. What it has forgotten, or what is wrong since a delete, costs a few chunks and no more. */
export class Levels {
  readonly #levels = new Map<string, number>()

  get(cell: CellWrite): number {
    return this.#levels.size === 0 ? 0 : (this.#levels.get(textOf(cell)) ?? 0)
  }

  set(cell: CellWrite, level: number): void {
    const key = textOf(cell)
    // To the end of the order of insertion: the first one is who has been learnt the longest time ago.
    this.#levels.delete(key)
    this.#levels.set(key, level)
    if (this.#levels.size > MOST_REMEMBERED) this.#levels.delete(this.#levels.keys().next().value!)
  }

  clear(): void {
    this.#levels.clear()
  }
}

function textOf({ name, interval, bucket, resolutionBucket }: CellWrite): string {
  return `${bucket} ${resolutionBucket} ${interval.length} ${interval}${name}`
}
