import type { MongoDriver } from './driver.ts'
import { mongoDriver } from './driver.ts'

export type {
  MongoClientLike,
  MongoCollectionLike,
  MongoCursorLike,
  MongoDbLike,
  MongoDocument,
  MongoSessionLike,
} from './client.ts'
export { type MongoDriver, mongoDriver } from './driver.ts'
export type { MongoFetch } from './fetch.ts'
export type { MongoDriverOptions } from './options.ts'
export type { DocumentQuery } from './queries.ts'

/** What core calls for a URL that begins with `mongodb:` or `mongodb+srv:`; `clientConfig` goes to `MongoClient`. */
export function driverFromUrl(url: string, clientConfig?: object): MongoDriver {
  return mongoDriver(url, clientConfig === undefined ? {} : { clientConfig })
}
