import { RequestError, serverBusy } from '@kairos/events/http'

/** What all requests that are being answered work through together. */
export interface SharedWork {
  numbers: number
}

/** How many requests may work through as much as one may at most: each holds what it made. */
const AT_MOST = 2

/** What work is counted against. */
export interface Spending {
  /** @throws RequestError */
  spend(numbers: number): void
}

/** Counts what functions work through, and what matching takes. */
export class Budget implements Spending {
  readonly #most: number
  readonly #shared: SharedWork
  #left: number
  #isOver = false

  constructor(most: number, shared: SharedWork = { numbers: 0 }) {
    this.#most = most
    this.#left = most
    this.#shared = shared
  }

  /** @throws RequestError */
  spend(cost: number): void {
    // One target has failed, and another one is still being worked on: what it spent now would never be taken back.
    if (this.#isOver) throw new RequestError(400, 'the request is over')
    const counted = Number.isFinite(cost) ? cost : this.#most + 1
    this.#left -= counted
    this.#shared.numbers += counted
    if (this.#left < 0)
      throw new RequestError(
        400,
        `a request must work through at most ${this.#most} numbers (server.limits.maxFunctionCost); ask for fewer series, a shorter time or a simpler pattern`,
      )
    if (this.#shared.numbers > this.#most * AT_MOST)
      throw serverBusy('the functions of other requests already work through as many numbers as they may')
  }

  /** At the end of the request. */
  release(): void {
    this.#isOver = true
    this.#shared.numbers -= this.#most - this.#left
  }
}
