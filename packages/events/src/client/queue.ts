import { KairosError } from '@kairos/core'
import { messageOf } from '@kairos/core/driver'
import { decodeEvent } from '../event.ts'
import { checkCount, checkOptions, invalidOption, LONGEST_WAIT } from '../internal/options.ts'
import { type Addressed, nextRequest, type Sender } from './send.ts'
import type { BackgroundOptions, EventClientOptions } from './types.ts'

const MAX_QUEUED = 10_000
const INTERVAL = 100
/** So many are sent without waiting for more. */
const ENOUGH = 1_000

/** Events on their way in the background. One request at a time, in the order in which they came. */
export class Queue {
  readonly #sender: Sender
  readonly #maxQueued: number
  readonly #interval: number
  readonly #dropsOld: boolean
  readonly #onError: NonNullable<EventClientOptions['onError']>
  #waiting: Addressed[] = []
  /** Of the events being sent. */
  #inFlight = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #isDraining = false
  /** Flushes that wait, each for so many events from the front on. */
  #flushes: { left: number; readonly resolve: () => void }[] = []
  /** Since the last flush. */
  #lost = 0
  #firstFailure: unknown

  /** @throws KAIROS_INVALID_CONFIG */
  constructor(sender: Sender, options: BackgroundOptions, onError: NonNullable<EventClientOptions['onError']>) {
    checkOptions(options, ['maxQueued', 'overflow', 'interval'], 'background')
    const { maxQueued = MAX_QUEUED, overflow = 'drop-new', interval = INTERVAL } = options
    if (overflow !== 'drop-new' && overflow !== 'drop-old') {
      throw invalidOption('background.overflow', overflow, "'drop-new' or 'drop-old'")
    }
    this.#sender = sender
    this.#maxQueued = checkCount(maxQueued, 'background.maxQueued', 1)
    this.#interval = checkCount(interval, 'background.interval', 0, LONGEST_WAIT)
    this.#dropsOld = overflow === 'drop-old'
    this.#onError = onError
  }

  add(events: readonly Addressed[]): void {
    for (const event of events) this.#waiting.push(event)
    const surplus = this.#waiting.length + this.#inFlight - this.#maxQueued
    if (surplus > 0) this.#drop(surplus)
    if (this.#waiting.length >= ENOUGH) this.#drain()
    // A timer that keeps the process alive: what waits is sent before it ends by itself.
    else this.#timer ??= setTimeout(() => this.#drain(), this.#interval)
  }

  /** @throws KAIROS_STORE_FAILED */
  async flush(): Promise<void> {
    const left = this.#waiting.length + this.#inFlight
    if (left > 0) {
      const gone = new Promise<void>((resolve) => this.#flushes.push({ left, resolve }))
      this.#drain()
      await gone
    }
    const [lost, cause] = [this.#lost, this.#firstFailure]
    this.#lost = 0
    this.#firstFailure = undefined
    if (lost === 0) return
    throw new KairosError(
      'KAIROS_STORE_FAILED',
      `${lost} events were lost: ${messageOf(cause)}`,
      { driver: 'http', operation: 'put', retryable: false },
      cause,
    )
  }

  #drop(surplus: number): void {
    const from = this.#dropsOld ? 0 : Math.max(0, this.#waiting.length - surplus)
    const dropped = this.#waiting.splice(from, surplus)
    const message = `the queue is full: it holds ${this.#maxQueued} events`
    this.#lose(dropped, new KairosError('KAIROS_STORE_FAILED', message, { driver: 'http', operation: 'enqueue' }))
    // New ones that are dropped came after whatever a flush waits for.
    if (this.#dropsOld) this.#leave(dropped.length)
  }

  /** Sends all that waits; those who come meanwhile too. */
  async #drain(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#isDraining) return
    this.#isDraining = true
    while (this.#waiting.length > 0) {
      const request = nextRequest(this.#waiting)
      this.#waiting.splice(0, request.length)
      this.#inFlight = request.length
      try {
        await this.#sender.send(request, undefined)
      } catch (error) {
        this.#lose(request, error)
      } finally {
        this.#inFlight = 0
      }
      this.#leave(request.length)
    }
    this.#isDraining = false
  }

  /** Events have left the front of the queue, stored or lost. */
  #leave(events: number): void {
    for (const flush of this.#flushes) {
      flush.left -= events
      if (flush.left <= 0) flush.resolve()
    }
    this.#flushes = this.#flushes.filter(({ left }) => left > 0)
  }

  #lose(events: readonly Addressed[], error: unknown): void {
    this.#lost += events.length
    this.#firstFailure ??= error
    const lost = events.map(({ namespace, stream, event }) => ({ namespace, stream, event: decodeEvent(event) }))
    this.#onError(asKairosError(error), lost)
  }
}

export function asKairosError(error: unknown): KairosError {
  if (KairosError.is(error)) return error
  return new KairosError('KAIROS_STORE_FAILED', messageOf(error), { driver: 'http', retryable: false }, error)
}
