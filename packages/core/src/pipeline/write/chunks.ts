import type { WriteResult } from '../../api/writes.ts'
import { aborted } from '../../calls/retry.ts'
import { createYielder } from '../../calls/yielder.ts'
import { withDetails } from '../../error-details.ts'
import { KairosError } from '../../errors.ts'
import { isObject } from '../../internal/kinds.ts'
import type { Context } from '../context.ts'
import { MOST_CELLS, MOST_VALUES } from './batches.ts'
import { commit } from './group-commit.ts'
import { type Merger, mergerAt, type PendingCell } from './merge.ts'
import { fileEntry, type PointForm, pointForm } from './points.ts'
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
  readonly #form: PointForm
  readonly #turn = createYielder()
  readonly #now: () => number
  #merger: Merger | undefined
  /** When the chunk began, by the caller's clock and by the monotonic one. */
  #began = { now: 0, at: 0 }
  #timer: ReturnType<typeof setTimeout> | undefined
  #due = false
  #points = 0
  #storedPoints = 0
  /** An error of its own was thrown, which tells what was stored. */
  #failed = false

  /** `onDue` is called when a chunk has been open long enough. */
  constructor(context: Context, plan: WritePlan, onDue: () => void) {
    this.#context = context
    this.#plan = plan
    this.#onDue = onDue
    this.#form = pointForm(context)
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
    const cells = this.#merger === undefined ? [] : this.#take(this.#merger)
    this.#failed = true
    throw notWritten(this.#context, cells, this.#tally, aborted(signal))
  }

  /** Adds a point and returns whether the chunk is full. A point without a timestamp gets the time of its arrival. */
  add(point: unknown): boolean {
    const merger = this.#merger ?? this.#begin()
    fileEntry(merger, point, this.#now, this.#plan.rolling, this.#form)
    this.#points++
    // Afterwards, so that this point, which the source will not give again, is listed too.
    this.checkSignal()
    if (this.#points % LOOK_EVERY === 0 && performance.now() - this.#began.at >= LONGEST) this.#due = true
    return this.#due || isFull(merger) || this.#points >= MOST_POINTS
  }

  async flush(): Promise<void> {
    const merger = this.#merger
    if (merger === undefined) return
    clearTimeout(this.#timer)
    const cells = this.#take(merger)
    this.#merger = undefined
    this.#due = false
    try {
      await commit(this.#context, this.#plan, cells, this.#began.now, this.#tally)
    } catch (error) {
      this.#failed = true
      throw error
    }
    this.#storedPoints += this.#points
    this.#points = 0
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
    this.#failed = true
    return notWritten(this.#context, [], this.#tally, calls.closedError(driver.id))
  }

  /**
   * The error to throw after any other. If the source threw, or one of its points is bad, what it gave before is written first, and the error
   * tells how many points that was. If that fails, its error comes, with the first one as `sourceError`.
   */
  async explained(error: unknown): Promise<unknown> {
    if (this.#failed) return error
    try {
      await this.flush()
    } catch (failure) {
      return KairosError.is(failure) ? withDetails(failure, { sourceError: error }) : failure
    }
    tell(error, { stored: this.#storedPoints, expired: this.#tally.expired })
    return error
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

  /** The pending cells; what they add up to may be refused. */
  #take(merger: Merger): PendingCell[] {
    try {
      const cells = merger.take()
      this.#tally.expired += merger.expired
      return cells
    } catch (error) {
      this.#failed = true
      tell(error, { stored: this.#storedPoints, expired: this.#tally.expired })
      throw error
    }
  }
}

/** Adds the counts to an error that has none if it takes fields. */
function tell(error: unknown, counts: WriteResult): void {
  if (isObject(error) && Object.isExtensible(error) && !('stored' in error)) Object.assign(error, counts)
}

/** Whether the cells fill a batch. */
export function isFull({ cells, values }: Merger): boolean {
  return cells >= MOST_CELLS || values >= MOST_VALUES
}
