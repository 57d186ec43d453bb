import { KairosError } from '@kairos/core'
import {
  type BucketRange,
  type CellPosition,
  type CellQuery,
  type CellValue,
  describe,
  type FetchedCell,
  isRecord,
  messageOf,
  type TimeseriesType,
} from '@kairos/core/driver'
import type { CassandraClientLike, CassandraRow } from '../connection/client.ts'
import { storeFailure } from '../connection/failures.ts'
import { type Piece, sumOf } from '../folding/deltas.ts'
import { windowName } from '../registry/windows.ts'
import type { Layout } from '../schema/table.ts'
import { toNumber } from '../values/cql-bytes.ts'
import type { StoreContext } from './context.ts'
import { joined, settled, stateOf } from './decode-rows.ts'
import { windowsOf } from './read.ts'

/** Where to find the cells of one name in a range. A custom `fetch` is called with it. */
export interface CassandraFetchQuery {
  /** With its keyspace, quoted for CQL. */
  readonly table: string
  /** With a named timeseries, the column `timeseries`: a partition's key is then `(timeseries, name, window)`. */
  readonly timeseries?: string
  readonly name: string
  readonly interval: string
  /** First and last bucket, the column `i`. */
  readonly buckets: BucketRange
  /** The windows that may hold cells of the range: a partition's key is `(name, window)`. */
  readonly windows: readonly string[]
}

/**
 * A custom read of one name. Returns rows with the columns `name`, `i` and `r`, the rows of each cell in their order. For series, histograms
 * and sets, `processRow` is called with the list of a cell's rows; for the other types with one row. A cell of these with rows of several writers is given
 * as the first of them, with what all come to as its `b`.
 * @example
 * const fetch: CassandraFetch = async (client, { table, name, windows }) => {
 *   const query = `SELECT * FROM ${table} WHERE name = ? AND window = ?`
 *   const results = await Promise.all(windows.map((window) => client.execute(query, [name, window], { prepare: true })))
 *   return results.flatMap(({ rows }) => rows)
 * }
 */
export type CassandraFetch<Client extends CassandraClientLike = CassandraClientLike> = (
  client: Client,
  request: CassandraFetchQuery,
) => Iterable<object> | AsyncIterable<object> | Promise<Iterable<object>>

/**
 * Reads cells with the caller's `fetch`, called once for each name.
 * @throws KAIROS_INVALID_CONFIG if it is not a function or returns other rows
 * @throws StoreFailure for an error of the client; other errors of `fetch` as they are
 */
export async function fetchCells(
  context: StoreContext,
  query: CellQuery,
  callerFetch: unknown,
): Promise<FetchedCell[]> {
  if (typeof callerFetch !== 'function')
    throw invalidFetch(
      `fetch must be a function (client, query) that returns rows, not ${describe(callerFetch)}`,
      callerFetch,
    )
  const perName = await Promise.all(
    query.names.map(async (name) => {
      const windows = await windowsOf(context, name, query.interval, query.range)
      const request: CassandraFetchQuery = {
        table: context.layout.qualified,
        ...(context.layout.timeseries !== undefined && { timeseries: context.layout.timeseries }),
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

/** Errors of the client become failures of the store; all others are rethrown as they are. */
async function rowsOfCaller(call: () => ReturnType<CassandraFetch>): Promise<CassandraRow[]> {
  const rows: CassandraRow[] = []
  try {
    const given: unknown = await call()
    if (!isIterable(given)) throw invalidFetch(`fetch must return rows, not ${describe(given)}`, given)
    for await (const row of given) rows.push(row as CassandraRow)
  } catch (error) {
    if (error instanceof Error && 'info' in error) throw storeFailure(error)
    throw error
  }
  return rows
}

function isIterable(given: unknown): given is Iterable<unknown> | AsyncIterable<unknown> {
  return typeof given === 'object' && given !== null && (Symbol.iterator in given || Symbol.asyncIterator in given)
}

function invalidFetch(message: string, value: unknown): KairosError {
  return new KairosError('KAIROS_INVALID_CONFIG', message, { path: 'fetch', value, driver: 'cassandra' })
}

interface FetchedRows extends CellPosition {
  readonly rows: CassandraRow[]
}

function cellsOf(context: StoreContext, rows: readonly CassandraRow[]): FetchedCell[] {
  const cells = new Map<string, FetchedRows>()
  for (const row of rows) {
    const [name, bucket, resolutionBucket] = [row.name, toNumber(row.i), toNumber(row.r)]
    if (typeof name !== 'string' || !Number.isSafeInteger(bucket) || !Number.isSafeInteger(resolutionBucket))
      throw invalidFetch(`rows that fetch returns must have name, i and r, not ${shapeOf(row)}`, row)
    const key = `${bucket} ${resolutionBucket} ${name}`
    const known = cells.get(key)
    if (known === undefined) cells.set(key, { name, bucket, resolutionBucket, rows: [row] })
    else known.rows.push(row)
  }
  const { layout } = context
  const rowOf = fetchedRow[layout.type]
  return Array.from(cells.values(), ({ rows: ofCell, ...position }) => ({ ...position, row: rowOf(ofCell, layout) }))
}

function shapeOf(row: unknown): string {
  return isRecord(row) ? Object.keys(row).join(', ') : describe(row)
}

type RowOf = (rows: readonly CassandraRow[], layout: Layout) => CassandraRow | readonly CassandraRow[]
const all: RowOf = (rows) => rows

/** One row per writer: combined into the row that a single writer would have. */
function combined(baseOf: (rows: readonly CassandraRow[], layout: Layout) => unknown): RowOf {
  return (rows, layout) => (rows.length === 1 ? rows[0]! : { ...rows[0], b: baseOf(rows, layout), d: null })
}
const joinedRow = combined((rows, layout) => joined(layout, stateOf(layout, rows) as readonly Piece[], rows[0]!).base())

/** What `processRow` is called with for a cell: its rows, or one row if a cell of the type is one value. */
const fetchedRow: Readonly<Record<TimeseriesType, RowOf>> = {
  series: all,
  histogram: all,
  set: all,
  gauge: (rows) => rows.at(-1)!,
  count: combined((rows) => rows.reduce((sum, { b, d }) => sum + sumOf(b, d), 0)),
  summary: joinedRow,
  distribution: joinedRow,
  unique: joinedRow,
}

/**
 * The value of a fetched row, or of the list of a cell's rows, as a read returns it.
 * @throws KAIROS_STORE_FAILED if the columns hold no such value
 */
export function decodeRow({ layout }: StoreContext, row: unknown): CellValue {
  const rows = (Array.isArray(row) ? row : [row]) as readonly CassandraRow[]
  try {
    return settled(layout, stateOf(layout, rows), rows[0]!)
  } catch (error) {
    const details = { driver: 'cassandra', operation: 'fetch', retryable: false }
    throw new KairosError('KAIROS_STORE_FAILED', `a row that fetch returned: ${messageOf(error)}`, details, error)
  }
}
