import { importPeer, messageOf } from '@kairos/core/driver'
import { checkStore, checkWriteConcern, invalid, type MongoDriverOptions, TIMEOUT } from '../options.ts'
import type { MongoClientLike, MongoDbLike, MongoModule } from './client.ts'
import { NoAnswerError, within } from './deadline.ts'
import { codeOf, NO_SUCH_COMMAND } from './failures.ts'
import { Requests } from './requests.ts'

/** A database, and what of the package `mongodb` writing to it takes. */
interface Connection {
  readonly module: MongoModule
  /** `bigints`: int64 as bigint, where those are values; else as numbers. */
  collection(name: string, bigints: boolean): Requests
  /** Rejects unless the server answers. */
  ping(): Promise<void>
  /** The server's clock, in milliseconds; undefined where the server does not tell it. */
  clock(): Promise<number | undefined>
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

/** A server that is gone is noticed before core's patience ends, also where an answer may take longer. */
const SELECTION = 5_000

/** @throws KAIROS_INVALID_CONFIG */
export function connectorOf(store: string | MongoClientLike | MongoDbLike, options: MongoDriverOptions): Connector {
  checkStore(store)
  if (typeof store === 'string') return urlConnector(store, options)
  if (options.clientConfig !== undefined)
    throw invalid('clientConfig', 'clientConfig is for the client that a URL creates, not for one of your own')
  return {
    connect: once(async () => {
      const module = await loadModule()
      const database = databaseOf(store, options)
      checkConcernOf(database)
      await connected('connect' in store ? store : database.client, options)
      return connection(module, database, options)
    }),
    async close() {},
  }
}

function urlConnector(url: string, options: MongoDriverOptions): Connector {
  const match = /^mongodb(?:\+srv)?:\/\/[^/?]+(?:\/([^?]*))?/i.exec(url)
  if (match === null)
    throw invalid('store', 'the URL of a MongoDB must be mongodb://host/database or mongodb+srv://host/database')
  const database = options.database ?? (decoded(match[1] ?? '') || DEFAULT_DATABASE)
  const { timeout = TIMEOUT } = options
  let client: MongoClientLike | undefined
  return {
    connect: once(async () => {
      const module = await loadModule()
      const made = clientOf(module, url, options)
      try {
        await connected(made, options)
      } catch (error) {
        // A client that could not connect once stays closed: the next attempt makes another.
        await closeClient(made, timeout).catch(() => {})
        throw error
      }
      client = made
      return connection(module, made.db(database), options)
    }),
    async close() {
      const closing = client
      client = undefined
      if (closing !== undefined) await closeClient(closing, timeout)
    },
  }
}

/** What the client says of a URL may repeat it, with its password. */
function clientOf({ MongoClient }: MongoModule, url: string, options: MongoDriverOptions): MongoClientLike {
  try {
    return new MongoClient(url, clientOptions(url, options))
  } catch (error) {
    const credentials = /\/\/(.*)@/.exec(url)?.[1] ?? ''
    const secrets = [credentials, ...credentials.split(':')].filter((text) => text !== '')
    const reason = secrets.reduce((text, secret) => text.replaceAll(secret, '…'), messageOf(error))
    throw invalid('store', `the URL of a MongoDB, and clientConfig, must be what MongoClient takes: ${reason}`)
  }
}

/** Connects, also a client whose first attempt failed: by itself it would stay closed. */
async function connected(
  client: Pick<MongoClientLike, 'connect'> | undefined,
  { timeout = TIMEOUT }: MongoDriverOptions,
): Promise<void> {
  if (client !== undefined) await within(timeout, () => client.connect())
}

/** A client says farewell to its server; one that does not answer is not waited for. */
async function closeClient(client: MongoClientLike, timeout: number): Promise<void> {
  try {
    await within(timeout, () => client.close())
  } catch (error) {
    if (!(error instanceof NoAnswerError)) throw error
  }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    throw invalid('store', 'the database in the URL must be percent-encoded UTF-8; spell a "%" as "%25"')
  }
}

/** The bounds of the client that a URL creates, where neither the URL nor `clientConfig` says something else. */
function clientOptions(url: string, { clientConfig = {}, timeout = TIMEOUT }: MongoDriverOptions): object {
  const bounds = {
    serverSelectionTimeoutMS: Math.min(SELECTION, timeout),
    connectTimeoutMS: timeout,
    socketTimeoutMS: timeout,
    waitQueueTimeoutMS: timeout,
  }
  const defaults = Object.entries(bounds).filter(([key]) => !new RegExp(`[?&]${key}=`, 'i').test(url))
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
  { readConcern, writeConcern, readPreference, timeout = TIMEOUT }: MongoDriverOptions,
): Connection {
  const concerns = { ...(readConcern && { readConcern }), ...(writeConcern && { writeConcern }) }
  const command = (name: string): Promise<unknown> =>
    within(timeout, (signal) => database.command({ [name]: 1 }, { signal }))

  /** Servers older than `hello` know the other name. */
  async function hello(): Promise<unknown> {
    try {
      return await command('hello')
    } catch (error) {
      if (codeOf(error) === NO_SUCH_COMMAND) return command('isMaster')
      throw error
    }
  }

  return {
    module,
    collection(name, bigints) {
      const collection = database.collection(name, {
        // Whatever the client's own settings: numbers as numbers, binary as bytes.
        ...{ promoteValues: true, promoteLongs: true, promoteBuffers: true, useBigInt64: bigints, raw: false },
        ...concerns,
        ...(readPreference !== undefined && { readPreference }),
      })
      checkConcernOf(collection)
      return new Requests({ collection, timeout })
    },
    async ping() {
      await command('ping')
    },
    async clock() {
      const { localTime } = (await hello()) as { localTime?: unknown }
      return localTime instanceof Date ? localTime.getTime() : undefined
    },
  }
}

/** The write concern that a database or a collection has from its client. */
function checkConcernOf(place: object): void {
  if ('writeConcern' in place) checkWriteConcern(place.writeConcern as object | undefined)
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
