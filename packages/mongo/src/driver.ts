import { type Capabilities, expiryOf, LEASE_TIME, type StorageDriver, TYPES_OF_SPEC_1 } from '@kairos/core/driver'
import type { MongoClientLike, MongoDbLike, MongoSessionLike } from './connection/client.ts'
import { connectorOf } from './connection/connector.ts'
import type { Health } from './connection/lost-answers.ts'
import { checkOptions, type MongoDriverOptions, TIMEOUT } from './options.ts'
import type { MongoFetch } from './store/fetch.ts'

const capabilities: Capabilities = {
  types: TYPES_OF_SPEC_1,
  expiry: expiryOf(TYPES_OF_SPEC_1, 'native'),
  fractionalCounts: true,
  exactlyOnce: false,
  returning: true,
  // Of a cell in one document it is; one with many is replaced document by document.
  replace: { atomic: false, expected: false },
  customFetch: true,
  writeOptions: ['session'],
  readOptions: ['session'],
  events: { atomic: false },
  // Sixty strings side by side, or a thousand as the fields of a chunk, stay far below a document's 16 MB.
  maxStringLength: 4_096,
}

/** A driver with MongoDB's own options: `session` on every call that reaches the store, and `fetch`. */
export type MongoDriver = StorageDriver<{
  write: {
    /** A session of the same client: the write becomes part of its transaction, and is never retried. */
    session?: MongoSessionLike
  }
  read: {
    /** A session of the same client: the read becomes part of its transaction, and is never retried. */
    session?: MongoSessionLike
  }
  fetch: MongoFetch
}>

/**
 * Keeps timeseries in MongoDB: one collection for each name and type, expired by a TTL index. Connects on first use. A client that you pass in stays open when
 * the driver closes.
 * @param store a `mongodb:` or `mongodb+srv:` URL, or a `MongoClient` or a `Db` of the package `mongodb`
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
  const { collectionName, lease = LEASE_TIME, timeout = TIMEOUT } = options
  const health: Health = {
    doubtful: false,
    ping: async () => (await connector.connect()).ping(),
  }
  return {
    spec: 1,
    id: 'mongo',
    capabilities,
    async open(schema, given = {}) {
      const { openStore } = await import('./opening.ts')
      return openStore(connector, { collectionName, health, lease, timeout }, schema, given)
    },
    async discover() {
      const { discoverPlaces } = await import('./schema/discover.ts')
      return discoverPlaces(connector, collectionName)
    },
    async openEvents(schema) {
      const { openEvents } = await import('./events/open-events.ts')
      return openEvents(connector, collectionName, schema)
    },
    close: () => connector.close(),
  }
}
