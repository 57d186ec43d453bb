/** What waits for its slots. */
interface Waiting {
  readonly slots: number
  begin(): void
}

/** Lets so much be in flight at once, in the order in which it comes; the heavier a request is, the more slots it takes. */
export class RequestSlots {
  readonly #all: number
  #free: number
  readonly #waiting: Waiting[] = []

  constructor(slots: number) {
    this.#all = slots
    this.#free = slots
  }

  /** What `send` comes to, once there is room for it. */
  async use<T>(wanted: number, send: () => Promise<T>): Promise<T> {
    // The heaviest goes alone.
    const slots = Math.min(wanted, this.#all)
    if (this.#waiting.length === 0 && this.#free >= slots) this.#free -= slots
    else await new Promise<void>((begin) => this.#waiting.push({ slots, begin }))
    try {
      return await send()
    } finally {
      this.#free += slots
      this.#admit()
    }
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next !== undefined && next.slots <= this.#free; next = this.#waiting[0]) {
      this.#waiting.shift()
      this.#free -= next.slots
      next.begin()
    }
  }
}
