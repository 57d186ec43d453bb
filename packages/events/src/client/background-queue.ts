import { KairosError } from '@kairos/core'
import { abortable, messageOf } from '@kairos/core/driver'
import { invalidOption } from '../checks/errors.ts'
import { checkCount, checkOptions, LONGEST_TIMER } from '../checks/options.ts'
import { decodeEvent } from '../event/event-codec.ts'
import { aborted } from './backoff.ts'
import type { ReportError } from './error-reporter.ts'
import { Fifo } from './fifo.ts'
import { nextRequestSize, type OutgoingEvent, type PutSender } from './put-sender.ts'
import type { BackgroundOptions, WaitOptions } from './types.ts'

const MAX_QUEUED = 10_000
const INTERVAL = 100
/** This many events are sent without waiting for more. */
const ENOUGH = 1_000

/** What happened to the events that a flush waits for. */
interface Outcome {
  lost: number
  cause: unknown
}

/** A flush that waits until all events up to a number have left the queue. */
interface Flush extends Outcome {
  readonly upTo: number
  left: number
  readonly done: () => void
}

/** Sends events in the background, one request at a time, in the order in which they were enqueued. */
export class BackgroundQueue {
  readonly #sender: PutSender
  readonly #maxQueued: number
  readonly #interval: number
  readonly #dropsOld: boolean
  readonly #report: ReportError
  readonly #waiting = new Fifo<OutgoingEvent>()
  /** The events being sent. They came before all that wait, and before those that were dropped in between. */
  #inFlight: readonly OutgoingEvent[] = []
  /** The number of the first of them. */
  #firstInFlight = 0
  /** The number of the next event to enqueue: from 0, without gaps. */
  #next = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #isDraining = false
  readonly #flushes = new Set<Flush>()
  /** Losses that no flush has reported. */
  #unreported: Outcome = { lost: 0, cause: undefined }
  readonly #abandoned = new AbortController()

  /** @throws KAIROS_INVALID_CONFIG */
  constructor(sender: PutSender, options: BackgroundOptions, report: ReportError) {
    checkOptions(options, ['maxQueued', 'overflow', 'interval'], 'background')
    const { maxQueued = MAX_QUEUED, overflow = 'drop-new', interval = INTERVAL } = options
    if (overflow !== 'drop-new' && overflow !== 'drop-old') {
      throw invalidOption({ path: 'background.overflow', expected: "'drop-new' or 'drop-old'", value: overflow })
    }
    this.#sender = sender
    this.#maxQueued = checkCount(maxQueued, 'background.maxQueued', 1)
    this.#interval = checkCount(interval, 'background.interval', 0, LONGEST_TIMER)
    this.#dropsOld = overflow === 'drop-old'
    this.#report = report
  }

