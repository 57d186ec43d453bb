import { importPeer } from '@kairos/core/driver'
import { checkWriteConcern, type MongoDriverOptions, TIMEOUT } from '../options.ts'
import { checkoutsOf } from './checkouts.ts'
import type { MongoClientLike, MongoCollectionInfo, MongoDbLike, MongoModule } from './client.ts'
import { answerWithin } from './deadline.ts'
import { codeOf, NO_SUCH_COMMAND } from './error-codes.ts'
import { Requests } from './requests.ts'

/** A database, and the parts of the package `mongodb` that are needed to write to it. */
export interface Connection {
  readonly module: MongoModule
  /** `bigints`: int64 as bigint, for the valueType of that name; otherwise as numbers. */
  collection(name: string, bigints: boolean): Requests
  collectionNames(): Promise<string[]>
  /** How it was created; undefined: there is none. */
  collectionInfo(name: string): Promise<MongoCollectionInfo | undefined>
  /** Rejects unless the server answers. */
  ping(): Promise<void>
  /** The server's clock, in milliseconds; undefined if the server does not report it. */
  clock(): Promise<number | undefined>
}

/** Connects once, on first use. */
export interface Connector {
  connect(): Promise<Connection>
  /** Closes the client if it was made from a URL. */
  close(): Promise<void>
}

export async function loadModule(): Promise<MongoModule> {
  return (await importPeer({ package: 'mongodb', scheme: 'mongodb', from: import.meta.url })) as MongoModule
}

/** Connects: a client whose first attempt failed does not try again by itself. */
export async function connectClient(
  client: Pick<MongoClientLike, 'connect'>,
  { timeout = TIMEOUT }: MongoDriverOptions,
): Promise<void> {
  await answerWithin(timeout, () => client.connect())
}

export function createConnection(
  module: MongoModule,
  database: MongoDbLike,
  client: Pick<MongoClientLike, 'on'> | undefined,
  { readConcern, writeConcern, readPreference, timeout = TIMEOUT }: MongoDriverOptions,
): Connection {
  const concerns = { ...(readConcern && { readConcern }), ...(writeConcern && { writeConcern }) }
  const checkouts = checkoutsOf(client)
  const command = (name: string): Promise<unknown> =>
    answerWithin(timeout, (signal) => database.command({ [name]: 1 }, { signal }))

  /** Older servers know it by another name. */
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
      return new Requests({ collection, timeout, ...(checkouts && { checkouts }), ...(client && { client }) })
    },
    collectionNames: () =>
      answerWithin(timeout, async () => {
        const names: string[] = []
        for await (const { name } of database.listCollections({}, { nameOnly: true })) names.push(name)
        return names
      }),
    collectionInfo: (wanted) =>
      answerWithin(timeout, async () => {
        // Some servers list all of them.
        for await (const info of database.listCollections({ name: wanted }, {})) if (info.name === wanted) return info
        return undefined
      }),
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
export function checkConcernOf(place: object): void {
  if ('writeConcern' in place) checkWriteConcern(place.writeConcern as object | undefined)
}
