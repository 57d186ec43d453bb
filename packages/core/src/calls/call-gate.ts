import { KairosError } from '../errors.ts'

/** The calls in flight of one timeseries, or of whatever else a driver serves: closing refuses new ones and waits for these. */
export class Calls {
  readonly #closedMessage: string
  #inFlight = 0
  #closed = false
  #idle: (() => void) | undefined
  readonly #ended = new AbortController()

  /** `closedMessage` is what a call is told that comes too late. */
  constructor(closedMessage: string) {
    this.#closedMessage = closedMessage
  }

  /** Aborts when the last call has ended after `close`: what is still going on then has been abandoned by all who waited for it. */
  get ended(): AbortSignal {
    return this.#ended.signal
  }

  /** @throws KAIROS_CLOSED */
  enter(driver: string): void {
    if (this.#closed) throw new KairosError('KAIROS_CLOSED', this.#closedMessage, { driver })
    this.#inFlight++
  }

  leave(): void {
    this.#inFlight--
    if (this.#inFlight === 0) this.#idle?.()
  }

  /** Resolves when the last call in flight has ended. */
  async close(): Promise<void> {
    this.#closed = true
    await new Promise<void>((resolve) => {
      if (this.#inFlight === 0) resolve()
      else this.#idle = resolve
    })
    this.#ended.abort()
  }
}
