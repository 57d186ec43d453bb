import { KairosError } from '@kairos/core'
import { type CellQuery, type CellValue, describe, type FetchedCell } from '@kairos/core/driver'
import type { Dialect } from '../dialects/dialect.ts'
import type { Layout, Table } from '../dialects/table.ts'
import type { KyselyLike } from '../kysely/kysely-like.ts'
import type { Row } from '../kysely/query.ts'
import { toNumber } from '../values/value-columns.ts'
import { cellValue, hasSeveralRows } from './decode-rows.ts'

/** What your `fetch` should read. */
export interface SqlFetchQuery {
  /** The table's name for `db.selectFrom(table)`: with its schema, if one was given. */
  readonly table: string
  /** As they are stored: nearly always unchanged (the README lists the characters that are encoded). */
  readonly names: readonly string[]
  readonly interval: string
  /** The first bucket, as in `i_time`. */
  readonly from: number
  /** The last bucket, included. */
  readonly to: number
}

/**
 * Replaces the driver's read of one request. Returns rows with the columns `name`, `i_time` and, if the interval has a resolution, `r_time`, in any
 * order, except that a series is read in the order of its rows. `processRow` gets the row itself for a count, a gauge, a summary, a distribution or a unique, or the list of a
 * cell's rows for the other types. Without a `processRow`, rows are read like the driver's own: `value`, and `count` in a histogram.
 * @example fetch: (db, { names }) => db.selectFrom('count').selectAll().where('name', 'in', names).execute()
 */
export type SqlFetch<Database> = (db: Database, query: SqlFetchQuery) => Promise<readonly object[]> | readonly object[]

/** What a custom fetch works on. */
export interface FetchContext {
  /** The instance passed to the caller's function. */
  readonly kysely: KyselyLike
  readonly dialect: Dialect
  readonly table: Table
  /** The table's name for the caller's query builder. */
  readonly tableName: string
}

/**
 * Runs the caller's function, and groups its rows by cell.
 * @throws KAIROS_INVALID_CONFIG if it is not a function, or returns anything but rows of cells
 */
export async function fetchCells(
  { dialect, table: { layout }, kysely, tableName }: FetchContext,
  callerFetch: unknown,
  { names, interval, range }: CellQuery,
): Promise<FetchedCell[]> {
  if (typeof callerFetch !== 'function') {
    throw new KairosError(
      'KAIROS_INVALID_CONFIG',
      `fetch must be a function that takes a Kysely instance and a query, not ${describe(callerFetch)}`,
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
    throw new KairosError('KAIROS_INVALID_CONFIG', `fetch must return a list of rows, not ${describe(rows)}`, {
      path: 'fetch',
      value: rows,
    })
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

/** The value of a row of `fetchCells`, read like the driver's own rows. */
export function decodeFetched(layout: Layout, row: unknown): CellValue {
  return cellValue(layout, (Array.isArray(row) ? row : [row]) as readonly Row[])
}

function nameOf(row: Row, names: readonly string[], { codec, decodeText }: Dialect): string {
  if (row.name === undefined && names.length === 1) return names[0]!
  const name =
    typeof row.name === 'string' || row.name instanceof Uint8Array ? codec.decode(decodeText(row.name)) : null
  // Core drops rows of names that were not requested.
  if (name !== null) return name
  throw new KairosError('KAIROS_INVALID_CONFIG', 'fetch must return rows that each have a name', {
    path: 'fetch',
    value: row,
  })
}

function bucketOf(row: Row, column: string): number {
  const bucket = toNumber(row[column])
  if (Number.isSafeInteger(bucket)) return bucket
  throw new KairosError(
    'KAIROS_INVALID_CONFIG',
    `fetch must return rows whose ${column} is an integer, not ${describe(row[column])}`,
    {
      path: 'fetch',
      value: row,
    },
  )
}
