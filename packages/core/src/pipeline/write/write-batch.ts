import { Attempts } from '../../calls/attempts.ts'
import { Ended } from '../../calls/ended.ts'
import { isConfigChanged } from '../../calls/final-failures.ts'
import { isWriteFailure, retryOf } from '../../calls/retry.ts'
import type { CellStore, CellWrite, OldestLive, WriteBatch } from '../../contract/cells.ts'
import { type Context, stepOf } from '../context.ts'
import { keyOf, type Outcome, Undecided } from './undecided.ts'
import type { WritePlan } from './write-plan.ts'

/**
 * The only retry loop for writes. What was not applied is written again; what may have been applied, only where that adds nothing. A call
 * with driver options (a pipeline, a transaction) is never retried. Null: everything is stored.
 */
export async function writeBatch(
  context: Context,
  plan: WritePlan,
  store: CellStore,
  cells: readonly CellWrite[],
  oldestLive: OldestLive,
): Promise<Outcome | 'repeated' | null> {
  const { once, callOptions } = plan
  const repeatable = once !== undefined || context.settings.rules.idempotent
  const attempts = new Attempts({
    ...stepOf(context, plan, 'write'),
    single: callOptions.driverOptions !== undefined,
  })
  const undecided = new Undecided()
  let batch: WriteBatch = { cells, oldestLive, ...(once && { id: idOf(once.key) }) }
  for (;;) {
    try {
      const receipt = await attempts.make(() => store.write(batch, callOptions))
      // If an earlier attempt of this call may have stored the batch, that is what the store remembers.
      if (receipt?.repeated && undecided.isEmpty) return 'repeated'
      return undecided.settled(repeatable)
    } catch (error) {
      const fault = faultOf(batch, error)
      const again = repeatable ? [...fault.notApplied, ...fault.maybeApplied] : fault.notApplied
      // What this attempt wrote again and does not list is stored, whatever happened to an earlier one.
      if (repeatable && !(error instanceof Ended && error.verdict === undefined)) undecided.keep(again)
      undecided.add(fault)
      if (again.length === 0) return undecided.outcome([], fault.retry, fault.cause)
      if (error instanceof Ended) return undecided.outcome(fault.notApplied, fault.retry, error)
      try {
        if (!(await attempts.again(fault.retry, fault.cause)))
          return undecided.outcome(fault.notApplied, fault.retry, fault.cause)
      } catch (ended) {
        return undecided.outcome(fault.notApplied, fault.retry, ended)
      }
      // Exactly-once is per batch: the store knows it by its id, so every attempt must send the same one.
      if (once === undefined) batch = { cells: inOrder(batch.cells, again), oldestLive }
    }
  }
}

/** The prefixes keep callers' keys and core's ids apart. */
function idOf(key: string | undefined): string {
  return key === undefined ? `id:${crypto.randomUUID()}` : `key:${key}`
}

function faultOf({ cells }: WriteBatch, error: unknown): Outcome {
  const verdict = error instanceof Ended ? error.verdict : error
  if (isWriteFailure(verdict)) {
    const { notApplied, maybeApplied } = verdict
    return { notApplied, maybeApplied, retry: error instanceof Ended ? 'later' : retryOf(error), cause: error }
  }
  // If the store refused the whole batch, or was not asked, nothing was applied; any other failure says nothing.
  const untouched = isConfigChanged(error) || (error instanceof Ended && !error.sent)
  return {
    notApplied: untouched ? cells : [],
    maybeApplied: untouched ? [] : cells,
    retry: error instanceof Ended ? 'later' : 'never',
    cause: error,
  }
}

/** The cells in batch order: a driver may collect its failures in any order. */
function inOrder(batch: readonly CellWrite[], cells: readonly CellWrite[]): readonly CellWrite[] {
  const place = new Map(batch.map((cell, index) => [keyOf(cell), index]))
  return [...cells].sort((a, b) => (place.get(keyOf(a)) ?? 0) - (place.get(keyOf(b)) ?? 0))
}
