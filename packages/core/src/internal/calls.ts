import { KairosError } from '../errors.ts'

/** The calls in flight of one timeseries: closing refuses new ones and waits for these. */
export class Calls {
  #inFlight = 0
  #closed = false
  #idle: (() => void) | undefined

  /** @throws KAIROS_CLOSED */
  enter(driver: string): void {
    if (this.#closed)
      throw new KairosError('KAIROS_CLOSED', 'the timeseries is closed; make a new one with createTimeseries', {
        driver,
      })
    this.#inFlight++
  }

  leave(): void {
    this.#inFlight--
    if (this.#inFlight === 0) this.#idle?.()
  }

  /** Resolves when the last call in flight has ended. */
  close(): Promise<void> {
    this.#closed = true
    return new Promise((resolve) => {
      if (this.#inFlight === 0) resolve()
      else this.#idle = resolve
    })
  }
}
