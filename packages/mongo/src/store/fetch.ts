import { KairosError } from '@kairos/core'
import { type CellQuery, describe, type FetchedCell, isRecord } from '@kairos/core/driver'
import type { MongoCollectionLike, MongoDocument } from '../connection/client.ts'
import type { Requests } from '../connection/requests.ts'
import type { Row } from '../documents/layout.ts'
import type { DocumentQuery } from './queries.ts'

/**
 * The caller's own read: gets the collection and what the driver itself would ask, and gives documents with the fields of the key and the data.
 * A method's type, so that a function may say that its collection is a `Collection` of the package `mongodb`, which it is.
 */
export type MongoFetch = {
  fetch(collection: MongoCollectionLike, query: DocumentQuery): AsyncIterable<object> | Iterable<object>
}['fetch']

/** The documents that the caller's function gives. */
export async function documentsOf(
  requests: Requests,
  callerFetch: unknown,
  query: DocumentQuery,
): Promise<MongoDocument[]> {
  const { session } = requests
  const asked = session === undefined ? query : { ...query, session }
  const documents: MongoDocument[] = []
  await requests.fetch(
    (collection) => iteratorOf((callerFetch as MongoFetch)(collection, asked)),
    (document) => documents.push(checked(document)),
  )
  return documents
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
    throw invalidFetch(`a document that fetch gives must be an object, not ${describe(document)}`, document)
  const { name, i, r } = document
  if (
    typeof name !== 'string' ||
    !Number.isSafeInteger(Number(i ?? Number.NaN)) ||
    !Number.isSafeInteger(Number(r ?? Number.NaN))
  ) {
    throw invalidFetch(
      'a document that fetch gives must have the fields name, i and r, as the projection in the query keeps them',
      document,
    )
  }
  return document
}

function invalidFetch(message: string, value: unknown): KairosError {
  return new KairosError('KAIROS_INVALID_VALUE', message, { value, driver: 'mongo' })
}

/** One entry for each cell of the query, with the list of its documents where cells may have several. */
export function rowsByCell(
  { names, range }: CellQuery,
  many: boolean,
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
  return [...cells.values()].map(({ cell, rows }) => ({ ...cell, row: many ? rows : rows[0] }))
}
