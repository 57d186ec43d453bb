/** What an eviction counted in a capped stream. */
export interface CountedStream {
  readonly total: number
  /** How many of them come after the mark. */
  readonly afterMark: number
  /** The key that represented now when they were counted. */
  readonly mark: string
  /** How many evictions ago that was. */
  readonly rounds: number
}

/** What repeated evictions remember of capped streams, so that each does not have to count every event. */
export class EvictionMemory {
  #streams = new Map<string, CountedStream>()
  #next = new Map<string, CountedStream>()

  recall(place: string): CountedStream | undefined {
    return this.#streams.get(place)
  }

  remember(place: string, counted: CountedStream): void {
    this.#next.set(place, counted)
  }

  /** Ends a round, and forgets the streams that it did not visit. */
  endRound(): void {
    this.#streams = this.#next
    this.#next = new Map()
  }
}
