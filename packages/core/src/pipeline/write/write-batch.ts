import { Attempts } from '../../calls/attempts.ts'
import { Ended } from '../../calls/ended.ts'
import { isConfigChanged, retryOf } from '../../calls/retry.ts'
import type { CellStore, CellWrite, OldestLive, WriteBatch, WriteFailure } from '../../contract/cells.ts'
import { types } from '../../types/index.ts'
import { type Context, stepOf } from '../context.ts'
import { Undecided, keyOf, type Outcome } from './undecided.ts'
import type { WritePlan } from './write-plan.ts'

/**
 * The one retry loop of writes: what was not applied is written again; what may have been, only where that adds nothing, and so for a call
 * with the caller's own options (a pipeline, a transaction) nothing is. Null: all is stored.
 */
export async function writeBatch(
  context: Context,
  plan: WritePlan,
  store: CellStore,
  cells: readonly CellWrite[],
  oldestLive: OldestLive,
): Promise<Outcome | 'repeated' | null> {
  const { once, callOptions } = plan
  const repeatable = once !== undefined || types[context.settings.type].idempotent
  const attempts = new Attempts({
    ...stepOf(context, plan, 'write'),
    single: callOptions.driverOptions !== undefined,
  })
  const undecided = new Undecided()
  let batch: WriteBatch = { cells, oldestLive, ...(once && { id: idOf(once.key) }) }
  for (;;) {
    try {
      const receipt = await attempts.make(() => store.write(batch, callOptions))
      // Where an attempt of this call may have stored it, that is what the store remembers.
      if (receipt?.repeated && undecided.isEmpty) return 'repeated'
      return undecided.settled(repeatable)
    } catch (error) {
      const fault = faultOf(batch, error)
      const again = repeatable ? [...fault.notApplied, ...fault.maybeApplied] : fault.notApplied
      // What this attempt wrote again and does not list is stored, whatever became of an earlier one.
      if (repeatable && !(error instanceof Ended)) undecided.keep(again)
      undecided.add(fault)
      if (again.length === 0) return undecided.outcome([], fault.retry, fault.cause)
      if (error instanceof Ended) return undecided.outcome(fault.notApplied, fault.retry, error)
      try {
        if (!(await attempts.again(fault.retry, fault.cause)))
          return undecided.outcome(fault.notApplied, fault.retry, fault.cause)
      } catch (ended) {
        return undecided.outcome(fault.notApplied, fault.retry, ended)
      }
      // Exactly-once is per batch: the store knows it by its id, and it must be the same in every attempt.
      if (once === undefined) batch = { cells: inOrder(batch.cells, again), oldestLive }
    }
  }
}

/** The caller's keys and core's own ids never meet. */
function idOf(key: string | undefined): string {
  return key === undefined ? `id:${crypto.randomUUID()}` : `key:${key}`
}

function faultOf({ cells }: WriteBatch, error: unknown): Outcome {
  if (isWriteFailure(error))
    return { notApplied: error.notApplied, maybeApplied: error.maybeApplied, retry: retryOf(error), cause: error }
  // A store that is refused whole, and one that was not asked, has applied nothing; any other failure says nothing.
  const untouched = isConfigChanged(error) || (error instanceof Ended && !error.sent)
  return {
    notApplied: untouched ? cells : [],
    maybeApplied: untouched ? [] : cells,
    retry: error instanceof Ended ? 'later' : 'never',
    cause: error,
  }
}

function isWriteFailure(error: unknown): error is WriteFailure {
  return (
    error instanceof Error &&
    'notApplied' in error &&
    Array.isArray(error.notApplied) &&
    'maybeApplied' in error &&
    Array.isArray(error.maybeApplied)
  )
}

/** What a driver gave back, in the order that batches have: it may have collected its failures in any. */
function inOrder(batch: readonly CellWrite[], cells: readonly CellWrite[]): readonly CellWrite[] {
  const place = new Map(batch.map((cell, index) => [keyOf(cell), index]))
  return [...cells].sort((a, b) => (place.get(keyOf(a)) ?? 0) - (place.get(keyOf(b)) ?? 0))
}
