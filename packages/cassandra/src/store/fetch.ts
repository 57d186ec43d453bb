import { KairosError } from '@kairos/core'
import type { BucketRange, CellQuery, CellValue, FetchedCell } from '@kairos/core/driver'
import type { CassandraClientLike, CassandraRow } from '../connection/client.ts'
import { storeFailure } from '../connection/failures.ts'
import { windowName } from '../registry/windows.ts'
import { toNumber } from '../values/cql-bytes.ts'
import type { StoreContext } from './context.ts'
import { extended, windowsOf } from './read.ts'

/** Where one name's cells of a range are. */
export interface CassandraRequest {
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
 * given is the row, or the list of them where a cell has several.
 */
export type CassandraFetch<Client extends CassandraClientLike = CassandraClientLike> = (
  client: Client,
  request: CassandraRequest,
) => Iterable<object> | AsyncIterable<object> | Promise<Iterable<object>>

export async function fetchCells(
  context: StoreContext,
  query: CellQuery,
  callerFetch: unknown,
): Promise<FetchedCell[]> {
  if (typeof callerFetch !== 'function')
    throw new KairosError('KAIROS_INVALID_CONFIG', 'fetch is a function (client, request) that gives rows', {
      path: 'fetch',
    })
  const perName = await Promise.all(
    query.names.map(async (name) => {
      const windows = await windowsOf(context, name, query.interval, query.range)
      const request: CassandraRequest = {
        table: context.layout.qualified,
        name,
        interval: query.interval,
        buckets: query.range,
        windows: windows.map((window) => windowName(context.intervalKey(query.interval), window)),
      }
      const rows = await rowsOfCaller(() => (callerFetch as CassandraFetch)(context.session.client, request))
      return cellsOf(rows, query)
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

function cellsOf(rows: readonly CassandraRow[], { names }: CellQuery): FetchedCell[] {
  const cells = new Map<
    string,
    { name: string; bucket: number; resolutionBucket: number; row: CassandraRow | CassandraRow[] }
  >()
  for (const row of rows) {
    const [name, bucket, resolutionBucket] = [row.name, toNumber(row.i), toNumber(row.r)]
    if (
      typeof name !== 'string' ||
      !names.includes(name) ||
      !Number.isSafeInteger(bucket) ||
      !Number.isSafeInteger(resolutionBucket)
    )
      throw new KairosError('KAIROS_INVALID_CONFIG', 'the rows of fetch must carry name, i and r', {
        path: 'fetch',
        value: row,
      })
    const key = `${bucket} ${resolutionBucket} ${name}`
    const known = cells.get(key)
    if (known === undefined) cells.set(key, { name, bucket, resolutionBucket, row })
    else if (Array.isArray(known.row)) known.row.push(row)
    else known.row = [known.row, row]
  }
  return [...cells.values()]
}

/** A fetched row, or the list of a cell's rows, as a read would give it. */
export function decodeRow({ layout: { type, codec } }: StoreContext, row: unknown): CellValue {
  const rows = (Array.isArray(row) ? row : [row]) as readonly CassandraRow[]
  let value: CellValue | undefined
  for (const each of rows) value = extended[type](value, each, codec)
  return value!
}
