/** How many parts of responses are read from stores at once. Each may be as large as one event. */
const CONCURRENT_READS = 16

/** The bytes that all requests of a handler hold together. */
export class ByteBudget {
  readonly #most: number
  #held = 0
  #reading = 0
  #waiting: (() => void)[] = []

  constructor(most: number) {
    this.#most = most
  }

  get isFull(): boolean {
    return this.#held >= this.#most
  }

  /** Whether less than half of the budget is held, so that there is room for reading ahead. */
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

  /** Reads something whose size is unknown until it arrives: a few at a time, and none while the budget is full. */
  async read<T>(read: () => Promise<T>): Promise<T> {
    while (this.isFull || this.#reading === CONCURRENT_READS) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    this.#reading++
    try {
      return await read()
    } finally {
      this.#reading--
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

/** The bytes that one request holds of a budget. */
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

  /** Returns all bytes. */
  release(): void {
    const held = this.#held
    this.#held = 0
    this.#budget.release(held)
  }
}
