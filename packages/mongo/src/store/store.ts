import {
  type BucketRange,
  type CallOptions,
  type CellQuery,
  type CellStore,
  createLease,
  type FetchedCell,
  type OpenOptions,
  type StoredCell,
  type StoreSchema,
} from '@kairos/core/driver'
import type { MongoDocument, MongoModule } from '../connection/client.ts'
import { asStoreCall, storeFailure } from '../connection/failures.ts'
import type { Requests } from '../connection/requests.ts'
import { deleteDocuments } from '../documents/delete-documents.ts'
import { openInterval, widthOf } from '../documents/intervals.ts'
import { ANY_NAME, layoutOf } from '../documents/layout.ts'
import { nameFilter, nameParts } from '../documents/name-parts.ts'
import type { Health } from '../documents/send-updates.ts'
import { joined } from '../documents/write-updates.ts'
import { openRecords, type RecordsContext, stateOf } from '../schema/open-records.ts'
import { findRecords, type RecordedInterval, type RecordsDocument } from '../schema/records.ts'
import type { ScalarCodec } from '../values/codecs.ts'
import { documentsOf, rowsByCell } from './fetch.ts'
import { edgeOf, namesFrom, queryOf, readDocuments, sessionIn } from './queries.ts'

/** What a store is made of. */
export interface StoreContext extends RecordsContext {
  readonly module: MongoModule
  readonly codec: ScalarCodec
  readonly health: Health
}

/** Opens the store of a schema, with its records as they then stand. */
export async function openStore(
  context: StoreContext,
  schema: StoreSchema,
  options: OpenOptions,
): Promise<{ store: CellStore; records: RecordsDocument }> {
  let records: RecordsDocument | undefined
  // From before the records were seen: a lease is never longer than what was known.
  const lease = createLease(async () => {
    try {
      return records === undefined ? 'standing' : await stateOf(context, records, schema)
    } catch (error) {
      throw storeFailure(error)
    }
  }, context.lease)
  records = await openRecords(context, schema, options)
  const checked = context.requests.checkedBy(() => lease.check())
  return { store: createStore({ ...context, requests: checked }, schema, records), records }
}

function createStore(
  { requests, module, codec, health }: StoreContext,
  schema: StoreSchema,
  records: RecordsDocument,
): CellStore {
  const recorded = new Map(records.intervals.map((interval) => [interval.name, interval]))
  const width = widthOf(schema)
  const intervals = new Map(
    Object.entries(schema.intervals).map(([name, interval]) => [
      name,
      openInterval(interval, recorded.get(name)?.key ?? name, width),
    ]),
  )
  const layout = layoutOf(schema.type, codec, module, intervals)
  const keys = [...intervals.values()].map(({ key }) => key)

  /** A call of the store, in the caller's session. */
  const call = <T>(options: CallOptions | undefined, work: (requests: Requests) => Promise<T>): Promise<T> => {
    const own = requests.in(sessionIn(options))
    return asStoreCall(() => work(own), own, module)
  }

  /** One that another timeseries has recorded since is looked up. */
  async function recordedAs(own: Requests, name: string): Promise<RecordedInterval | undefined> {
    return recorded.get(name) ?? (await findRecords(own))?.intervals.find((interval) => interval.name === name)
  }

  async function read(own: Requests, query: CellQuery): Promise<StoredCell[]> {
    const interval = intervals.get(query.interval)!
    const { first, last } = query.range
    const cells: StoredCell[] = []
    const take = (cell: StoredCell): void => {
      if (cell.bucket >= first && cell.bucket <= last) cells.push(cell)
    }
    for (const names of nameParts(query.names)) {
      const documents: MongoDocument[] = []
      await readDocuments(own, queryOf({ ...query, names }, interval, layout.fields), (document) => {
        if (layout.orderOf === undefined) layout.read(document, interval, take)
        else documents.push(document)
      })
      for (const document of inOrder(documents, layout.orderOf)) layout.read(document, interval, take)
    }
    return cells
  }

  async function fetch(own: Requests, query: CellQuery, callerFetch: unknown): Promise<FetchedCell[]> {
    const interval = intervals.get(query.interval)!
    const documents: MongoDocument[] = []
    for (const names of nameParts(query.names)) {
      const asked = queryOf({ ...query, names }, interval, layout.fields)
      documents.push(...(await documentsOf(own, callerFetch, asked)))
    }
    return rowsByCell(query, layout.manyRows, (take) => {
      for (const document of inOrder(documents, layout.orderOf)) layout.rows(document, interval, take)
    })
  }

  async function edge(own: Requests, query: CellQuery, end: keyof BucketRange): Promise<number | null> {
    const interval = intervals.get(query.interval)!
    const edges: number[] = []
    for (const names of nameParts(query.names)) {
      const found = await edgeOf(own, { ...query, names }, interval, end)
      if (found !== null) edges.push(found)
    }
    if (edges.length === 0) return null
    return end === 'first' ? Math.min(...edges) : Math.max(...edges)
  }

  return {
    async write(batch, options) {
      const own = requests.in(sessionIn(options))
      await layout.write({ requests: own, health, module, signal: options?.signal }, batch)
    },
    read: (query, options) => call(options, (own) => read(own, query)),
    bounds: (query, options) =>
      call(options, async (own) => {
        const first = await edge(own, query, 'first')
        if (first === null) return null
        const last = await edge(own, query, 'last')
        return last === null ? null : { first, last }
      }),
    names: (oldestLive, options) =>
      call(options, async (own) => {
        const names: string[] = []
        for (const [name, oldest] of Object.entries(oldestLive)) {
          const interval = await recordedAs(own, name)
          if (interval !== undefined) names.push(...(await namesFrom(own, interval, oldest)))
        }
        return names
      }),
    delete: (names, options) =>
      call(options, async (own) => {
        layout.forget()
        const wanted = names === null ? [ANY_NAME] : nameParts(names).map(nameFilter)
        for (const name of wanted) await deleteDocuments(own, { name, interval: { $in: keys } })
      }),
    fetch: (query, callerFetch, options) => call(options, (own) => fetch(own, query, callerFetch)),
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
