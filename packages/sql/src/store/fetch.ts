import { KairosError } from '@kairos/core'
import type { CellQuery, CellValue, FetchedCell } from '@kairos/core/driver'
import type { Dialect } from '../dialects/dialect.ts'
import type { Layout, Table } from '../dialects/table.ts'
import type { KyselyLike } from '../kysely/kysely-like.ts'
import type { Row } from '../kysely/query.ts'
import { toNumber } from '../values/value-columns.ts'
import { cellValue, hasSeveralRows } from './decode-rows.ts'

/** What a `fetch` of the caller's is asked for. */
export interface SqlFetchQuery {
  /** The table's name, as `db.selectFrom(table)` takes it: with its schema, where one was given. */
  readonly table: string
  /** As the table holds them: nearly always as they are (see the README for the characters that are spelled otherwise). */
  readonly names: readonly string[]
  readonly interval: string
  /** First and last bucket, `i_time`, both included. */
  readonly from: number
  readonly to: number
}

/**
 * Replaces the driver's read of one request: rows with the columns `name`, `i_time` and, where the interval has a resolution, `r_time`, in any
 * order but a series' own. They go to `processRow` as they are: the row itself for a count or a gauge, the list of a cell's rows for the others.
 * Without a `processRow` they are read as the driver's own: `value`, and `count` in a histogram.
 */
export type SqlFetch<Database> = (db: Database, query: SqlFetchQuery) => Promise<readonly object[]> | readonly object[]

/** What a read of the caller's works on. */
export interface FetchContext {
  /** The instance that the caller is given. */
  readonly kysely: KyselyLike
  readonly dialect: Dialect
  readonly table: Table
  /** The table as the caller's own builder names it. */
  readonly tableName: string
}

/** Runs the caller's function, and files its rows by cell. */
export async function fetchCells(
  { dialect, table: { layout }, kysely, tableName }: FetchContext,
  callerFetch: unknown,
  { names, interval, range }: CellQuery,
): Promise<FetchedCell[]> {
  if (typeof callerFetch !== 'function') {
    throw new KairosError(
      'KAIROS_INVALID_CONFIG',
      'fetch must be a function that takes a Kysely instance and a query',
      {
        path: 'fetch',
      },
    )
  }
  const { encode } = dialect.codec
  const query: SqlFetchQuery = {
    table: tableName,
    names: names.map(encode),
    interval: encode(interval),
    from: range.first,
    to: range.last,
  }
  const rows: unknown = await callerFetch(kysely, query)
  if (!Array.isArray(rows)) {
    throw new KairosError('KAIROS_INVALID_CONFIG', 'fetch must return a list of rows', { path: 'fetch', value: rows })
  }
  const several = hasSeveralRows(layout.type)
  const cells = new Map<string, { name: string; bucket: number; resolutionBucket: number; row: unknown }>()
  for (const row of rows as Row[]) {
    const name = nameOf(row, names, dialect)
    const bucket = bucketOf(row, 'i_time')
    const resolutionBucket = row.r_time === undefined ? 0 : bucketOf(row, 'r_time')
    const key = `${bucket} ${resolutionBucket} ${name}`
    const cell = cells.get(key)
    if (cell !== undefined && several) (cell.row as Row[]).push(row)
    else cells.set(key, { name, bucket, resolutionBucket, row: several ? [row] : row })
  }
  return [...cells.values()]
}

/** What `fetchCells` gave as a cell's row, read as the driver's own rows. */
export function decodeFetched(layout: Layout, row: unknown): CellValue {
  return cellValue(layout, (Array.isArray(row) ? row : [row]) as readonly Row[])
}

function nameOf(row: Row, names: readonly string[], { codec, decodeText }: Dialect): string {
  if (row.name === undefined && names.length === 1) return names[0]!
  const name =
    typeof row.name === 'string' || row.name instanceof Uint8Array ? codec.decode(decodeText(row.name)) : null
  // Core drops rows of a name that was not asked for.
  if (name !== null) return name
  throw new KairosError('KAIROS_INVALID_CONFIG', 'each row that fetch gives must have the name that it is of', {
    path: 'fetch',
    value: row,
  })
}

function bucketOf(row: Row, column: string): number {
  const bucket = toNumber(row[column])
  if (Number.isSafeInteger(bucket)) return bucket
  throw new KairosError('KAIROS_INVALID_CONFIG', `fetch gave a row whose ${column} is no bucket`, {
    path: 'fetch',
    value: row,
  })
}
