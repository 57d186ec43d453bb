import type { WriteResult } from '../../api/writes.ts'
import { aborted } from '../../calls/retry.ts'
import type { CellStore } from '../../contract/cells.ts'
import { KairosError, withDetails } from '../../errors.ts'
import { types } from '../../types/index.ts'
import { invalidOption } from '../call-options.ts'
import type { Context } from '../context.ts'
import { batchesOf, MOST_CELLS, MOST_VALUES } from './batches.ts'
import { flush, referencesTo } from './flush.ts'
import type { Merger, PendingCell } from './merge.ts'
import type { WritePlan } from './write-plan.ts'

/** Writes what was merged, and adds to `tally`. */
export function commitMerged(
  context: Context,
  plan: WritePlan,
  merger: Merger,
  now: number,
  tally: WriteResult,
): Promise<void> {
  const cells = merger.take()
  tally.expired += merger.expired
  return commit(context, plan, cells, now, tally)
}

/** Only now does a call meet the store: what it was given has been checked whole. Adds to `tally.stored`. */
export async function commit(
  context: Context,
  plan: WritePlan,
  cells: readonly PendingCell[],
  now: number,
  tally: WriteResult,
): Promise<void> {
  if (plan.signal?.aborted) throw notWritten(context, cells, tally, aborted(plan.signal))
  if (cells.length === 0) return
  const batches = batchesOf(cells, types[context.settings.type])
  if (plan.once?.key !== undefined && batches.length > 1) throw tooLargeForKey()
  const store = context.opened ?? (await openFor(context, plan, cells, tally))
  await flush({ context, plan, store, oldestLive: context.retention.oldestLive(now) }, batches, tally)
}

/** A store knows a key with the batch that it came with. */
export function tooLargeForKey(): KairosError {
  return invalidOption(
    'once',
    `once must be given with what is one batch, at most ${MOST_CELLS} cells and ${MOST_VALUES} values; write less at a time, each with a key of its own`,
  )
}

/** A store that cannot be opened has certainly applied nothing: the error says so, as that of any other write. */
async function openFor(
  context: Context,
  plan: WritePlan,
  cells: readonly PendingCell[],
  tally: WriteResult,
): Promise<CellStore> {
  try {
    return await context.open(plan)
  } catch (error) {
    throw KairosError.is(error) ? notWritten(context, cells, tally, error) : error
  }
}

/** An error of a write that has not met the store with these cells. */
export function notWritten(
  { settings, driver }: Context,
  cells: readonly PendingCell[],
  tally: WriteResult,
  error: KairosError,
): KairosError {
  return withDetails(error, {
    driver: driver.id,
    operation: error.operation ?? 'write',
    stored: tally.stored,
    expired: tally.expired,
    notApplied: referencesTo(settings, cells),
    maybeApplied: [],
  })
}
