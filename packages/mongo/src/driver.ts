import { type Capabilities, LEASE_TIME, type StorageDriver } from '@kairos/core/driver'
import type { MongoClientLike, MongoDbLike, MongoSessionLike } from './connection/client.ts'
import { connectorOf } from './connection/connection.ts'
import { asStoreCall } from './connection/failures.ts'
import type { Requests } from './connection/requests.ts'
import { UNIQUE_KEY } from './documents/layout.ts'
import type { Health } from './documents/send-updates.ts'
import { eventCollectionName, openEventStorage } from './events/open-events.ts'
import { checkOptions, type MongoDriverOptions } from './options.ts'
import type { MongoFetch } from './store/fetch.ts'
import { openStore } from './store/store.ts'
import { scalarCodec } from './values/codecs.ts'

const capabilities: Capabilities = {
  expiry: { series: 'native', histogram: 'native', count: 'native', gauge: 'native', set: 'native' },
  fractionalCounts: true,
  exactlyOnce: false,
  customFetch: true,
  writeOptions: ['session'],
  readOptions: ['session'],
  events: { atomic: false },
  // Sixty strings side by side, and a thousand as the fields of a chunk, stay far below a document's 16 MB.
  maxStringLength: 4_096,
}

/** What `mongoDriver` gives. */
export type MongoDriver = StorageDriver<{
  write: {
    /** A session of the same client: the write is part of its transaction. The call is never retried then. */
    session?: MongoSessionLike
  }
  read: { session?: MongoSessionLike }
  fetch: MongoFetch
}>

/**
 * Keeps timeseries in MongoDB: one collection a type, expired by a TTL index. Connects on first use; a client of yours stays yours to close.
 * @throws KAIROS_INVALID_CONFIG
 * @example
 * const hits = createTimeseries(mongoDriver('mongodb://localhost/statistics'), { type: 'count', intervals: { minute: { step: 60, steps: 1440 } } })
 */
export function mongoDriver(
  store: string | MongoClientLike | MongoDbLike,
  options: MongoDriverOptions = {},
): MongoDriver {
  checkOptions(options)
  const connector = connectorOf(store, options)
  const { lease = LEASE_TIME } = options
  const health: Health = {
    doubtful: false,
    ping: async () => (await connector.connect()).ping(),
  }
  return {
    spec: 1,
    id: 'mongo',
    capabilities,
    open: (schema, given = {}) =>
      asStoreCall(async () => {
        const { module, collection, clock } = await connector.connect()
        // Before anything is recorded: it refuses what it does not know.
        const codec = scalarCodec(schema.valueType, module)
        const requests = collection(options.collectionName ?? schema.type, schema.valueType === 'int64')
        await prepare(requests)
        const context = { requests, module, codec, health, lease, clock: async () => (await clock()) ?? Date.now() }
        const { store, records } = await openStore(context, schema, given)
        const serverClock = await clock()
        return {
          store,
          records: {
            schema: records.schema,
            intervals: Object.fromEntries(records.intervals.map(({ name, record }) => [name, record])),
          },
          ...(serverClock !== undefined && { clock: serverClock / 1000 }),
        }
      }),
    openEvents: (schema) =>
      asStoreCall(async () => {
        const { collection } = await connector.connect()
        return openEventStorage(collection(eventCollectionName(options.collectionName), false), schema)
      }),
    close: () => connector.close(),
  }
}

/** Changes nothing where the indexes are there. */
async function prepare(requests: Requests): Promise<void> {
  await requests.createIndexes([
    { key: UNIQUE_KEY, name: 'kairos_cells', unique: true },
    { key: { expireAt: 1 }, name: 'kairos_expiry', expireAfterSeconds: 0 },
  ])
}
