import type { MongoDriver } from './driver.ts'
import { mongoDriver } from './driver.ts'

export type {
  MongoClientLike,
  MongoCollectionLike,
  MongoCursorLike,
  MongoDbLike,
  MongoDocument,
  MongoSessionLike,
} from './connection/client.ts'
export { type MongoDriver, mongoDriver } from './driver.ts'
export type { MongoDriverOptions } from './options.ts'
export type { MongoFetchQuery } from './store/document-query.ts'
export type { MongoFetch } from './store/fetch.ts'

/**
 * What core calls for a URL that begins with `mongodb:` or `mongodb+srv:`.
 * @param clientConfig options of the `MongoClient` that is made
 * @throws KAIROS_INVALID_CONFIG
 * @example
 * const driver = driverFromUrl('mongodb://localhost/statistics', { appName: 'hits' })
 */
export function driverFromUrl(url: string, clientConfig?: object): MongoDriver {
  return mongoDriver(url, clientConfig === undefined ? {} : { clientConfig })
}
