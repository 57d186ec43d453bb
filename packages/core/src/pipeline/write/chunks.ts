import type { WriteResult } from '../../api/writes.ts'
import { aborted } from '../../calls/retry.ts'
import { createYielder } from '../../calls/yielder.ts'
import { withDetails } from '../../error-details.ts'
import { KairosError } from '../../errors.ts'
import type { Context } from '../context.ts'
import { MOST_CELLS, MOST_VALUES } from './batches.ts'
import { commit } from './commit.ts'
import { type Merger, mergerAt, type PendingCell } from './merge.ts'
import { defaultValue, fileEntry } from './points.ts'
import { notWritten } from './write-errors.ts'
import type { WritePlan } from './write-plan.ts'

/** So that a stream into a few hot cells is written from time to time. */
const MOST_POINTS = 100_000
/** In milliseconds, so that points from a slow source can be read soon. */
const LONGEST = 1_000
/** How many points of a fast source pass between two looks at the clock. */
const LOOK_EVERY = 32

/** Writes the points of an iterable chunk by chunk. */
export class Chunks {
  readonly #context: Context
  readonly #plan: WritePlan
  readonly #onDue: () => void
  readonly #tally: WriteResult = { stored: 0, expired: 0 }
  readonly #default: unknown
  readonly #turn = createYielder()
  readonly #now: () => number
  #merger: Merger | undefined
  /** When the chunk began, by the caller's clock and by the monotonic one. */
  #began = { now: 0, at: 0 }
  #timer: ReturnType<typeof setTimeout> | undefined
  #due = false
  #points = 0
  #storedPoints = 0

  /** `onDue` is called when a chunk has been open long enough. */
  constructor(context: Context, plan: WritePlan, onDue: () => void) {
    this.#context = context
    this.#plan = plan
    this.#onDue = onDue
    this.#default = defaultValue(context)
    this.#now = () => context.retention.now()
    if (context.failed !== undefined) throw notWritten(context, [], this.#tally, context.failed)
    this.checkSignal()
  }

  /** Whether the chunk should be written now, full or not. */
  get isDue(): boolean {
    return this.#due
  }

  /** @throws KAIROS_ABORTED, with the cells of the pending points */
  checkSignal(): void {
    const { signal } = this.#plan
    if (!signal?.aborted) return
    throw notWritten(this.#context, this.#merger?.take() ?? [], this.#tally, aborted(signal))
  }

  /** Adds a point and returns whether the chunk is full. A point without a timestamp gets the time of its arrival. */
  add(point: unknown): boolean {
    this.checkSignal()
    const merger = this.#merger ?? this.#begin()
    try {
      fileEntry(merger, point, this.#now, this.#plan.rolling, this.#default)
    } catch (error) {
      throw this.#withStoredPoints(error)
    }
    this.#points++
    if (this.#points % LOOK_EVERY === 0 && performance.now() - this.#began.at >= LONGEST) this.#due = true
    return this.#due || isFull(merger) || this.#points >= MOST_POINTS
  }

  async flush(): Promise<void> {
    const merger = this.#merger
    if (merger === undefined) return
    clearTimeout(this.#timer)
    const cells = this.#take(merger)
    this.#tally.expired += merger.expired
    await commit(this.#context, this.#plan, cells, this.#began.now, this.#tally)
    this.#storedPoints += this.#points
    this.#points = 0
    this.#merger = undefined
    this.#due = false
    await this.#turn()
  }

  async finish(): Promise<WriteResult> {
    await this.flush()
    return this.#tally
  }

  /** Writes what has arrived; the caller reads no more. */
  async close(): Promise<KairosError> {
    await this.flush()
    const { calls, driver } = this.#context
    return notWritten(this.#context, [], this.#tally, calls.closedError(driver.id))
  }

  /** Clears the timer. */
  stop(): void {
    clearTimeout(this.#timer)
  }

  #begin(): Merger {
    this.#began = { now: this.#now(), at: performance.now() }
    this.#merger = mergerAt(this.#context, this.#began.now)
    this.#timer = setTimeout(() => {
      this.#due = true
      this.#onDue()
    }, LONGEST)
    return this.#merger
  }

  #take(merger: Merger): PendingCell[] {
    try {
      return merger.take()
    } catch (error) {
      throw this.#withStoredPoints(error)
    }
  }

  #withStoredPoints(error: unknown): unknown {
    return KairosError.is(error) ? withDetails(error, { stored: this.#storedPoints }) : error
  }
}

/** Whether the cells fill a batch. */
export function isFull({ cells, values }: Merger): boolean {
  return cells >= MOST_CELLS || values >= MOST_VALUES
}
