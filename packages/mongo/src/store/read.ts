import type { CellQuery, StoredCell } from '@kairos/core/driver'
import type { MongoDocument } from '../connection/client.ts'
import type { Requests } from '../connection/requests.ts'
import { textOf } from '../documents/chunks.ts'
import type { OpenInterval } from '../documents/intervals.ts'
import type { Head, Heads, Layout } from '../documents/layout.ts'
import { nameParts } from '../documents/name-parts.ts'
import { decoding } from '../values/damaged.ts'
import { queryOf } from './document-query.ts'

/** Documents in one batch of a cursor. */
const BATCH = 1_000

export async function readCells(
  requests: Requests,
  layout: Layout,
  interval: OpenInterval,
  query: CellQuery,
): Promise<StoredCell[]> {
  const { first, last } = query.range
  const cells: StoredCell[] = []
  const take = (cell: StoredCell): void => {
    if (cell.bucket >= first && cell.bucket <= last) cells.push(cell)
  }
  const read = (document: MongoDocument): void => decoding(document, () => layout.read(document, interval, take))
  if (layout.heads !== undefined) {
    await readHeads(requests, layout, layout.heads, interval, query, read)
    return cells
  }
  for (const names of nameParts(query.names)) {
    const { filter, projection } = queryOf({ ...query, names }, interval, layout.fields)
    const documents: MongoDocument[] = []
    await requests.find(filter, { projection, batchSize: BATCH }, (document) => {
      if (layout.orderOf === undefined) read(document)
      else documents.push(document)
    })
    for (const document of inOrder(documents, layout.orderOf)) read(document)
  }
  return cells
}

/** Cells with heads: most have nothing else. */
async function readHeads(
  requests: Requests,
  { fields }: Layout,
  { assemble, eachCrowded }: Heads,
  interval: OpenInterval,
  query: CellQuery,
  take: (row: MongoDocument) => void,
): Promise<void> {
  for (const names of nameParts(query.names)) {
    const { filter, projection } = queryOf({ ...query, names }, interval, fields)
    const crowded = new Map<string, Head>()
    await requests.find({ ...filter, s: 0 }, { projection, batchSize: BATCH }, (document) => {
      if (document.chunks === undefined) return decoding(document, () => assemble([document])!.forEach(take))
      const { name, i, r } = document
      const key = { name: name as string, interval: interval.key, i: Number(i), r: Number(r) }
      crowded.set(textOf(key), { ...document, ...key })
    })
    await eachCrowded(requests, crowded, (rows) => rows.forEach(take))
  }
}

/**
 * Documents in the order that the layout gives them, or as they arrived. Compares the numbers alone, since only documents of one cell need an
 * order.
 */
export function inOrder(documents: readonly MongoDocument[], orderOf: Layout['orderOf']): readonly MongoDocument[] {
  if (orderOf === undefined) return documents
  const numbered = documents.map((document) => ({ document, order: orderOf(document) }))
  return numbered.sort((a, b) => a.order - b.order).map(({ document }) => document)
}
