import type { CellStore, CellWrite, OldestLive, WriteBatch } from '../../contract/cells.ts'
import type { Context } from '../context.ts'
import { sendBatch } from './send-batch.ts'
import type { Outcome } from './undecided.ts'
import type { WritePlan } from './write-plan.ts'

/** What became of a batch of changes. */
interface Written {
  /** Null: everything is stored. */
  readonly outcome: Outcome | null
  /** Another call had stored it before. */
  readonly repeated: boolean
  /** What the count in the plan's interval `returning` is. */
  readonly value: number | undefined
}

/** Writes one batch: what may have been applied is sent again only where that adds nothing. */
export async function writeBatch(
  context: Context,
  plan: WritePlan,
  store: CellStore,
  cells: readonly CellWrite[],
  oldestLive: OldestLive,
): Promise<Written> {
  const { once, callOptions, returning } = plan
  const id = once && idOf(once.key)
  const asks = returning !== undefined && cells.some(({ interval }) => interval === returning)
  const sent = await sendBatch(context, plan, cells, {
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
  const { receipt } = sent
  // Not in the caller's own transaction.
  if (sent.outcome === null && callOptions.driverOptions === undefined) context.sweepBeside?.(oldestLive)
  return {
    outcome: sent.outcome,
    // If an earlier attempt of this call may have stored the batch, that is what the store remembers.
    repeated: receipt?.repeated === true && !sent.doubted,
    value: asks ? receipt?.counts?.[sent.cells.findIndex(({ interval }) => interval === returning)] : undefined,
  }
}

/** The prefixes keep callers' keys and core's ids apart. */
function idOf(key: string | undefined): string {
  return key === undefined ? `id:${crypto.randomUUID()}` : `key:${key}`
}
