/** Parts of answers that are read from stores at once; each may be as large as one event. */
const FETCHES = 16

/** Bytes that all requests of a handler hold together. */
export class ByteBudget {
  readonly #most: number
  #held = 0
  #fetching = 0
  #waiting: (() => void)[] = []

  constructor(most: number) {
    this.#most = most
  }

  get isFull(): boolean {
    return this.#held >= this.#most
  }

  /** Less than half of it is held: there is room for what may be wanted soon. */
  get isEasy(): boolean {
    return this.#held * 2 < this.#most
  }

  hold(bytes: number): void {
    this.#held += bytes
  }

  release(bytes: number): void {
    this.#held -= bytes
    this.#wake()
  }

  /** Reads something whose size shows only when it is there: few at a time, and none while the budget is full. */
  async fetch<T>(read: () => Promise<T>): Promise<T> {
    while (this.isFull || this.#fetching === FETCHES) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#fetching++
    try {
      return await read()
    } finally {
      this.#fetching--
      this.#wake()
    }
  }

  #wake(): void {
    if (this.#waiting.length === 0 || this.isFull) return
    const waiting = this.#waiting
    this.#waiting = []
    for (const go of waiting) go()
  }
}

/** What one request holds of a budget; `release` gives back all of it. */
export class HeldBytes {
  readonly #budget: ByteBudget
  #held = 0

  constructor(budget: ByteBudget) {
    this.#budget = budget
  }

  get budget(): ByteBudget {
    return this.#budget
  }

  add(bytes: number): void {
    this.#held += bytes
    this.#budget.hold(bytes)
  }

  release(): void {
    const held = this.#held
    this.#held = 0
    this.#budget.release(held)
  }
}