  add(events: readonly OutgoingEvent[]): void {
    const room = this.#maxQueued - this.#waiting.length - this.#inFlight.length
    const untilTaken = this.#dropsOld ? events : events.slice(0, room)
    for (const event of untilTaken) this.#waiting.push(event)
    this.#next += untilTaken.length
    const surplus = this.#waiting.length + this.#inFlight.length - this.#maxQueued
    if (surplus > 0) this.#drop(this.#waiting.take(surplus), this.#next - this.#waiting.length - surplus, this.#full())
    // Events that were not enqueued have no number, and no flush waits for them.
    if (untilTaken.length < events.length) {
      const surplus = events.slice(untilTaken.length)
      this.#countLost(this.#next, surplus.length, this.#full())
      this.#reportLost(surplus, this.#full())
    }
    if (this.#waiting.length >= ENOUGH) this.#drain()
    // The timer keeps the process alive, so that waiting events are sent before it exits.
    else if (this.#waiting.length > 0) this.#timer ??= setTimeout(() => this.#drain(), this.#interval)
  }

  /**
   * Waits until everything enqueued before has left the queue.
   * @throws KAIROS_STORE_FAILED if events of it, or earlier ones that no flush has reported, were lost, and if it took too long; KAIROS_ABORTED
   */
  async flush({ signal, timeout }: WaitOptions = {}): Promise<void> {
    let outcome = this.#unreported
    this.#unreported = { lost: 0, cause: undefined }
    const left = this.#waiting.length + this.#inFlight.length
    if (left > 0) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const flush: Flush = { ...outcome, upTo: this.#next - 1, left, done: resolve }
      outcome = flush
      this.#flushes.add(flush)
      this.#drain()
      await this.#wait(promise, flush, signal, timeout)
    }
    if (outcome.lost > 0) throw lostEvents(outcome)
  }

  /** Flushes. If that takes too long or is aborted, the events that are left are lost. */
  async close(options: WaitOptions): Promise<void> {
    try {
      await this.flush(options)
    } catch (error) {
      if (this.#waiting.length + this.#inFlight.length === 0) throw error
      clearTimeout(this.#timer)
      this.#abandoned.abort(error)
      const [sent, waiting] = [this.#inFlight, this.#waiting.take(this.#waiting.length)]
      this.#inFlight = []
      const rest = [
        { first: this.#firstInFlight, events: sent },
        { first: this.#next - waiting.length, events: waiting },
      ]
      for (const { first, events } of rest) this.#countLost(first, events.length, error)
      const outcome = this.#unreported
      this.#unreported = { lost: 0, cause: undefined }
      for (const { first, events } of rest) this.#leave(first, events.length)
      this.#reportLost([...sent, ...waiting], error)
      throw lostEvents(outcome, KairosError.is(error) && error.code === 'KAIROS_ABORTED' ? error.code : undefined)
    }
  }

  async #wait(
    allSent: Promise<void>,
    flush: Flush,
    signal: AbortSignal | undefined,
    timeout: number | undefined,
  ): Promise<void> {
    const late = new AbortController()
    const timer = timeout === undefined ? undefined : setTimeout(() => late.abort(), timeout)
    try {
      await abortable(allSent, signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]))
    } catch {
      // The next flush reports what this one has learned.
      this.#flushes.delete(flush)
      this.#unreported.lost += flush.lost
      this.#unreported.cause ??= flush.cause
      if (signal?.aborted) throw aborted(signal.reason)
      throw failure(`${flush.left} events were not stored within ${timeout} ms`, true, flush.cause)
    } finally {
      clearTimeout(timer)
    }
  }

  /** Sends everything that waits, including what is enqueued in the meantime. */
  async #drain(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#isDraining) return
    this.#isDraining = true
    while (this.#waiting.length > 0) {
      const request = this.#waiting.take(nextRequestSize(this.#waiting))
      this.#firstInFlight = this.#next - this.#waiting.length - request.length
      this.#inFlight = request
      for await (const { count, counts, error } of this.#sender.sendInParts(request, this.#abandoned.signal)) {
        // These events have already been reported as lost.
        if (this.#abandoned.signal.aborted) break
        const first = this.#firstInFlight
        const part = this.#inFlight.slice(0, count)
        this.#inFlight = this.#inFlight.slice(count)
        this.#firstInFlight += count
        if (counts === undefined) this.#drop(part, first, error)
        else this.#leave(first, count)
      }
      if (this.#abandoned.signal.aborted) break
    }
    this.#isDraining = false
  }

  /** Events have left the queue and are lost. `first` is the number of the first one. */
  #drop(events: readonly OutgoingEvent[], first: number, error: unknown): void {
    this.#countLost(first, events.length, error)
    this.#leave(first, events.length)
    this.#reportLost(events, error)
  }

  #leave(first: number, count: number): void {
    for (const flush of this.#flushes) {
      flush.left -= overlap(flush, first, count)
      if (flush.left > 0) continue
      this.#flushes.delete(flush)
      flush.done()
    }
  }

  /** Counts lost events for the flushes that wait for them, and the others for the next flush. `first` is the number of the first one. */
  #countLost(first: number, count: number, error: unknown): void {
    let reported = 0
    for (const flush of this.#flushes) {
      const lost = overlap(flush, first, count)
      if (lost === 0) continue
      flush.lost += lost
      flush.cause ??= error
      reported = Math.max(reported, lost)
    }
    if (reported < count) {
      this.#unreported.lost += count - reported
      this.#unreported.cause ??= error
    }
  }

  /** Calls `onError`, which may use the client: the queue must have counted these events before. */
  #reportLost(events: readonly OutgoingEvent[], error: unknown): void {
    const lost = events.map(({ namespace, stream, event }) => ({ namespace, stream, event: decodeEvent(event) }))
    this.#report(asKairosError(error), lost)
  }

  #full(): KairosError {
    return failure(`the queue is full: it holds ${this.#maxQueued} events`, false)
  }
}

/** How many of the `count` events from number `first` on a flush waits for. */
function overlap({ upTo }: Flush, first: number, count: number): number {
  return Math.max(0, Math.min(count, upTo - first + 1))
}

function lostEvents({ lost, cause }: Outcome, code: 'KAIROS_STORE_FAILED' | 'KAIROS_ABORTED' = 'KAIROS_STORE_FAILED') {
  const details = { driver: 'http', operation: 'put', retryable: false }
  return new KairosError(code, `${lost} events were lost: ${messageOf(cause)}`, details, cause)
}

function failure(message: string, retryable: boolean, cause?: unknown): KairosError {
  return new KairosError('KAIROS_STORE_FAILED', message, { driver: 'http', operation: 'enqueue', retryable }, cause)
}

export function asKairosError(error: unknown): KairosError {
  if (KairosError.is(error)) return error
  return new KairosError('KAIROS_STORE_FAILED', messageOf(error), { driver: 'http', retryable: false }, error)
}
