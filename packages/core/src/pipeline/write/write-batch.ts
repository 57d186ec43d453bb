import type { CellStore, CellWrite, OldestLive, WriteBatch } from '../../contract/cells.ts'
import type { Context } from '../context.ts'
import { type Sent, sendBatch } from './send-batch.ts'
import type { WritePlan } from './write-plan.ts'

export type SentWrite = Sent<CellWrite, Awaited<ReturnType<CellStore['write']>>>

/**
 * Writes one batch: what may have been applied is sent again only where that adds nothing. Resolves to null if everything is stored, and there is
 * nothing else to say.
 */
export function writeBatch(
  context: Context,
  plan: WritePlan,
  store: CellStore,
  cells: readonly CellWrite[],
  oldestLive: OldestLive,
): Promise<SentWrite | null> {
  const { once, callOptions, returning } = plan
  const id = once && idOf(once.key)
  const asks = returning !== undefined && cells.some(({ interval }) => interval === returning)
  return sendBatch(context, plan, cells, {
    operation: 'write',
    repeatable: once !== undefined || context.settings.rules.idempotent,
    // Exactly-once is per batch: the store knows it by its id, so every attempt must send the same one.
    whole: once !== undefined,
    batchOf: (cells): WriteBatch =>
      id === undefined && !asks
        ? { cells, oldestLive }
        : { cells, oldestLive, ...(id !== undefined && { id }), ...(asks && { returning: true }) },
    send: (batch) => store.write(batch, callOptions),
  })
}

/** After a batch that is stored, unless it is in the caller's own transaction: sweeps what has expired. */
export function sweepBeside(context: Context, plan: WritePlan, sent: SentWrite | null, oldestLive: OldestLive): void {
  if (sent !== null && sent.outcome !== null) return
  if (plan.callOptions.driverOptions === undefined) context.sweepBeside?.(oldestLive)
}

/** Whether another call had stored the batch before. If an earlier attempt of this call may have stored it, that is what the store remembers. */
export function isRepeated({ receipt, doubted }: SentWrite): boolean {
  return receipt?.repeated === true && !doubted
}

/** What the count in the plan's interval `returning` is after the batch; undefined if it was not asked for, or is not in this batch. */
export function countAfter({ returning }: WritePlan, { receipt, cells }: SentWrite): number | undefined {
  return returning === undefined
    ? undefined
    : receipt?.counts?.[cells.findIndex(({ interval }) => interval === returning)]
}

/** The prefixes keep callers' keys and core's ids apart. */
function idOf(key: string | undefined): string {
  return key === undefined ? `id:${crypto.randomUUID()}` : `key:${key}`
}
