import { invalidOption, once } from '@kairos/core/driver'
import { DEFAULT_DATABASE, type MongoDriverOptions } from '../options.ts'
import type { MongoClientLike, MongoDbLike } from './client.ts'
import type { Connector } from './connection.ts'

/** What a client calls its database when its URL names none. */
const CLIENTS_DEFAULT = 'test'

/**
 * Uses the application's own client or database, and never closes it.
 * @throws KAIROS_INVALID_CONFIG
 */
export function connectorFromClient(store: MongoClientLike | MongoDbLike, options: MongoDriverOptions): Connector {
  if (options.clientConfig !== undefined) {
    throw invalidOption({
      driver: 'mongo',
      path: 'clientConfig',
      expected: 'left out where the store is a MongoClient or a Db',
      value: options.clientConfig,
      remedy: 'configure that client itself',
    })
  }
  return {
    connect: once(async () => {
      const { checkConcernOf, connectClient, createConnection, loadModule } = await import('./connection.ts')
      const module = await loadModule()
      const database = databaseOf(store, options)
      checkConcernOf(database)
      const client = 'connect' in store ? store : database.client
      if (client !== undefined) await connectClient(client, options)
      return createConnection(module, database, client, options)
    }),
    async close() {},
  }
}

function databaseOf(store: MongoClientLike | MongoDbLike, { database }: MongoDriverOptions): MongoDbLike {
  if ('collection' in store) {
    if (database === undefined) return store
    throw invalidOption({
      driver: 'mongo',
      path: 'database',
      expected: 'left out where the store is a Db',
      value: database,
      remedy: 'that Db already is one database',
    })
  }
  if (database !== undefined) return store.db(database)
  const own = store.db()
  return own.databaseName === CLIENTS_DEFAULT ? store.db(DEFAULT_DATABASE) : own
}
