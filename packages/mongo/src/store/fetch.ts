import { KairosError } from '@kairos/core'
import { type CellQuery, describe, type FetchedCell, failedStore, isRecord } from '@kairos/core/driver'
import type { MongoCollectionLike, MongoDocument } from '../connection/client.ts'
import type { Requests } from '../connection/requests.ts'
import type { OpenInterval } from '../documents/intervals.ts'
import type { Layout, Row } from '../documents/layout.ts'
import { nameParts } from '../documents/name-parts.ts'
import { decoding } from '../values/damaged.ts'
import { type MongoFetchQuery, queryOf } from './document-query.ts'
import { inOrder } from './read.ts'

/**
 * Your own read: called with the collection and what the driver itself would ask, it returns documents with the fields of the key and the data.
 * @example
 * const fetch: MongoFetch = (collection, { filter, sort, projection }) => collection.find(filter, { sort, projection, hint: 'kairos_cells' })
 */
// A method's type, so that a function may declare its collection as a `Collection` of the package `mongodb`, which it is.
export type MongoFetch = {
  fetch(collection: MongoCollectionLike, query: MongoFetchQuery): AsyncIterable<object> | Iterable<object>
}['fetch']

/**
 * Runs the caller's function, and takes its documents apart into cells.
 * @throws KAIROS_INVALID_CONFIG if it is not a function, or returns anything but documents of cells
 */
export async function fetchCells(
  requests: Requests,
  layout: Layout,
  interval: OpenInterval,
  query: CellQuery,
  callerFetch: unknown,
): Promise<FetchedCell[]> {
  if (typeof callerFetch !== 'function')
    throw invalidFetch(
      `fetch must be a function (collection, query) that returns documents, not ${describe(callerFetch)}`,
      callerFetch,
    )
  const { session } = requests
  const documents: MongoDocument[] = []
  for (const names of nameParts(query.names)) {
    const own = queryOf({ ...query, names }, interval, layout.fields)
    const asked = session === undefined ? own : { ...own, session }
    await requests.fetch(
      (collection) => iteratorOf((callerFetch as MongoFetch)(collection, asked)),
      (document) => documents.push(checked(document)),
    )
  }
  return cellsOf(query, layout, (take) => {
    for (const document of inOrder(documents, layout.orderOf))
      decoding(document, () => layout.rows(document, interval, take))
  })
}

function iteratorOf(given: unknown): AsyncIterator<unknown> | Iterator<unknown> {
  if (typeof given === 'object' && given !== null) {
    if (Symbol.asyncIterator in given) return (given as AsyncIterable<unknown>)[Symbol.asyncIterator]()
    if (Symbol.iterator in given) return (given as Iterable<unknown>)[Symbol.iterator]()
  }
  throw invalidFetch(`fetch must return an iterable of documents, such as a cursor, not ${describe(given)}`, given)
}

function checked(document: unknown): MongoDocument {
  if (!isRecord(document))
    throw invalidFetch(`each document that fetch returns must be an object, not ${describe(document)}`, document)
  const { name, i, r } = document
  if (
    typeof name !== 'string' ||
    !Number.isSafeInteger(Number(i ?? Number.NaN)) ||
    !Number.isSafeInteger(Number(r ?? Number.NaN))
  ) {
    throw invalidFetch(
      'each document that fetch returns must have a text in the field name and whole numbers in i and r; keep them in the projection',
      document,
    )
  }
  return document
}

function invalidFetch(message: string, value: unknown): KairosError {
  return new KairosError('KAIROS_INVALID_CONFIG', message, { path: 'fetch', value, driver: 'mongo' })
}

/** One entry for each cell of the query, with a list of documents where a cell may have several. */
function cellsOf(
  { names, range }: CellQuery,
  { manyRows, heads }: Layout,
  each: (take: (row: Row) => void) => void,
): FetchedCell[] {
  const wanted = new Set(names)
  const cells = new Map<string, { cell: Omit<Row, 'row'>; rows: MongoDocument[] }>()
  each(({ row, ...cell }) => {
    if (cell.bucket < range.first || cell.bucket > range.last || !wanted.has(cell.name)) return
    const key = `${cell.bucket} ${cell.resolutionBucket} ${cell.name}`
    const known = cells.get(key)
    if (known === undefined) cells.set(key, { cell, rows: [row] })
    else known.rows.push(row)
  })
  return [...cells.values()].flatMap(({ cell, rows }) => {
    const assembled = heads === undefined ? rows : decoding(rows[0]!, () => heads.assemble(rows))
    if (assembled === null) throw failedStore('values of a cell were moved while it was read', 'now')
    // Chunks without a head are what is left of a deleted cell.
    return assembled.length === 0 ? [] : [{ ...cell, row: manyRows ? assembled : assembled[0] }]
  })
}
