import { checkStore, type MongoDriverOptions } from '../options.ts'
import type { MongoClientLike, MongoDbLike } from './client.ts'
import type { Connector } from './connection.ts'
import { connectorFromClient } from './from-client.ts'
import { connectorFromUrl } from './from-url.ts'

/** @throws KAIROS_INVALID_CONFIG */
export function connectorOf(store: string | MongoClientLike | MongoDbLike, options: MongoDriverOptions): Connector {
  checkStore(store)
  return typeof store === 'string' ? connectorFromUrl(store, options) : connectorFromClient(store, options)
}
