import {
  type CellStore,
  type CellValue,
  type DriverCallOptions,
  invalidOption,
  type StoreSchema,
  type TimeseriesType,
} from '@kairos/core/driver'
import type { MongoDocument, MongoModule } from '../connection/client.ts'
import { asStoreCall } from '../connection/failures.ts'
import { type JoinedSession, joinSession } from '../connection/joined-session.ts'
import type { Health } from '../connection/lost-answers.ts'
import type { Requests } from '../connection/requests.ts'
import { createLayout } from '../documents/create-layout.ts'
import { deleteDocuments } from '../documents/delete-documents.ts'
import { deleteRange } from '../documents/delete-range.ts'
import { openInterval, widthOf } from '../documents/intervals.ts'
import { ANY_NAME, type HeadsOnly } from '../documents/layout.ts'
import { nameFilter, nameParts } from '../documents/name-parts.ts'
import { replaceCells } from '../documents/replace-cells.ts'
import { joined } from '../documents/write-updates.ts'
import type { Drop } from '../schema/drop.ts'
import { findRecords, type RecordedInterval, type RecordsDocument } from '../schema/records.ts'
import { decoding } from '../values/damaged.ts'
import type { ScalarCodec } from '../values/scalar-codec.ts'
import { boundsOf } from './bounds.ts'
import { fetchCells } from './fetch.ts'
import { type AskedInterval, namesPage } from './names-page.ts'
import { readCells } from './read.ts'

/** What a store is made of. */
export interface StoreContext {
  readonly requests: Requests
  readonly module: MongoModule
  readonly codec: ScalarCodec
  readonly health: Health
  readonly drop: Drop
}

export async function createStore(
  { requests, module, codec, health, drop }: StoreContext,
  schema: StoreSchema<TimeseriesType>,
  records: RecordsDocument,
): Promise<CellStore> {
  const recorded = new Map(records.intervals.map((interval) => [interval.name, interval]))
  const width = widthOf(schema)
  const intervals = new Map(
    Object.entries(schema.intervals).map(([name, interval]) => [
      name,
      openInterval(interval, recorded.get(name)?.key ?? name, width),
    ]),
  )
  const layout = await createLayout(schema.type, codec, module, intervals)
  const headsOnly: HeadsOnly = layout.heads === undefined ? {} : { s: 0 }
  const keys = [...intervals.values()].map(({ key }) => key)

  /** A call of core may be several of the store: all of them belong to the transaction in which the first one began. */
  const sessions = new WeakMap<object, JoinedSession>()

  function requestsOf(options: DriverCallOptions | undefined): Requests {
    const own = options?.driverOptions
    if (own?.session === undefined) return requests
    const session = sessions.get(own) ?? joinSession(own.session, requests.client)
    sessions.set(own, session)
    return requests.in(session)
  }

  /** One call of the store, in its caller's session. */
  const call = async <T>(
    options: DriverCallOptions | undefined,
    work: (requests: Requests) => Promise<T>,
  ): Promise<T> => {
    const own = requestsOf(options)
    return asStoreCall(() => work(own), own, module)
  }

  const decode = (row: MongoDocument): CellValue => decoding(row, () => layout.decode(row))

  /** Looks up an interval that another timeseries has recorded since. */
  async function recordedAs(own: Requests, name: string): Promise<RecordedInterval | undefined> {
    return recorded.get(name) ?? (await findRecords(own))?.intervals.find((interval) => interval.name === name)
  }

  return {
    async write(batch, options) {
      const own = requestsOf(options)
      return layout.write({ requests: own, health, module, signal: options?.signal }, batch)
    },
    async replace(batch, options) {
      const own = requestsOf(options)
      return replaceCells({ requests: own, health, module, signal: options?.signal }, layout, batch)
    },
    read: (query, options) => call(options, (own) => readCells(own, layout, intervals.get(query.interval)!, query)),
    bounds: (query, options) => call(options, (own) => boundsOf(own, intervals.get(query.interval)!, query, headsOnly)),
    names: ({ oldestLive, ...page }, options) =>
      call(options, async (own) => {
        const asked: AskedInterval[] = []
        for (const [name, oldest] of Object.entries(oldestLive)) {
          const interval = await recordedAs(own, name)
          if (interval !== undefined) asked.push({ ...interval, oldest })
        }
        if (asked.length === 0) return { names: [] }
        const every = [...recorded.keys()].every((name) => Object.hasOwn(oldestLive, name))
        return namesPage(own, asked, every, headsOnly, page)
      }),
    deleteRange: (query, options) =>
      call(options, (own) => {
        layout.forget()
        return deleteRange(own, intervals.get(query.interval)!, query)
      }),
    drop: (interval, options) =>
      call(undefined, async () => {
        refuseSession(options)
        await drop(interval, options?.signal)
        if (interval !== null) recorded.delete(interval)
      }),
    delete: (names, options) =>
      call(options, async (own) => {
        layout.forget()
        const wanted = names === null ? [ANY_NAME] : nameParts(names).map(nameFilter)
        for (const name of wanted) await deleteDocuments(own, { name, interval: { $in: keys } })
      }),
    fetch: (query, callerFetch, options) =>
      call(options, (own) => fetchCells(own, layout, intervals.get(query.interval)!, query, callerFetch)),
    decodeRow: (row) => (Array.isArray(row) ? joined(row.map(decode)) : decode(row as MongoDocument)),
  }
}

/** @throws KAIROS_INVALID_CONFIG: no transaction can undo the removal of a collection and its records. */
function refuseSession(options: DriverCallOptions | undefined): void {
  const value = options?.driverOptions?.session
  if (value === undefined) return
  const expected = 'left out of drop, which is outside of any transaction'
  throw invalidOption({ driver: 'mongo', path: 'session', expected, value })
}
