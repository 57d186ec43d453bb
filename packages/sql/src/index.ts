import type { StorageDriver } from '@kairos/core'
import { sqlDriver } from './driver.ts'

export type { SqliteModule } from './connection/connected.ts'
export type { DialectId } from './dialects/dialect.ts'
export { type SqlDriver, sqlDriver } from './driver.ts'
export type { KyselyLike, TransactionLike } from './kysely/kysely-like.ts'
export type { SqlDriverOptions } from './options.ts'
export type { ExpireProgress } from './store/expiry.ts'
export type { SqlFetch, SqlFetchQuery } from './store/fetch.ts'
export { tableStatements } from './table-statements.ts'

/**
 * The driver for a `sqlite:`, `postgres:`, `postgresql:`, `mysql:`, `mariadb:` or `pglite:` URL. Core calls it.
 * @throws KAIROS_INVALID_CONFIG
 * @example createTimeseries(driverFromUrl('sqlite:hits.db'), config)
 */
export function driverFromUrl(url: string, clientConfig?: object): StorageDriver {
  return sqlDriver(url, { clientConfig })
}
