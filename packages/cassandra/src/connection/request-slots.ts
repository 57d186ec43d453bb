/** A request that waits for its slots. */
interface Waiting {
  readonly slots: number
  begin(): void
}

/** Limits what is in flight, first come, first served. A heavy request takes several slots. */
export class RequestSlots {
  readonly #all: number
  #free: number
  readonly #waiting: Waiting[] = []

  constructor(slots: number) {
    this.#all = slots
    this.#free = slots
  }

  /** Calls `send` once its slots are free, and settles as it does. */
  async use<T>(wanted: number, send: () => Promise<T>): Promise<T> {
    // A request heavier than all slots together runs alone.
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
