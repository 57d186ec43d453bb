import { KairosError } from '../errors.ts'
import type { Waits } from './waits.ts'

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
  /** Of the steps that calls wait for, once there are any; they end once closing has waited long enough. */
  waits: Waits | undefined = undefined
  readonly #closedMessage: string
  readonly #closing = new AbortController()
  /** Aborts as soon as `close` is called: for calls that would not end by themselves. */
  readonly closing: AbortSignal = this.#closing.signal
  readonly #ended = new AbortController()
  /** Aborts when the last call has ended after `close`: nothing waits for what is still running. */
  readonly ended: AbortSignal = this.#ended.signal
  readonly #cut = new AbortController()
  /** Aborts once closing has waited long enough: for work of unknown size. */
  readonly cut: AbortSignal = this.#cut.signal
  readonly #abandoned = new Map<Promise<unknown>, () => Promise<unknown>>()
  /** The same as the signals say: to ask them costs as much as to make an object. */
  #isClosing = false
  #isCut = false
  #inFlight = 0
  #idle: (() => void) | undefined
  #closed: Promise<void> | undefined

  /** `closedMessage` is the message of the error for calls that come too late. */
  constructor(closedMessage: string) {
    this.#closedMessage = closedMessage
  }

  /** @throws KAIROS_CLOSED */
  enter(driver: string): void {
    if (this.#isClosing) throw this.closedError(driver)
    this.#inFlight++
  }

  get isCut(): boolean {
    return this.#isCut
  }

  closedError(driver: string): KairosError {
    return new KairosError('KAIROS_CLOSED', this.#closedMessage, { driver })
  }

  leave(): void {
    this.#inFlight--
    if (this.#inFlight === 0) this.#idle?.()
  }

  /** Work that continues in the store although its call was aborted: closing calls `wait`, and waits for that. */
  abandon(work: Promise<unknown>, wait: () => Promise<unknown>): void {
    this.#abandoned.set(work, wait)
    const settled = (): boolean => this.#abandoned.delete(work)
    work.then(settled, settled)
  }

  /**
   * Resolves when the last call in flight has ended; those still waiting after `timeout` milliseconds end in KAIROS_CLOSED. May be called again,
   * for example with a shorter timeout.
   */
  close(timeout?: number): Promise<void> {
    this.#isClosing = true
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
    await Promise.allSettled(Array.from(this.#abandoned.values(), (wait) => wait()))
  }

  #endAll(): void {
    this.#isCut = true
    this.#cut.abort()
    this.waits?.endAll('closed')
    // By then each call has ended, except one that waits for its caller.
    setTimeout(() => this.#idle?.(), 0)
  }
}
