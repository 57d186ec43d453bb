import { nextTurn } from '../../calls/next-turn.ts'
import { describe } from '../../internal/describe.ts'
import { isObject } from '../../internal/kinds.ts'

/** An async iterator read point by point, whose reader can be woken while it waits. */
export class Source {
  readonly #iterator: AsyncIterator<unknown>
  #pending: Promise<IteratorResult<unknown>> | undefined
  #ended = false
  #wake: (() => void) | undefined

  constructor(points: AsyncIterable<unknown>) {
    this.#iterator = points[Symbol.asyncIterator]()
  }

  /** The next point; null if `wake` was called first: then the point is still to come. */
  next(): Promise<IteratorResult<unknown> | null> {
    return new Promise((resolve, reject) => {
      let waits = true
      const giveUp = (): void => {
        waits = false
        resolve(null)
      }
      // Before the source is asked, since it may abort or close when it is. A point of the same moment counts: it comes only once.
      this.#wake = () => nextTurn(giveUp)
      const fail = (error: unknown): void => {
        this.#ended = true
        reject(error)
      }
      const arrive = (answer: unknown): void => {
        if (!isObject(answer)) {
          fail(new TypeError(`next() must give an object, not ${describe(answer)}`))
          return
        }
        if (waits) this.#pending = undefined
        const result = answer as IteratorResult<unknown>
        this.#ended = result.done === true
        resolve(result)
      }
      try {
        this.#pending ??= Promise.resolve(this.#iterator.next())
        this.#pending.then(arrive, fail)
      } catch (error) {
        fail(error)
      }
    })
  }

  wake(): void {
    this.#wake?.()
  }

  /** Tells a source that has not ended that nobody reads on; its answer does not matter to the caller. */
  async leave(): Promise<void> {
    if (this.#ended) return
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
