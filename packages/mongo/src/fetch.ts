import { KairosError } from '@kairos/core'
import type { CellQuery, FetchedCell } from '@kairos/core/driver'
import type { MongoCollectionLike, MongoDocument } from './client.ts'
import type { Row } from './layout.ts'
import type { DocumentQuery } from './queries.ts'

/**
 * The caller's own read: gets the collection and what the driver itself would ask, and gives documents with the fields of the key and the data.
 * A method's type, so that a function may say that its collection is a `Collection` of the package `mongodb`, which it is.
 */
export type MongoFetch = {
  fetch(collection: MongoCollectionLike, query: DocumentQuery): AsyncIterable<object> | Iterable<object>
}['fetch']

/** One entry a cell, of the documents that the caller's function gives; where a cell has several documents, its row is their list. */
export async function rowsByCell(
  callerFetch: unknown,
  collection: MongoCollectionLike,
  documentQuery: DocumentQuery,
  { names, range }: CellQuery,
  rowsOf: (document: MongoDocument, take: (row: Row) => void) => void,
): Promise<FetchedCell[]> {
  const cells = new Map<string, { cell: Omit<Row, 'row'>; rows: MongoDocument[] }>()
  const take = ({ row, ...cell }: Row): void => {
    if (cell.bucket < range.first || cell.bucket > range.last || !names.includes(cell.name)) return
    const key = `${cell.bucket} ${cell.resolutionBucket} ${cell.name}`
    const known = cells.get(key)
    if (known === undefined) cells.set(key, { cell, rows: [row] })
    else known.rows.push(row)
  }
  for await (const document of (callerFetch as MongoFetch)(collection, documentQuery)) {
    const { name, i, r } = document as MongoDocument
    if (typeof name !== 'string' || i === undefined || r === undefined) {
      throw new KairosError(
        'KAIROS_INVALID_VALUE',
        'a document that fetch gave lacks one of the fields name, i and r',
        {
          value: document,
          driver: 'mongo',
        },
      )
    }
    rowsOf(document as MongoDocument, take)
  }
  return [...cells.values()].map(({ cell, rows }) => ({ ...cell, row: rows.length === 1 ? rows[0] : rows }))
}
