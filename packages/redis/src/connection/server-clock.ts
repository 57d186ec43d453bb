import { monotonicNow } from '@kairos/core/driver'

/** An estimate of the server's clock, in milliseconds, from the last time that the server reported it. */
export class ServerClock {
  #ahead = 0

  constructor(milliseconds: number) {
    this.set(milliseconds)
  }

  set(milliseconds: number): void {
    this.#ahead = milliseconds - monotonicNow()
  }

  now(): number {
    return monotonicNow() + this.#ahead
  }
}

/** How much an estimate may be wrong. If it is worse, the server says so, and the request is made again. */
const MARGIN = 1_000

/**
 * The millisecond of the server's clock after which a request must not change anything: soon after its answer is given up, and so soon after it may be
 * repeated. A client that resends may do so much later, and marks its writes.
 */
export function deadlineOf({
  runner,
  clock,
}: {
  readonly runner: { readonly timeout: number }
  readonly clock: ServerClock
}): string {
  return String(Math.ceil(clock.now() + runner.timeout + MARGIN))
}
