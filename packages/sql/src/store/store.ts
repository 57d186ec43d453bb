import type { CellStore, StoreSchema } from '@kairos/core/driver'
import type { Database } from '../connection/session.ts'
import { deleteCells, type ExpireProgress, sweepTable } from './delete.ts'
import { decodeFetched, type FetchContext, fetchCells } from './fetch.ts'
import { boundsOf, liveNames } from './names-and-bounds.ts'
import { createReader } from './read.ts'
import { createWriter } from './write.ts'

/** What a store stands on. */
export interface StoreContext extends FetchContext {
  readonly database: Database
  readonly onExpire: ((progress: ExpireProgress) => void) | undefined
}

export function createStore(context: StoreContext, { intervals }: StoreSchema): CellStore {
  const { database, dialect, table, tableName, onExpire } = context
  const read = createReader(database, dialect, table)
  return {
    write: createWriter(database, dialect, table),
    read: (query) => read({ ...query, fine: intervals[query.interval]!.fine }),
    bounds: (query) => boundsOf(database, dialect, table, query),
    names: (oldestLive) => liveNames(database, dialect, table, oldestLive),
    delete: (names) => deleteCells(database, dialect, table, names, Object.keys(intervals)),
    sweep: (oldestLive, names) =>
      sweepTable(database, dialect, table, oldestLive, names, (progress) =>
        onExpire?.({ table: tableName, ...progress }),
      ),
    fetch: (query, callerFetch) => fetchCells(context, callerFetch, query),
    decodeRow: (row) => decodeFetched(table.layout, row),
  }
}
