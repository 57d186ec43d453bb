/** Starts work in the order in which it was asked for, although some of it must be prepared first. */
export class ArrivalQueue {
  /** Resolves when all that came before has begun or failed. */
  #last: Promise<void> | undefined

  /** Nothing waits: work that is prepared may begin at once. */
  get isEmpty(): boolean {
    return this.#last === undefined
  }

  /**
   * Prepares the work at once, and begins it when that is done. `turn`, which never rejects, is for `prepare` to await last: by then all that
   * came before has begun, or could not be prepared.
   */
  async start<T>(prepare: (turn: Promise<void>) => Promise<() => Promise<T>>): Promise<T> {
    const before = this.#last ?? Promise.resolve()
    const { promise: begun, resolve: leave } = Promise.withResolvers<void>()
    const last = before.then(() => begun)
    this.#last = last
    let running: Promise<T>
    try {
      const work = await prepare(before)
      running = work()
    } finally {
      leave()
      if (this.#last === last) this.#last = undefined
    }
    return running
  }
}
