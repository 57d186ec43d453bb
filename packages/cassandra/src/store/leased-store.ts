import { type CellStore, failedWrite, type Lease, messageOf, pause, type StoreFailure } from '@kairos/core/driver'
import { retryOf } from '../connection/failures.ts'

/** Between two looks at the records, in milliseconds. */
const POLL_INTERVAL = 100

/**
 * A store that refuses calls once its records were replaced. Each call checks the lease before it begins and again when it has been answered. If it
 * was answered within a lease, or before a look that found the records current, the process that replaces them next sees what was written. So a
 * replacement never loses an acknowledged write, however long the process or the request stalled.
 */
export function leasedStore(store: CellStore, lease: Lease, timeout: number): CellStore {
  async function leased<T>(call: () => Promise<T>): Promise<T> {
    const before = lease.check()
    if (before !== undefined) await before
    try {
      return await call()
    } finally {
      const after = lease.check()
      if (after !== undefined) await after
    }
  }

  return {
    async write(batch, options) {
      const before = lease.check()
      if (before !== undefined) {
        await before.catch((error: unknown) => {
          if ((error as StoreFailure).configChanged) throw error
          throw failedWrite(messageOf(error), { retry: retryOf(error), notApplied: batch.cells, cause: error })
        })
      }
      try {
        return await store.write(batch, options)
      } finally {
        if (lease.check() !== undefined) {
          await confirmed(lease, timeout).catch((error: unknown) => {
            if ((error as StoreFailure).configChanged) throw error
            throw failedWrite(messageOf(error), { retry: retryOf(error), maybeApplied: batch.cells, cause: error })
          })
        }
      }
    },
    read: (query, options) => leased(() => store.read(query, options)),
    bounds: (query, options) => leased(() => store.bounds(query, options)),
    names: (query, options) => leased(() => store.names(query, options)),
    deleteRange: (query, options) => leased(() => store.deleteRange(query, options)),
    delete: (names, options) => leased(() => store.delete(names, options)),
    fetch: (query, callerFetch, options) => leased(() => store.fetch!(query, callerFetch, options)),
    decodeRow: (row) => store.decodeRow!(row),
  }
}

/** Waits while another process is about to replace the records, or while they cannot be read: only then is it clear whether the write stays. */
async function confirmed(lease: Lease, timeout: number): Promise<void> {
  const deadline = performance.now() + timeout
  for (;;) {
    try {
      return await lease.check()
    } catch (error) {
      if (retryOf(error) === 'never' || performance.now() > deadline) throw error
    }
    await pause(POLL_INTERVAL)
  }
}
