import { importPeer } from '@kairos/core/driver'
import { checkWriteConcern, invalid, type MongoDriverOptions } from '../options.ts'
import type { MongoClientLike, MongoCollectionLike, MongoDbLike, MongoModule } from './client.ts'

/** A database, and what of the package `mongodb` writing to it takes. */
interface Connection {
  readonly module: MongoModule
  /** `bigints`: int64 as bigint, where those are values; else as numbers. */
  collection(name: string, bigints: boolean): MongoCollectionLike
  /** Rejects unless the server answers. */
  ping(): Promise<void>
}

/** Connects once, when first asked. */
export interface Connector {
  connect(): Promise<Connection>
  /** Closes the client, where a URL made it. */
  close(): Promise<void>
}

const DEFAULT_DATABASE = 'kairos'
/** What a client calls its database when its URL names none. */
const CLIENTS_DEFAULT = 'test'

/**
 * For a client that a URL creates, where neither the URL nor `clientConfig` says something else: a server that is gone is noticed before core's
 * patience ends, and an answer that never comes ends in an error.
 */
const TIMEOUTS = { serverSelectionTimeoutMS: 5_000, socketTimeoutMS: 60_000 } as const

/** @throws KAIROS_INVALID_CONFIG */
export function connectorOf(store: string | MongoClientLike | MongoDbLike, options: MongoDriverOptions): Connector {
  if (typeof store === 'string') return urlConnector(store, options)
  if (options.clientConfig !== undefined)
    throw invalid('clientConfig', 'clientConfig is for the client that a URL creates, not for one of your own')
  return {
    connect: once(async () => connection(await loadModule(), databaseOf(store, options), options)),
    async close() {},
  }
}

function urlConnector(url: string, options: MongoDriverOptions): Connector {
  const match = /^mongodb(?:\+srv)?:\/\/[^/?]+(?:\/([^?]*))?/i.exec(url)
  if (match === null) throw invalid('store', 'a URL of MongoDB begins with mongodb:// or mongodb+srv:// and a host')
  const database = options.database ?? (decodeURIComponent(match[1] ?? '') || DEFAULT_DATABASE)
  let client: MongoClientLike | undefined
  return {
    connect: once(async () => {
      const module = await loadModule()
      client = new module.MongoClient(url, clientOptions(url, options.clientConfig))
      return connection(module, client.db(database), options)
    }),
    async close() {
      await client?.close()
    },
  }
}

function clientOptions(url: string, clientConfig: object = {}): object {
  const defaults = Object.entries(TIMEOUTS).filter(([key]) => !new RegExp(`[?&]${key}=`, 'i').test(url))
  return { ...Object.fromEntries(defaults), ...clientConfig }
}

function databaseOf(store: MongoClientLike | MongoDbLike, { database }: MongoDriverOptions): MongoDbLike {
  if ('collection' in store) {
    if (database !== undefined) throw invalid('database', 'a Db is one database already: leave the option out')
    return store
  }
  if (database !== undefined) return store.db(database)
  const own = store.db()
  return own.databaseName === CLIENTS_DEFAULT ? store.db(DEFAULT_DATABASE) : own
}

async function loadModule(): Promise<MongoModule> {
  return (await importPeer({ package: 'mongodb', scheme: 'mongodb', from: import.meta.url })) as MongoModule
}

function connection(
  module: MongoModule,
  database: MongoDbLike,
  { readConcern, writeConcern, readPreference }: MongoDriverOptions,
): Connection {
  const concerns = { ...(readConcern && { readConcern }), ...(writeConcern && { writeConcern }) }
  return {
    module,
    collection(name, bigints) {
      const collection = database.collection(name, {
        // Whatever the client's own settings: numbers as numbers, binary as bytes.
        ...{ promoteValues: true, promoteLongs: true, promoteBuffers: true, useBigInt64: bigints, raw: false },
        ...concerns,
        ...(readPreference !== undefined && { readPreference }),
      })
      if ('writeConcern' in collection) checkWriteConcern(collection.writeConcern as object | undefined)
      return collection
    },
    async ping() {
      await database.command({ ping: 1 })
    },
  }
}

/** What failed is tried again by the next who asks. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined
      throw error
    })
    return made
  }
}
