/** An async iterator that is read point by point, and from whose next point one can be called away. */
export class Source {
  readonly #iterator: AsyncIterator<unknown>
  #pending: Promise<IteratorResult<unknown>> | undefined
  #wake: (() => void) | undefined

  constructor(points: AsyncIterable<unknown>) {
    this.#iterator = points[Symbol.asyncIterator]()
  }

  /** The next point; null where `wake` was called before it came: then it is still to come. */
  next(): Promise<IteratorResult<unknown> | null> {
    this.#pending ??= Promise.resolve(this.#iterator.next())
    const pending = this.#pending
    return new Promise((resolve, reject) => {
      let waits = true
      this.#wake = () => {
        waits = false
        resolve(null)
      }
      pending.then((arrived) => {
        if (waits) this.#pending = undefined
        resolve(arrived)
      }, reject)
    })
  }

  wake(): void {
    this.#wake?.()
  }

  /** Tells the source that nothing reads on. What it says to that is not what the caller is waiting to hear. */
  async leave(): Promise<void> {
    try {
      const left = this.#iterator.return?.()
      // A generator in the middle of its work answers only when that is done, which may be never.
      if (this.#pending === undefined) await left
      else left?.catch(() => {})
    } catch {
      // Swallowed, as `for await` does: the first error stands.
    }
  }
}
