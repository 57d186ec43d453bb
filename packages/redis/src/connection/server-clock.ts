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
