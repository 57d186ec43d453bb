import type { CallOptions, CellQuery, CellStore, FetchedCell, StoredCell, StoreSchema } from '@kairos/core/driver'
import type { MongoCollectionLike, MongoDocument, MongoModule } from '../connection/client.ts'
import { asStoreCall } from '../connection/failures.ts'
import type { Health } from '../connection/send.ts'
import { openInterval, widthOf } from '../documents/intervals.ts'
import { ANY_NAME, layoutOf } from '../documents/layout.ts'
import { joined } from '../documents/write-updates.ts'
import { findRecords, type RecordedInterval, type RecordsDocument } from '../schema/records.ts'
import { documentsOf, rowsByCell } from './fetch.ts'
import { edgeOf, namesFrom, queryOf, readDocuments, sessionIn } from './queries.ts'

/** What a store stands on. */
export interface StoreContext {
  readonly collection: MongoCollectionLike
  readonly module: MongoModule
  readonly schema: StoreSchema
  readonly records: RecordsDocument
  readonly health: Health
}

export function createStore({ collection, module, schema, records, health }: StoreContext): CellStore {
  const recorded = new Map(records.intervals.map((interval) => [interval.name, interval]))
  const width = widthOf(schema)
  const intervals = new Map(
    Object.entries(schema.intervals).map(([name, interval]) => [
      name,
      openInterval(interval, recorded.get(name)?.key ?? name, width),
    ]),
  )
  const layout = layoutOf(schema, module, intervals)
  const keys = [...intervals.values()].map(({ key }) => key)

  /** One that another timeseries has recorded since is looked up. */
  async function recordedAs(name: string): Promise<RecordedInterval | undefined> {
    return recorded.get(name) ?? (await findRecords(collection))?.intervals.find((interval) => interval.name === name)
  }

  async function read(query: CellQuery, options?: CallOptions): Promise<StoredCell[]> {
    const interval = intervals.get(query.interval)!
    const { first, last } = query.range
    const cells: StoredCell[] = []
    const take = (cell: StoredCell): void => {
      if (cell.bucket >= first && cell.bucket <= last) cells.push(cell)
    }
    const documents: MongoDocument[] = []
    await readDocuments(collection, queryOf(query, interval, layout.fields), sessionIn(options), (document) => {
      if (layout.orderOf === undefined) layout.read(document, interval, take)
      else documents.push(document)
    })
    for (const document of inOrder(documents, layout.orderOf)) layout.read(document, interval, take)
    return cells
  }

  async function fetch(query: CellQuery, callerFetch: unknown): Promise<FetchedCell[]> {
    const interval = intervals.get(query.interval)!
    const documents = await documentsOf(callerFetch, collection, queryOf(query, interval, layout.fields))
    return rowsByCell(query, (take) => {
      for (const document of inOrder(documents, layout.orderOf)) layout.rows(document, interval, take)
    })
  }

  return {
    write: (batch, options) =>
      layout.write({ collection, health, session: sessionIn(options), signal: options?.signal }, batch),
    read: (query, options) => asStoreCall(() => read(query, options)),
    bounds: (query, options) =>
      asStoreCall(async () => {
        const interval = intervals.get(query.interval)!
        const first = await edgeOf(collection, query, interval, 'first', sessionIn(options))
        if (first === null) return null
        const last = await edgeOf(collection, query, interval, 'last', sessionIn(options))
        return last === null ? null : { first, last }
      }),
    names: (oldestLive, options) =>
      asStoreCall(async () => {
        const names: string[] = []
        for (const [name, oldest] of Object.entries(oldestLive)) {
          const interval = await recordedAs(name)
          if (interval !== undefined) names.push(...(await namesFrom(collection, interval, oldest, sessionIn(options))))
        }
        return names
      }),
    delete: (names, options) =>
      asStoreCall(async () => {
        layout.forget()
        const session = sessionIn(options)
        const filter = { name: names === null ? ANY_NAME : { $in: names }, interval: { $in: keys } }
        await collection.deleteMany(filter, { ...(session && { session }) })
      }),
    fetch,
    decodeRow: (row) => (Array.isArray(row) ? joined(row.map(layout.decode)) : layout.decode(row as MongoDocument)),
  }
}

/** As they arrived; by the numbers alone, since only documents of one cell are compared in earnest. */
function inOrder(
  documents: readonly MongoDocument[],
  orderOf: ((document: MongoDocument) => number) | undefined,
): readonly MongoDocument[] {
  if (orderOf === undefined) return documents
  const numbered = documents.map((document) => ({ document, order: orderOf(document) }))
  return numbered.sort((a, b) => (a.order === b.order ? 0 : a.order - b.order)).map(({ document }) => document)
}
