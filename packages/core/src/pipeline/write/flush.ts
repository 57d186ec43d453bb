import type { WriteResult } from '../../api/writes.ts'
import { abortable } from '../../calls/abortable.ts'
import { createBackoff, messageOf, retryOf } from '../../calls/retry.ts'
import { createTurns } from '../../calls/yielder.ts'
import type { CallOptions, CellStore, CellWrite, OldestLive, WriteBatch, WriteFailure } from '../../contract/cells.ts'
import { type CellReference, KairosError, type KairosErrorDetails } from '../../errors.ts'
import { type Settings, startOfCell } from '../../settings.ts'
import { types } from '../../types/index.ts'
import { batchesOf } from './batches.ts'
import type { PendingCell } from './merge.ts'
import { Doubts, keyOf, type Outcome } from './undecided.ts'

/** What a write needs to know beside its cells. */
export interface FlushContext {
  readonly settings: Settings
  readonly driver: string
  readonly store: CellStore
  readonly oldestLive: OldestLive
  /** `delivery: 'once'`. */
  readonly once: boolean
  readonly signal: AbortSignal | undefined
  readonly driverOptions: Readonly<Record<string, unknown>> | undefined
}

/**
 * Writes sorted cells, batch by batch, in order: a series keeps its order, and what a failure leaves is a prefix.
 * Adds to `tally.stored` what is known to be stored.
 * @throws KAIROS_STORE_FAILED, KAIROS_ABORTED, both with the cells that were not and that may have been applied
 */
export async function flush(context: FlushContext, cells: readonly PendingCell[], tally: WriteResult): Promise<void> {
  const batches = batchesOf(cells, types[context.settings.type])
  const turn = createTurns()
  for (let index = 0; index < batches.length; index++) {
    if (index > 0) await turn()
    const batch = batches[index]!
    const outcome = await writeBatch(context, batch)
    tally.stored += storedPairs(context, batch, outcome)
    if (outcome === null) continue
    throw failure(
      context,
      { ...outcome, notApplied: [...outcome.notApplied, ...batches.slice(index + 1).flat()] },
      tally,
    )
  }
}

/**
 * The one retry loop of writes: what was not applied is written again; what may have been, only where that adds nothing, and so for a call
 * with the caller's own options (a pipeline, a transaction) nothing is. Null: all is stored.
 */
async function writeBatch(context: FlushContext, cells: readonly PendingCell[]): Promise<Outcome | null> {
  const { store, signal, once, oldestLive, driverOptions } = context
  const repeatable = once || types[context.settings.type].idempotent
  const options: CallOptions = { ...(signal && { signal }), ...(driverOptions && { driverOptions }) }
  const doubts = new Doubts()
  let batch: WriteBatch = { cells, oldestLive, ...(once && { id: crypto.randomUUID() }) }
  let backoff: ReturnType<typeof createBackoff> | undefined
  for (;;) {
    if (signal?.aborted) return doubts.outcome(batch.cells, 'never', signal.reason)
    try {
      await abortable(store.write(batch, options), signal)
      return doubts.settled(repeatable)
    } catch (error) {
      const fault = faultOf(batch, error)
      const again = repeatable ? [...fault.notApplied, ...fault.maybeApplied] : fault.notApplied
      // What this attempt wrote again and does not list is stored, whatever became of an earlier one.
      if (repeatable) doubts.keep(again)
      doubts.add(fault)
      if (again.length === 0) return doubts.outcome([], fault.retry, fault.cause)
      backoff ??= createBackoff()
      const retry = driverOptions === undefined ? fault.retry : 'never'
      if (!(await backoff.pause(retry, signal).catch(() => false)))
        return doubts.outcome(fault.notApplied, fault.retry, fault.cause)
      // Exactly-once is per batch: the store knows it by its id, and it must be the same in every attempt.
      if (!once) batch = { cells: inOrder(batch.cells, again), oldestLive }
    }
  }
}

function unknownFault(batch: WriteBatch, cause: unknown): Outcome {
  return { notApplied: [], maybeApplied: batch.cells, retry: 'never', cause }
}

function faultOf(batch: WriteBatch, error: unknown): Outcome {
  return isWriteFailure(error)
    ? { notApplied: error.notApplied, maybeApplied: error.maybeApplied, retry: retryOf(error), cause: error }
    : unknownFault(batch, error)
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
function storedPairs(context: FlushContext, batch: readonly PendingCell[], outcome: Outcome | null): number {
  let stored = 0
  if (outcome === null) {
    for (const cell of batch) stored += cell.pairs
    return stored
  }
  const missing = missingPairs(context, batch, outcome)
  // Two attempts may each have listed a cell, or a part of it: no more is missing than it holds.
  for (const cell of batch) stored += Math.max(0, cell.pairs - (missing.get(keyOf(cell)) ?? 0))
  return stored
}

/** By cell, the pairs that are listed as not stored or in doubt. A cell that the driver split is listed by its parts. */
function missingPairs(
  { settings }: FlushContext,
  batch: readonly PendingCell[],
  outcome: Outcome,
): Map<string, number> {
  const { weight } = types[settings.type]
  const whole = new Set<CellWrite>(batch)
  const missing = new Map<string, number>()
  for (const cell of [...outcome.notApplied, ...outcome.maybeApplied]) {
    const pairs = whole.has(cell) ? (cell as PendingCell).pairs : weight(cell.change)
    missing.set(keyOf(cell), (missing.get(keyOf(cell)) ?? 0) + pairs)
  }
  return missing
}

function failure(context: FlushContext, outcome: Outcome, tally: WriteResult): KairosError {
  const { driver, signal } = context
  const details: KairosErrorDetails = {
    driver,
    operation: 'write',
    stored: tally.stored,
    expired: tally.expired,
    notApplied: referencesTo(context.settings, outcome.notApplied),
    maybeApplied: referencesTo(context.settings, outcome.maybeApplied),
  }
  const doubt = `${details.notApplied!.length} cells were not written and ${details.maybeApplied!.length} may have been`
  if (signal?.aborted)
    return new KairosError('KAIROS_ABORTED', `the write was aborted by its signal: ${doubt}`, details, signal.reason)
  const { retry, cause } = outcome
  return new KairosError(
    'KAIROS_STORE_FAILED',
    `write failed in the ${driver} store: ${messageOf(cause)}; ${doubt}`,
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
