import type { WriteResult } from '../../api/writes.ts'
import { Attempts } from '../../calls/attempts.ts'
import { Ended, errorOfEnd } from '../../calls/ended.ts'
import { configReplaced, isConfigChanged, retryOf } from '../../calls/retry.ts'
import { createYielder } from '../../calls/yielder.ts'
import type { CellStore, CellWrite, OldestLive, WriteBatch, WriteFailure } from '../../contract/cells.ts'
import { type CellReference, KairosError, type KairosErrorDetails, withDetails } from '../../errors.ts'
import { messageOf } from '../../internal/message-of.ts'
import { type Settings, startOfCell } from '../../settings.ts'
import { types } from '../../types/index.ts'
import { type Context, stepOf } from '../context.ts'
import type { PendingCell } from './merge.ts'
import { Doubts, keyOf, type Outcome } from './undecided.ts'
import type { WritePlan } from './write-plan.ts'

/** What a write needs to know beside its cells. */
export interface FlushContext {
  readonly context: Context
  readonly plan: WritePlan
  readonly store: CellStore
  readonly oldestLive: OldestLive
}

/**
 * Writes sorted cells, batch by batch, in order: a series keeps its order, and what a failure leaves is a prefix.
 * Adds to `tally.stored` what is known to be stored.
 * @throws KAIROS_STORE_FAILED, KAIROS_CONFIG_CHANGED, KAIROS_ABORTED, KAIROS_CLOSED, all with the cells that were not and that may have been applied
 */
export async function flush(
  flushed: FlushContext,
  batches: readonly (readonly PendingCell[])[],
  tally: WriteResult,
): Promise<void> {
  const { settings } = flushed.context
  const turn = createYielder()
  for (let index = 0; index < batches.length; index++) {
    if (index > 0) await turn()
    const batch = batches[index]!
    const outcome = await writeBatch(flushed, batch)
    if (outcome === 'repeated') {
      tally.repeated = true
      continue
    }
    tally.stored += storedPairs(settings, batch, outcome)
    if (outcome === null) continue
    throw failure(
      flushed,
      { ...outcome, notApplied: [...outcome.notApplied, ...batches.slice(index + 1).flat()] },
      tally,
    )
  }
}

/**
 * The one retry loop of writes: what was not applied is written again; what may have been, only where that adds nothing, and so for a call
 * with the caller's own options (a pipeline, a transaction) nothing is. Null: all is stored.
 */
async function writeBatch(
  { context, plan, store, oldestLive }: FlushContext,
  cells: readonly PendingCell[],
): Promise<Outcome | 'repeated' | null> {
  const { once, callOptions } = plan
  const repeatable = once !== undefined || types[context.settings.type].idempotent
  const attempts = new Attempts({
    ...stepOf(context, plan, 'write'),
    single: callOptions.driverOptions !== undefined,
  })
  const doubts = new Doubts()
  let batch: WriteBatch = { cells, oldestLive, ...(once && { id: idOf(once.key) }) }
  for (;;) {
    try {
      const receipt = await attempts.make(() => store.write(batch, callOptions))
      // Where an attempt of this call may have stored it, that is what the store remembers.
      if (receipt?.repeated && doubts.isEmpty) return 'repeated'
      return doubts.settled(repeatable)
    } catch (error) {
      const fault = faultOf(batch, error)
      const again = repeatable ? [...fault.notApplied, ...fault.maybeApplied] : fault.notApplied
      // What this attempt wrote again and does not list is stored, whatever became of an earlier one.
      if (repeatable && !(error instanceof Ended)) doubts.keep(again)
      doubts.add(fault)
      if (again.length === 0) return doubts.outcome([], fault.retry, fault.cause)
      if (error instanceof Ended) return doubts.outcome(fault.notApplied, fault.retry, error)
      try {
        if (!(await attempts.again(fault.retry, fault.cause)))
          return doubts.outcome(fault.notApplied, fault.retry, fault.cause)
      } catch (ended) {
        return doubts.outcome(fault.notApplied, fault.retry, ended)
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

/** How many (value, bucket) pairs of a batch are known to be stored. */
function storedPairs(settings: Settings, batch: readonly PendingCell[], outcome: Outcome | null): number {
  let stored = 0
  if (outcome === null) {
    for (const cell of batch) stored += cell.pairs
    return stored
  }
  const missing = missingPairs(settings, batch, outcome)
  // Two attempts may each have listed a cell, or a part of it: no more is missing than it holds.
  for (const cell of batch) stored += Math.max(0, cell.pairs - (missing.get(keyOf(cell)) ?? 0))
  return stored
}

/** By cell, the pairs that are listed as not stored or in doubt. A cell that the driver split is listed by its parts. */
function missingPairs(settings: Settings, batch: readonly PendingCell[], outcome: Outcome): Map<string, number> {
  const { weight } = types[settings.type]
  const whole = new Set<CellWrite>(batch)
  const missing = new Map<string, number>()
  for (const cell of [...outcome.notApplied, ...outcome.maybeApplied]) {
    const pairs = whole.has(cell) ? (cell as PendingCell).pairs : weight(cell.change)
    missing.set(keyOf(cell), (missing.get(keyOf(cell)) ?? 0) + pairs)
  }
  return missing
}

function failure({ context }: FlushContext, outcome: Outcome, tally: WriteResult): KairosError {
  const { driver, settings } = context
  const { retry, cause } = outcome
  const details = {
    driver: driver.id,
    operation: 'write',
    stored: tally.stored,
    expired: tally.expired,
    notApplied: referencesTo(settings, outcome.notApplied),
    maybeApplied: referencesTo(settings, outcome.maybeApplied),
  } satisfies KairosErrorDetails
  const doubt = `; ${details.notApplied.length} cells were not written and ${details.maybeApplied.length} may have been`
  if (cause instanceof Ended) return errorOfEnd(cause, details, doubt)
  if (isConfigChanged(cause)) {
    const replaced = configReplaced(driver.id, cause)
    context.refuse(replaced)
    return withDetails(replaced, details)
  }
  return new KairosError(
    'KAIROS_STORE_FAILED',
    `write failed in the ${driver.id} store: ${messageOf(cause)}${doubt}`,
    { ...details, retryable: retry !== 'never' },
    cause,
  )
}

/** Each cell once, be it in several parts. */
export function referencesTo(settings: Settings, cells: readonly CellWrite[]): CellReference[] {
  const intervals = new Map(settings.intervals.map((interval) => [interval.name, interval]))
  const whole = new Map(cells.map((cell) => [keyOf(cell), cell]))
  return Array.from(whole.values(), ({ name, interval, bucket, resolutionBucket }) => ({
    name,
    interval,
    start: startOfCell(intervals.get(interval)!, bucket, resolutionBucket),
  }))
}
