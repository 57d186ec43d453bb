import { KairosError } from '@kairos/core'
import {
  type BucketRange,
  type CellPosition,
  type CellQuery,
  type CellValue,
  describe,
  type FetchedCell,
  isRecord,
  type TimeseriesType,
} from '@kairos/core/driver'
import type { CassandraClientLike, CassandraRow } from '../connection/client.ts'
import { storeFailure } from '../connection/failures.ts'
import { sumOf } from '../folding/deltas.ts'
import { windowName } from '../registry/windows.ts'
import { toNumber } from '../values/cql-bytes.ts'
import type { StoreContext } from './context.ts'
import { extended } from './decode-rows.ts'
import { windowsOf } from './read.ts'

/** Where one name's cells of a range are. */
export interface CassandraFetchQuery {
  /** With its keyspace, quoted, as CQL takes it. */
  readonly table: string
  readonly name: string
  readonly interval: string
  readonly buckets: BucketRange
  /** The partitions in question: each completes their key, `(name, window)`. */
  readonly windows: readonly string[]
}

/**
 * The caller's own read of one name: gives rows with the columns `name`, `i` and `r`, the rows of a cell in their order. What `processRow` is
 * given is the list of a cell's rows for series, histograms and sets; for counts and gauges one row: of a count with rows of several writers,
 * the first one, with the sum of all as its `b`.
 */
export type CassandraFetch<Client extends CassandraClientLike = CassandraClientLike> = (
  client: Client,
  request: CassandraFetchQuery,
) => Iterable<object> | AsyncIterable<object> | Promise<Iterable<object>>

export async function fetchCells(
  context: StoreContext,
  query: CellQuery,
  callerFetch: unknown,
): Promise<FetchedCell[]> {
  if (typeof callerFetch !== 'function')
    throw new KairosError(
      'KAIROS_INVALID_CONFIG',
      `fetch must be a function (client, request) that gives rows, not ${describe(callerFetch)}`,
      { path: 'fetch', driver: 'cassandra' },
    )
  const perName = await Promise.all(
    query.names.map(async (name) => {
      const windows = await windowsOf(context, name, query.interval, query.range)
      const request: CassandraFetchQuery = {
        table: context.layout.qualified,
        name,
        interval: query.interval,
        buckets: query.range,
        windows: windows.map((window) => windowName(context.intervalKey(query.interval), window)),
      }
      const rows = await rowsOfCaller(() => (callerFetch as CassandraFetch)(context.session.client, request))
      return cellsOf(context, rows)
    }),
  )
  return perName.flat()
}

/** Errors of the caller's own pass as they are; those of the client become the store's. */
async function rowsOfCaller(call: () => ReturnType<CassandraFetch>): Promise<CassandraRow[]> {
  const rows: CassandraRow[] = []
  try {
    for await (const row of await call()) rows.push(row as CassandraRow)
  } catch (error) {
    if (error instanceof Error && 'info' in error) throw storeFailure(error)
    throw error
  }
  return rows
}

interface FetchedRows extends CellPosition {
  readonly rows: CassandraRow[]
}

function cellsOf(context: StoreContext, rows: readonly CassandraRow[]): FetchedCell[] {
  const cells = new Map<string, FetchedRows>()
  for (const row of rows) {
    const [name, bucket, resolutionBucket] = [row.name, toNumber(row.i), toNumber(row.r)]
    if (typeof name !== 'string' || !Number.isSafeInteger(bucket) || !Number.isSafeInteger(resolutionBucket))
      throw new KairosError(
        'KAIROS_INVALID_CONFIG',
        `the rows of fetch must carry name, i and r, not ${shapeOf(row)}`,
        {
          path: 'fetch',
          value: row,
          driver: 'cassandra',
        },
      )
    const key = `${bucket} ${resolutionBucket} ${name}`
    const known = cells.get(key)
    if (known === undefined) cells.set(key, { name, bucket, resolutionBucket, rows: [row] })
    else known.rows.push(row)
  }
  const rowOf = fetchedRow[context.layout.type]
  return Array.from(cells.values(), ({ rows: ofCell, ...position }) => ({ ...position, row: rowOf(ofCell) }))
}

function shapeOf(row: unknown): string {
  return isRecord(row) ? Object.keys(row).join(', ') : describe(row)
}

type RowOf = (rows: readonly CassandraRow[]) => CassandraRow | readonly CassandraRow[]
const all: RowOf = (rows) => rows

/** What `processRow` is given of a cell: its rows, or, of a type whose cell is one value, one row. */
const fetchedRow: Readonly<Record<TimeseriesType, RowOf>> = {
  series: all,
  histogram: all,
  set: all,
  gauge: (rows) => rows.at(-1)!,
  // A row for each writer; together they are what one would have written.
  count: (rows) =>
    rows.length === 1 ? rows[0]! : { ...rows[0], b: rows.reduce((sum, { b, d }) => sum + sumOf(b, d), 0), d: null },
}

/** A fetched row, or the list of a cell's rows, as a read would give it. */
export function decodeRow({ layout: { type, codec } }: StoreContext, row: unknown): CellValue {
  const rows = (Array.isArray(row) ? row : [row]) as readonly CassandraRow[]
  let value: CellValue | undefined
  for (const each of rows) value = extended[type](value, each, codec)
  return value!
}
