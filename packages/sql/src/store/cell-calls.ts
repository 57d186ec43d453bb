import type {
  BucketRange,
  CellQuery,
  FetchedCell,
  MergedCell,
  MergeQuery,
  NamesPage,
  NamesQuery,
  ReplaceBatch,
  ReplaceReceipt,
  StoredCell,
  StoreSchema,
  SweepQuery,
  TimeseriesType,
  WriteBatch,
  WriteReceipt,
} from '@kairos/core/driver'
import type { Database } from '../connection/session.ts'
import { checkGeneration } from '../schema/generation.ts'
import { boundsOf } from './bounds.ts'
import { deleteCells, deleteRange } from './delete.ts'
import { type SweepState, sweepTable } from './expiry.ts'
import { type FetchContext, fetchCells } from './fetch.ts'
import type { createMerger } from './merge.ts'
import { namesPage } from './names-page.ts'
import { createReader } from './read.ts'
import type { Receipts } from './receipts.ts'
import { createWriter } from './write.ts'

/** What calls work on: a database or a transaction in it, and a table with its generation. */
export interface CallsContext extends FetchContext {
  readonly database: Database
  readonly receipts: Receipts
}

/** The calls of a store, which the database refuses if the table has another generation. */
export interface CellCalls {
  write(batch: WriteBatch): Promise<WriteReceipt>
  replace(batch: ReplaceBatch): Promise<ReplaceReceipt>
  read(query: CellQuery): Promise<StoredCell[]>
  merge(query: MergeQuery): Promise<MergedCell[] | null>
  bounds(query: CellQuery): Promise<BucketRange | null>
  names(query: NamesQuery): Promise<NamesPage>
  delete(names: readonly string[] | null, signal: AbortSignal | undefined): Promise<void>
  deleteRange(query: CellQuery, signal: AbortSignal | undefined): Promise<void>
  /** Resolves to whether nothing is left. */
  sweep(
    query: SweepQuery,
    state: SweepState,
    signal: AbortSignal | undefined,
    report: (swept: number, name: string, interval: string) => void,
  ): Promise<boolean>
  fetch(query: CellQuery, callerFetch: unknown): Promise<FetchedCell[]>
}

/** The calls on one generation of a table. */
export function callsOn(context: CallsContext, { intervals }: StoreSchema<TimeseriesType>): CellCalls {
  const { database, dialect, table, receipts } = context
  const read = createReader(database, dialect, table)
  let merge: ReturnType<typeof createMerger> | undefined
  return {
    write: createWriter(database, dialect, table, receipts),
    async replace(batch) {
      const { createReplacer } = await import('./replace-cells.ts')
      return createReplacer(database, dialect, table)(batch)
    },
    read: (query) => read({ ...query, hasResolution: intervals[query.interval]!.hasResolution }),
    async merge(query) {
      merge ??= (await import('./merge.ts')).createMerger(database, dialect, table)
      return merge(query, intervals[query.interval]!)
    },
    bounds: (query) => boundsOf(database, dialect, table, query),
    names: (query) => namesPage(database, dialect, table, query),
    delete: (names, signal) => deleteCells({ database, dialect, table, signal }, names, Object.keys(intervals)),
    deleteRange: (query, signal) => deleteRange({ database, dialect, table, signal }, query),
    async sweep(query, state, signal, report) {
      const done = await sweepTable({ database, dialect, table, signal }, query, state, report)
      if (done) await receipts.sweep(database)
      return done
    },
    async fetch(query, callerFetch) {
      const cells = await fetchCells(context, callerFetch, query)
      // Checked afterwards: rows read before a replacement belong to these records.
      await database.execute(checkGeneration(table))
      return cells
    },
  }
}
