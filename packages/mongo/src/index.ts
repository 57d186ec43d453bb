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
export type { MongoFetch } from './store/fetch.ts'
export type { DocumentQuery } from './store/queries.ts'

/** What core calls for a URL that begins with `mongodb:` or `mongodb+srv:`; `clientConfig` goes to `MongoClient`. */
export function driverFromUrl(url: string, clientConfig?: object): MongoDriver {
  return mongoDriver(url, clientConfig === undefined ? {} : { clientConfig })
}
