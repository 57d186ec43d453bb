import { isConfigChanged } from '../calls/final-failures.ts'
import { pause } from '../calls/pause.ts'
import { isWriteFailure, retryOf } from '../calls/store-failures.ts'
import type { CellPosition, CellStore, WriteFailure } from '../contract/cells.ts'
import { messageOf } from '../internal/message-of.ts'
import { failedWrite } from './failures.ts'
import type { Lease } from './lease.ts'
import { monotonicNow } from './monotonic-now.ts'

/** Between two looks at records that another process is about to replace, in milliseconds. */
const LOOK_AGAIN = 100

/** How `leasedStore` works. */
export interface LeasedStoreOptions {
  /** How long a write that was answered waits to learn whether its record was current, in milliseconds. */
  readonly timeout: number
  /** The store checks the lease itself before each of its requests, and rejects as `leasedStore` would. */
  readonly checksRequests?: boolean
}

/**
 * A store that refuses calls once its records were replaced. Each call checks the lease before it begins and confirms its answer: what was answered
 * while the records were current is seen by the process that replaces them next. So no acknowledged write is lost, and no answer is given of a record that is gone, however
 * long the process, its connection or a request stalled.
 *
 * A write or a replacement that was answered after its record was replaced rejects with `configChanged`, and with all its cells that the store did not refuse in
 * `maybeApplied`: those of an interval whose record is still current may be there. If another process is just about to replace the records, or they cannot
 * be read, such a write waits for the outcome, and is in doubt after `timeout`.
 * @example `const store = leasedStore(createStore(context), createLease(look, options.lease), { timeout: options.timeout })`
 */
export function leasedStore(
  store: CellStore,
  lease: Lease,
  { timeout, checksRequests = false }: LeasedStoreOptions,
): CellStore {
  const { sweep, replace, merge, drop, fetch, decodeRow } = store

  async function leased<T>(call: () => Promise<T>): Promise<T> {
    if (!checksRequests) await lease.check()
    const answer = await call()
    await lease.confirm()
    return answer
  }

  /** A write or a replacement, whose failures say what became of each cell. */
  async function leasedChange<Cell extends CellPosition, Receipt>(
    cells: readonly Cell[],
    call: () => Promise<Receipt>,
  ): Promise<Receipt> {
    if (!checksRequests) await checkChange(cells)
    const receipt = await call().catch(async (failure: unknown) => {
      if (acknowledges(failure, cells)) await confirmChange(cells, failure.notApplied)
      throw failure
    })
    await confirmChange(cells, [])
    return receipt
  }

  async function checkChange<Cell extends CellPosition>(cells: readonly Cell[]): Promise<void> {
    try {
      await lease.check()
    } catch (error) {
      throw failureOf(error, { notApplied: cells })
    }
  }

  async function confirmChange<Cell extends CellPosition>(
    cells: readonly Cell[],
    refused: readonly Cell[],
  ): Promise<void> {
    try {
      await confirmed(lease, timeout)
    } catch (error) {
      throw failureOf(error, { notApplied: refused, maybeApplied: without(cells, refused) })
    }
  }

  return {
    write: (batch, options) => leasedChange(batch.cells, () => store.write(batch, options)),
    read: (query, options) => leased(() => store.read(query, options)),
    bounds: (query, options) => leased(() => store.bounds(query, options)),
    names: (query, options) => leased(() => store.names(query, options)),
    delete: (names, options) => leased(() => store.delete(names, options)),
    deleteRange: (query, options) => leased(() => store.deleteRange(query, options)),
    ...(sweep && {
      sweep: (query, options) => leased(() => sweep.call(store, query, options)),
    }),
    ...(replace && {
      replace: (batch, options) => leasedChange(batch.cells, () => replace.call(store, batch, options)),
    }),
    ...(merge && {
      merge: (query, options) => leased(() => merge.call(store, query, options)),
    }),
    ...(drop && {
      // Nothing to confirm: afterwards the records are gone.
      async drop(interval, options) {
        if (!checksRequests) await lease.check()
        await drop.call(store, interval, options)
      },
    }),
    ...(fetch && {
      fetch: (query, callerFetch, options) => leased(() => fetch.call(store, query, callerFetch, options)),
    }),
    ...(decodeRow && { decodeRow: (row) => decodeRow.call(store, row) }),
  }
}

/** The others; a cell of which only a part was refused is among them. */
function without<Cell>(cells: readonly Cell[], refused: readonly Cell[]): Cell[] {
  const gone = new Set(refused)
  return cells.filter((cell) => !gone.has(cell))
}

/** Whether a failure leaves out a cell, or a part of one, which then counts as stored. */
function acknowledges<Cell extends CellPosition>(
  failure: unknown,
  cells: readonly Cell[],
): failure is WriteFailure<Cell> {
  if (!isWriteFailure<Cell>(failure)) return false
  const listed = new Set([...failure.notApplied, ...failure.maybeApplied])
  return cells.some((cell) => !listed.has(cell))
}

function failureOf<Cell extends CellPosition>(
  error: unknown,
  cells: { readonly notApplied: readonly Cell[]; readonly maybeApplied?: readonly Cell[] },
): WriteFailure<Cell> {
  const failure = failedWrite(messageOf(error), { retry: retryOf(error), ...cells, cause: error })
  return Object.assign(failure, isConfigChanged(error) && { configChanged: true })
}

/** Waits while another process is about to replace the records, or while they cannot be read: only then is it clear whether the write stays. */
async function confirmed(lease: Lease, timeout: number): Promise<void> {
  const deadline = monotonicNow() + timeout
  for (;;) {
    try {
      return await lease.confirm()
    } catch (error) {
      if (retryOf(error) === 'never' || monotonicNow() > deadline) throw error
    }
    await pause(LOOK_AGAIN)
  }
}
