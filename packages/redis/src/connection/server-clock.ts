/** A clock that nobody sets; captured as the module loads, so that a test's fake timers do not stop it. */
export const monotonicNow: () => number = performance.now.bind(performance)

/** The server's clock, in milliseconds, as far as it is known from the last time that it was told. */
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
