import { failedWrite, type ReplaceBatch, type ReplaceReceipt } from '@kairos/core/driver'
import { retryOf } from '../connection/error-codes.ts'
import { reasonOf, transient } from '../connection/failures.ts'
import type { Layout } from './layout.ts'
import type { Channel } from './send-updates.ts'
import { endOf } from './write-updates.ts'

/**
 * Sets cells.
 * @throws WriteFailure with all of them in doubt, since it may be repeated; none where a transaction was rolled back
 */
export async function replaceCells(channel: Channel, layout: Layout, { cells }: ReplaceBatch): Promise<ReplaceReceipt> {
  try {
    await layout.replace(channel, cells)
    return { unexpected: [] }
  } catch (error) {
    const { requests, module } = channel
    const end = endOf(requests, error)
    const failure = failedWrite(reasonOf(error), {
      retry: retryOf(error),
      cause: error,
      ...(end.transactionEnded ? { notApplied: cells } : { maybeApplied: cells }),
    })
    throw Object.assign(failure, requests.inTransaction && transient(module, error), end)
  }
}
