import { KairosError } from '../errors.ts'
import { abortable } from './abortable.ts'
import { PATIENCE } from './patience.ts'

/**
 * Counts the calls in flight of a timeseries or an event store: closing it refuses new calls and waits for these.
 * @example
 * ```ts
 * const gate = new CallGate('the store is closed')
 * gate.enter('redis') // throws KAIROS_CLOSED after gate.close()
 * await work().finally(() => gate.leave())
 * ```
 */
export class CallGate {
  /** Ends the wait of each step once closing has waited long enough. */
  readonly waits: Set<() => void> = new Set()
  readonly #closedMessage: string
  readonly #closing = new AbortController()
  readonly #ended = new AbortController()
  readonly #cut = new AbortController()
  readonly #abandoned = new Set<Promise<unknown>>()
  #inFlight = 0
  #idle: (() => void) | undefined
  #closed: Promise<void> | undefined

  /** `closedMessage` is the message of the error for calls that come too late. */
  constructor(closedMessage: string) {
    this.#closedMessage = closedMessage
  }

  /** Aborts as soon as `close` is called: for calls that would not end by themselves. */
  get closing(): AbortSignal {
    return this.#closing.signal
  }

  /** Aborts once closing has waited long enough: for work of unknown size. */
  get cut(): AbortSignal {
    return this.#cut.signal
  }

  /** Aborts when the last call has ended after `close`: nothing waits for what is still running. */
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

  /** Work that continues in the store although its call was aborted: closing waits for it. */
  abandon(work: Promise<unknown>): void {
    this.#abandoned.add(work)
    const settled = (): boolean => this.#abandoned.delete(work)
    work.then(settled, settled)
  }

  /**
   * Resolves when the last call in flight has ended; those still waiting after `timeout` milliseconds end in KAIROS_CLOSED. May be called again,
   * for example with a shorter timeout.
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
    // By then each call has ended, except one that waits for its caller.
    setTimeout(() => this.#idle?.(), 0)
  }
}
