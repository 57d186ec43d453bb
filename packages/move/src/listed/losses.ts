import type { SourceLoss } from './types.ts'

/** How many examples are kept for each reason. */
const EXAMPLES = 5
/** How many places are told apart, so that memory stays bounded. */
const MOST = 10_000

/** Counts what a source loses, each place once, however often it is read. */
export class Losses {
  readonly #places = new Map<string, Set<string>>()

  add(reason: string, place: string): void {
    const places = this.#places.get(reason) ?? new Set()
    if (places.size < MOST) this.#places.set(reason, places.add(place))
  }

  get report(): SourceLoss[] {
    return Array.from(this.#places, ([reason, places]) => ({
      reason,
      count: places.size,
      examples: [...places].slice(0, EXAMPLES),
    }))
  }
}
