/** An async iterator read point by point, whose reader can be woken while it waits. */
export class Source {
  readonly #iterator: AsyncIterator<unknown>
  #pending: Promise<IteratorResult<unknown>> | undefined
  #wake: (() => void) | undefined

  constructor(points: AsyncIterable<unknown>) {
    this.#iterator = points[Symbol.asyncIterator]()
  }

  /** The next point; null if `wake` was called first: then the point is still to come. */
  next(): Promise<IteratorResult<unknown> | null> {
    return new Promise((resolve, reject) => {
      let waits = true
      // Before the source is asked, since it may abort or close when it is.
      this.#wake = () => {
        waits = false
        resolve(null)
      }
      this.#pending ??= Promise.resolve(this.#iterator.next())
      this.#pending.then((arrived) => {
        if (waits) this.#pending = undefined
        resolve(arrived)
      }, reject)
    })
  }

  wake(): void {
    this.#wake?.()
  }

  /** Tells the source that nobody reads on; its answer does not matter to the caller. */
  async leave(): Promise<void> {
    try {
      const left = this.#iterator.return?.()
      // A generator that is busy answers only when it is done, which may be never.
      if (this.#pending === undefined) await left
      else left?.catch(() => {})
    } catch {
      // Swallowed, as `for await` does: the first error counts.
    }
  }
}
