import type { WriteResult } from '../../api/writes.ts'
import { aborted, waitFor } from '../../calls/retry.ts'
import { createTurns } from '../../calls/yielder.ts'
import { KairosError, withDetails } from '../../errors.ts'
import { describe } from '../../internal/describe.ts'
import { isMap, isObject } from '../../internal/kinds.ts'
import { commit, commitMerged, notWritten } from '../commit.ts'
import type { Context } from '../context.ts'
import { MOST_CELLS, MOST_VALUES } from './batches.ts'
import { type Merger, mergerAt, type PendingCell } from './merge.ts'
import { defaultValue, fileEntry, fileMap } from './points.ts'
import { planBulkInsert, type WritePlan } from './write-plan.ts'

/** So that a stream into few hot cells is written too, and `now` is never far behind. */
const MOST_POINTS = 100_000

/** Lists and maps are checked whole before anything is written; other iterables in chunks, each read only when the one before is stored. */
export async function bulkInsert(context: Context, points: unknown, options: unknown): Promise<WriteResult> {
  const plan = planBulkInsert(context, options)
  if (isMap(points) || Array.isArray(points)) return insertWhole(context, points, plan)
  if (isObject(points) && Symbol.asyncIterator in points)
    return insertAsync(context, points as AsyncIterable<unknown>, plan)
  if (isObject(points) && Symbol.iterator in points) return insertChunks(context, points as Iterable<unknown>, plan)
  throw new KairosError(
    'KAIROS_INVALID_VALUE',
    `${describe(points)} holds no points: want a Map, or an iterable of { name, value, timestamp? }`,
    { value: points },
  )
}

async function insertWhole(
  context: Context,
  points: ReadonlyMap<unknown, unknown> | readonly unknown[],
  plan: WritePlan,
): Promise<WriteResult> {
  const now = context.retention.now()
  const merger = mergerAt(context, now)
  if (isMap(points)) fileMap(merger, points, now, plan.rolling)
  else for (const point of points) fileEntry(merger, point, now, plan.rolling, defaultValue(context))
  const tally: WriteResult = { stored: 0, expired: 0 }
  await commitMerged(context, plan, merger, now, tally)
  return tally
}

async function insertChunks(context: Context, points: Iterable<unknown>, plan: WritePlan): Promise<WriteResult> {
  const chunks = new Chunks(context, plan)
  chunks.checkSignal()
  for (const point of points) {
    if (chunks.add(point)) await chunks.flush()
  }
  return chunks.finish()
}

/** By hand, where `for await` would do but for one thing: an abort must not wait for a source that has nothing to say. */
async function insertAsync(context: Context, points: AsyncIterable<unknown>, plan: WritePlan): Promise<WriteResult> {
  const chunks = new Chunks(context, plan)
  chunks.checkSignal()
  const source = points[Symbol.asyncIterator]()
  for (;;) {
    const { done, value } = await nextOf(source, plan.signal, chunks)
    if (done) return chunks.finish()
    try {
      if (chunks.add(value)) await chunks.flush()
    } catch (error) {
      await leave(source)
      throw error
    }
  }
}

async function nextOf(
  source: AsyncIterator<unknown>,
  signal: AbortSignal | undefined,
  chunks: Chunks,
): Promise<IteratorResult<unknown>> {
  if (signal === undefined) return source.next()
  try {
    return await waitFor(Promise.resolve(source.next()), signal)
  } catch (error) {
    if (signal.aborted) {
      // Not awaited: a generator in the middle of its work answers only when that is done.
      void leave(source)
      chunks.checkSignal()
    }
    throw error
  }
}

/** Tells the source that nobody reads on. What it says to that is not what the caller is waiting to hear. */
async function leave(source: AsyncIterator<unknown>): Promise<void> {
  try {
    await source.return?.()
  } catch {
    // Swallowed, as `for await` does: the first error stands.
  }
}

/** An iterable's points, on their way into the store chunk by chunk. */
class Chunks {
  readonly #context: Context
  readonly #plan: WritePlan
  readonly #tally: WriteResult = { stored: 0, expired: 0 }
  readonly #default: unknown
  readonly #turn = createTurns()
  #merger: Merger | undefined
  #now = 0
  #points = 0
  #storedPoints = 0

  constructor(context: Context, plan: WritePlan) {
    this.#context = context
    this.#plan = plan
    this.#default = defaultValue(context)
  }

  /** @throws KAIROS_ABORTED, with the cells of the points that wait */
  checkSignal(): void {
    const { signal } = this.#plan
    if (!signal?.aborted) return
    throw notWritten(this.#context, this.#merger?.take() ?? [], this.#tally, aborted(signal))
  }

  /** Whether the chunk is full now. */
  add(point: unknown): boolean {
    this.checkSignal()
    const merger = this.#merger ?? this.#begin()
    try {
      fileEntry(merger, point, this.#now, this.#plan.rolling, this.#default)
    } catch (error) {
      throw this.#withStoredPoints(error)
    }
    this.#points++
    return merger.cells >= MOST_CELLS || merger.values >= MOST_VALUES || this.#points >= MOST_POINTS
  }

  async flush(): Promise<void> {
    const merger = this.#merger
    if (merger === undefined) return
    const cells = this.#take(merger)
    this.#tally.expired += merger.expired
    await commit(this.#context, this.#plan, cells, this.#now, this.#tally)
    this.#storedPoints += this.#points
    this.#points = 0
    this.#merger = undefined
    await this.#turn()
  }

  async finish(): Promise<WriteResult> {
    await this.flush()
    return this.#tally
  }

  #begin(): Merger {
    this.#now = this.#context.retention.now()
    this.#merger = mergerAt(this.#context, this.#now)
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
