import {
  type CellStore,
  configChangedFailure,
  type DriverCallOptions,
  failedStore,
  failedWrite,
  type StoreSchema,
  type SweepQuery,
  type TimeseriesType,
} from '@kairos/core/driver'
import type { Database, Session } from '../connection/session.ts'
import type { KyselyLike, TransactionLike } from '../kysely/kysely-like.ts'
import type { OpenedTable } from '../schema/opened-table.ts'
import { type CallsContext, type CellCalls, callsOn } from './cell-calls.ts'
import type { ExpireProgress, SweepState } from './expiry.ts'
import { decodeFetched } from './fetch.ts'
import { transactionIn } from './transaction.ts'

/** What a store needs. */
export interface StoreContext extends CallsContext {
  readonly onExpire: ((progress: ExpireProgress) => void) | undefined
  /** The current table; `replaced` if the records are no longer those under which the store was opened. */
  readonly lookAgain: (session: Session) => Promise<OpenedTable | 'replaced' | 'missing'>
  /** Removes the table, or an interval, within `Database.exclusively`. Without a table, which is missing: its records. */
  readonly remove: (session: Session, current: OpenedTable | null, interval: string | null) => Promise<void>
}

/** A sweep, in several calls. */
interface Sweep extends SweepState {
  /** The cells deleted so far. */
  cells: number
  /** Those of them that no call has returned. */
  untold: number
}

/** In how many generations of its table a call is tried. */
const MOST_GENERATIONS = 5

/** A store of cells in one table. */
export function createStore(context: StoreContext, schema: StoreSchema<TimeseriesType>): CellStore {
  const { dialect, tableName, onExpire } = context
  let { table } = context
  let own = callsOn(context, schema)
  let replaced = false
  /** Whether a drop of all was begun, and did not resolve. */
  let isDropping = false

  function callsAt(database: Database, kysely: KyselyLike): CellCalls {
    return database === context.database ? own : callsOn({ ...context, kysely, database, table }, schema)
  }

  /** Makes a call, in the caller's transaction if there is one. If another process replaces other records meanwhile, the call is made again. */
  async function run<T>(transaction: TransactionLike | undefined, call: (calls: CellCalls) => Promise<T>): Promise<T> {
    const database = transaction === undefined ? context.database : context.database.joining(transaction)
    for (let attempt = 1; ; attempt++) {
      if (replaced) throw configChangedFailure()
      const { generation } = table
      try {
        return await call(callsAt(database, transaction ?? context.kysely))
      } catch (error) {
        const outdated =
          error instanceof Error && (dialect.lacksColumn(error.cause, generation) || dialect.lacksTable(error.cause))
        if (!outdated || attempt === MOST_GENERATIONS) throw error
        const found = await context.lookAgain(database)
        if (found === 'missing') throw error
        if (found === 'replaced') {
          // The caller may still roll back the transaction in which this is seen.
          replaced = transaction === undefined
          throw configChangedFailure()
        }
        table = found.table
        own = callsOn({ ...context, table }, schema)
      }
    }
  }

  async function runWith<T>(
    options: DriverCallOptions | undefined,
    call: (calls: CellCalls) => Promise<T>,
  ): Promise<T> {
    const transaction = transactionIn(options, context.kysely)
    if (transaction instanceof Error) throw failedStore(transaction.message, 'never')
    return run(transaction, call)
  }

  // Core makes the steps of one sweep, and repeats a failed one, with the same object.
  const sweeps = new WeakMap<SweepQuery, Sweep>()
  return {
    async write(batch, options) {
      const transaction = transactionIn(options, context.kysely)
      if (transaction instanceof Error)
        throw failedWrite(transaction.message, { retry: 'never', notApplied: batch.cells })
      return run(transaction, (calls) => calls.write(batch))
    },
    async replace(batch, options) {
      const transaction = transactionIn(options, context.kysely)
      if (transaction instanceof Error)
        throw failedWrite(transaction.message, { retry: 'never', notApplied: batch.cells })
      return run(transaction, (calls) => calls.replace(batch))
    },
    read: (query, options) => runWith(options, (calls) => calls.read(query)),
    merge: (query, options) => runWith(options, (calls) => calls.merge(query)),
    bounds: (query, options) => runWith(options, (calls) => calls.bounds(query)),
    names: (query, options) => runWith(options, (calls) => calls.names(query)),
    deleteRange: (query, options) => runWith(options, (calls) => calls.deleteRange(query, options?.signal)),
    delete: (names, options) => runWith(options, (calls) => calls.delete(names, options?.signal)),
    async sweep(query, options) {
      const sweep: Sweep = sweeps.get(query) ?? { cells: 0, untold: 0 }
      sweeps.set(query, sweep)
      const done = await runWith(options, (calls) =>
        calls.sweep(query, sweep, options?.signal, (swept, name, interval) => {
          sweep.cells += swept
          // A step that fails later does not say how much it deleted before.
          sweep.untold += swept
          onExpire?.({ table: tableName, name, interval, cells: sweep.cells })
        }),
      )
      const swept = sweep.untold
      sweep.untold = 0
      return { swept, done }
    },
    async drop(interval, options) {
      const transaction = transactionIn(options, context.kysely)
      if (transaction instanceof Error) throw failedStore(transaction.message, 'never')
      const database = transaction === undefined ? context.database : context.database.joining(transaction)
      await database.exclusively(async (session) => {
        const found = await context.lookAgain(session)
        // The answer to an earlier attempt may have been lost.
        if (found === 'replaced' && interval === null && isDropping) return
        if (found === 'replaced') throw configChangedFailure()
        isDropping = interval === null
        await context.remove(session, found === 'missing' ? null : found, interval)
      })
      isDropping = false
    },
    fetch: (query, callerFetch, options) => runWith(options, (calls) => calls.fetch(query, callerFetch)),
    decodeRow: (row) => decodeFetched(table.layout, row),
  }
}
