import type { WriteResult } from '../../api/writes.ts'
import { isTransactionEnded } from '../../calls/final-failures.ts'
import { aborted } from '../../calls/retry.ts'
import { createYielder } from '../../calls/yielder.ts'
import type { CellStore, CellWrite } from '../../contract/cells.ts'
import { KairosError } from '../../errors.ts'
import type { Settings } from '../../settings.ts'
import type { CallPlan, Context } from '../context.ts'
import { batchesOf } from './batches.ts'
import { type PendingCell, pairsOf } from './merge.ts'
import { keyOf, type Outcome } from './undecided.ts'
import { countAfter, isRepeated, type SentWrite, sweepBeside, writeBatch } from './write-batch.ts'
import { notWritten, tooLargeForKey, writeFailed } from './write-errors.ts'
import type { WritePlan } from './write-plan.ts'

/** A write's turn among others, which ends with it. */
export interface Turn {
  end(): void
}

/**
 * Writes checked and sorted cells at once, batch by batch, so that a series keeps its order and a failure leaves a prefix. Adds to `tally.stored`
 * what is known to be stored; if the caller's transaction has ended, nothing is. Resolves to the tally.
 * @throws KAIROS_STORE_FAILED, KAIROS_CONFIG_CHANGED, KAIROS_ABORTED, KAIROS_CLOSED, each listing the cells that were not applied and those that may have been
 */
export async function commitNow(
  context: Context,
  plan: WritePlan,
  cells: readonly PendingCell[],
  now: number,
  tally: WriteResult,
  turn?: Turn,
): Promise<WriteResult> {
  try {
    if (plan.signal?.aborted) throw notWritten(context, cells, tally, aborted(plan.signal))
    if (cells.length === 0) return tally
    const batches = batchesFor(context, plan, cells)
    if (plan.once?.key !== undefined && batches.length > 1) throw tooLargeForKey()
    const opened = context.opened
    const store = opened ?? (await openFor(context, plan, cells, tally))
    const oldestLive = context.retention.oldestLive(now)
    const yieldNow = batches.length > 1 ? createYielder() : undefined
    for (let index = 0; index < batches.length; index++) {
      if (index > 0) await yieldNow!()
      const sending = writeBatch(context, plan, store, batches[index]!, oldestLive)
      if (index === 0 && opened === undefined) context.resumed()
      const sent = await sending
      sweepBeside(context, plan, sent, oldestLive)
      if (sent === null) tally.stored += pairsOf(batches[index]!)
      else if (isRepeated(sent)) tally.repeated = true
      else report(context, plan, sent, batches, index, tally)
    }
    return tally
  } finally {
    turn?.end()
  }
}

/** Adds one batch to the tally, or throws what became of it and of those after it. */
function report(
  context: Context,
  plan: WritePlan,
  sent: SentWrite,
  batches: readonly (readonly PendingCell[])[],
  index: number,
  tally: WriteResult,
): void {
  const { outcome } = sent
  const value = countAfter(plan, sent)
  if (value !== undefined) tally.value = value
  tally.stored += storedPairs(context.settings, batches[index]!, outcome)
  if (outcome === null) return
  if (isTransactionEnded(outcome.cause)) {
    tally.stored = 0
    throw writeFailed(context, { ...outcome, notApplied: batches.flat(), maybeApplied: [] }, tally)
  }
  const notApplied = [...outcome.notApplied, ...batches.slice(index + 1).flat()]
  throw writeFailed(context, { ...outcome, notApplied }, tally)
}

/** Where a count is to be returned, cells with a resolution go by themselves: a store can only tell the others. */
function batchesFor({ settings }: Context, plan: WritePlan, cells: readonly PendingCell[]): (readonly PendingCell[])[] {
  if (plan.returning === undefined) return batchesOf(cells, settings.rules)
  const fine = new Set(settings.intervals.flatMap(({ name, resolution }) => (resolution === null ? [] : [name])))
  const apart = [
    cells.filter(({ interval }) => !fine.has(interval)),
    cells.filter(({ interval }) => fine.has(interval)),
  ]
  return apart.flatMap((part) => batchesOf(part, settings.rules))
}

/** A store that cannot be opened has applied nothing, and the error says so, as for any other write. */
export async function openFor(
  context: Context,
  plan: CallPlan,
  cells: Parameters<typeof notWritten>[1],
  tally: Pick<WriteResult, 'stored' | 'expired'>,
): Promise<CellStore> {
  try {
    return await context.open(plan)
  } catch (error) {
    throw KairosError.is(error) ? notWritten(context, cells, tally, error) : error
  }
}

/** How many (value, bucket) pairs of a batch are known to be stored. */
function storedPairs(settings: Settings, batch: readonly PendingCell[], outcome: Outcome | null): number {
  if (outcome === null) return pairsOf(batch)
  let stored = 0
  const missing = missingPairs(settings, batch, outcome)
  // Two attempts may both list a cell, or a part of it: no more can be missing than it holds.
  for (const cell of batch) stored += Math.max(0, cell.pairs - (missing.get(keyOf(cell)) ?? 0))
  return stored
}

/** The pairs of each cell that are listed as not stored or in doubt. A cell that the driver split is listed by its parts. */
function missingPairs(settings: Settings, batch: readonly PendingCell[], outcome: Outcome): Map<string, number> {
  const { weight, many } = settings.rules
  const whole = new Set<CellWrite>(batch)
  const missing = new Map<string, number>()
  for (const cell of [...outcome.notApplied, ...outcome.maybeApplied]) {
    // A cell of one value has no parts.
    const pairs = many
      ? whole.has(cell)
        ? (cell as PendingCell).pairs
        : weight(cell.change)
      : Number.POSITIVE_INFINITY
    missing.set(keyOf(cell), (missing.get(keyOf(cell)) ?? 0) + pairs)
  }
  return missing
}
