import { KairosError } from '../errors.ts'
import { abortable } from './abortable.ts'
import { PATIENCE } from './patience.ts'

/** The calls in flight of one timeseries, or of whatever else a driver serves: closing refuses new ones and waits for these. */
export class CallGate {
  /** What ends each wait of a step, where closing has waited long enough. */
  readonly waits: Set<() => void> = new Set()
  readonly #closedMessage: string
  readonly #closing = new AbortController()
  readonly #ended = new AbortController()
  readonly #cut = new AbortController()
  readonly #abandoned = new Set<Promise<unknown>>()
  #inFlight = 0
  #idle: (() => void) | undefined
  #closed: Promise<void> | undefined

  /** `closedMessage` is what a call is told that comes too late. */
  constructor(closedMessage: string) {
    this.#closedMessage = closedMessage
  }

  /** Aborts as soon as `close` is called: for calls that have no end of their own. */
  get closing(): AbortSignal {
    return this.#closing.signal
  }

  /** Aborts where closing has waited long enough: for work whose size nobody knows. */
  get cut(): AbortSignal {
    return this.#cut.signal
  }

  /** Aborts when the last call has ended after `close`: what is still going on then has been abandoned by all who waited for it. */
  get ended(): AbortSignal {
    return this.#ended.signal
  }

  /** @throws KAIROS_CLOSED */
  enter(driver: string): void {
    if (this.#closing.signal.aborted) throw this.closedError(driver)
    this.#inFlight++
  }

  closedError(driver: string): KairosError {
    return new KairosError('KAIROS_CLOSED', this.#closedMessage, { driver })
  }

  leave(): void {
    this.#inFlight--
    if (this.#inFlight === 0) this.#idle?.()
  }

  /** Work that goes on in the store though its call was aborted: closing waits for it. */
  abandon(work: Promise<unknown>): void {
    this.#abandoned.add(work)
    const settled = (): boolean => this.#abandoned.delete(work)
    work.then(settled, settled)
  }

  /**
   * Resolves when the last call in flight has ended; those that still wait after `timeout` milliseconds end in KAIROS_CLOSED. May be called again,
   * also to wait no longer.
   */
  close(timeout?: number): Promise<void> {
    this.#closing.abort()
    this.#closed ??= this.#close()
    if (timeout !== undefined) {
      const timer = setTimeout(() => this.#endAll(), timeout)
      const clear = (): void => clearTimeout(timer)
      this.#closed.then(clear, clear)
    }
    return this.#closed
  }

  async #close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#idle = resolve
      if (this.#inFlight === 0) resolve()
    })
    this.#ended.abort()
    // A driver stops soon after a signal; one that does not is left.
    const left = Promise.allSettled(this.#abandoned)
    if (this.#abandoned.size > 0)
      await abortable(left, AbortSignal.any([this.#cut.signal, AbortSignal.timeout(PATIENCE)])).catch(() => {})
  }

  #endAll(): void {
    this.#cut.abort()
    for (const end of [...this.waits]) end()
    // Each call has ended by then, but one that waits for something of its caller's.
    setTimeout(() => this.#idle?.(), 0)
  }
}
