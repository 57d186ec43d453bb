import { nextTurn } from '../../calls/next-turn.ts'
import { describe } from '../../internal/describe.ts'
import { isObject } from '../../internal/kinds.ts'

/** Why reading has paused: the reader has enough, it was woken, or there are no more points. */
export type Pause = 'enough' | 'woken' | 'ended'

/** A reader that waits for points. */
interface Reading {
  readonly take: (point: unknown) => boolean
  readonly resolve: (pause: Pause) => void
  readonly reject: (error: unknown) => void
}

/** An async iterator whose reader can be woken while it waits. A promise for each point, beside the iterator's own, would cost as much as to file it. */
export class Source {
  readonly #iterator: AsyncIterator<unknown>
  /** Whether the iterator owes an answer. */
  #asked = false
  /** Passes on an answer that came while nothing was read. */
  #early: (() => void) | undefined
  #ended = false
  #woken = false
  #reading: Reading | undefined

  constructor(points: AsyncIterable<unknown>) {
    this.#iterator = points[Symbol.asyncIterator]()
  }

  /** Gives points to `take`, one by one, until it returns true, `wake` is called, or there are no more. Rejects with what `take` or the source throws. */
  read(take: Reading['take']): Promise<Pause> {
    return new Promise((resolve, reject) => {
      this.#woken = false
      this.#reading = { take, resolve, reject }
      const early = this.#early
      this.#early = undefined
      if (early !== undefined) early()
      else if (!this.#asked) this.#ask()
    })
  }

  /** Ends `read` in the next turn: a point that arrives before is taken, since it comes only once. */
  wake(): void {
    this.#woken = true
    const reading = this.#reading
    if (reading === undefined) return
    nextTurn(() => {
      if (this.#reading === reading) this.#end()?.resolve('woken')
    })
  }

  /** Tells a source that has not ended that it is no longer read; its answer does not matter to the caller. */
  async leave(): Promise<void> {
    if (this.#ended) return
    try {
      const left = this.#iterator.return?.()
      // A generator that is busy answers only when it is done, which may be never.
      if (!this.#asked) await left
      else left?.catch(() => {})
    } catch {
      // Swallowed, as `for await` does: the first error counts.
    }
  }

  #ask(): void {
    this.#asked = true
    try {
      Promise.resolve(this.#iterator.next()).then(this.#arrive, this.#fail)
    } catch (error) {
      this.#fail(error)
    }
  }

  #arrive = (answer: unknown): void => {
    this.#asked = false
    const reading = this.#reading
    if (reading === undefined) {
      this.#early = () => this.#arrive(answer)
      return
    }
    if (!isObject(answer)) {
      this.#fail(new TypeError(`next() must give an object, not ${describe(answer)}`))
      return
    }
    try {
      const { done, value } = answer as IteratorResult<unknown>
      if (done) {
        this.#ended = true
        this.#end()?.resolve('ended')
      } else if (reading.take(value)) this.#end()?.resolve('enough')
      else if (this.#woken) this.#end()?.resolve('woken')
      else this.#ask()
    } catch (error) {
      this.#end()?.reject(error)
    }
  }

  /** The source has failed, and has thereby ended. */
  #fail = (error: unknown): void => {
    this.#asked = false
    this.#ended = true
    if (this.#reading === undefined) this.#early = () => this.#fail(error)
    else this.#end()?.reject(error)
  }

  /** The reader that waited, which no longer does. */
  #end(): Reading | undefined {
    const reading = this.#reading
    this.#reading = undefined
    return reading
  }
}
