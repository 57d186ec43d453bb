/** A clock in milliseconds that is never adjusted; captured as the module loads, so that a test's fake timers do not stop it. */
export const monotonicNow: () => number = performance.now.bind(performance)

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
