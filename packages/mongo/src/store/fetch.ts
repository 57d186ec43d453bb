import { KairosError } from '@kairos/core'
import type { CellQuery, FetchedCell } from '@kairos/core/driver'
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
    (collection) => (callerFetch as MongoFetch)(collection, asked),
    (document) => {
      if (typeof document.name !== 'string' || document.i === undefined || document.r === undefined) {
        throw new KairosError(
          'KAIROS_INVALID_VALUE',
          'a document that fetch gives must have the fields name, i and r, which the projection in the query keeps',
          { value: document, driver: 'mongo' },
        )
      }
      documents.push(document)
    },
  )
  return documents
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
