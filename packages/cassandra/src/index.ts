import type { CassandraClientLike } from './connection/client.ts'
import { type CassandraDriver, createDriver } from './driver.ts'
import type { CassandraDriverOptions } from './options.ts'
import { TIMINGS } from './timings.ts'

export type {
  CassandraBatchEntry,
  CassandraClientLike,
  CassandraExecuteOptions,
  CassandraResult,
  CassandraRow,
} from './connection/client.ts'
export type { CassandraDriver } from './driver.ts'
export type { CassandraConsistency, CassandraDriverOptions } from './options.ts'
export type { CassandraFetch, CassandraFetchQuery } from './store/fetch.ts'

/**
 * Creates a driver for Cassandra. It connects on first use; close it with `driver.close()`.
 * @param target a URL, `cassandra://user:password@host:9042,host:9042/keyspace` (or `cql://…`); or your own `Client` of the package
 * cassandra-driver, which is used as it is and never shut down
 * @throws KAIROS_INVALID_CONFIG for an invalid URL, client or option
 * @example
 * const driver = cassandraDriver('cassandra://localhost:9042/metrics', { replication: 1 })
 * const hits = createTimeseries(driver, { type: 'count', intervals: { minute: { step: 60 } } })
 */
export function cassandraDriver<Client extends CassandraClientLike>(
  target: string | Client,
  options: CassandraDriverOptions = {},
): CassandraDriver<Client> {
  return createDriver(target, options, TIMINGS)
}

/**
 * Creates the driver of a `cassandra:` or `cql:` URL: what core calls when a store is given as a URL.
 * @param clientConfig passed to the client that is created
 * @throws KAIROS_INVALID_CONFIG for an invalid URL or clientConfig
 * @example
 * const driver = driverFromUrl('cassandra://localhost:9042/metrics', { sslOptions: {} })
 */
export function driverFromUrl(url: string, clientConfig?: object): CassandraDriver {
  return cassandraDriver(url, clientConfig === undefined ? {} : { clientConfig })
}
