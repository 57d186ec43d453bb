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
 * A driver for Cassandra: a URL (`cassandra://host:9042,host:9042/keyspace`, `cql:` as well) or the caller's own `Client`, which is used as it is
 * and never shut down.
 * @throws KAIROS_INVALID_CONFIG for a URL or options that make no sense
 */
export function cassandraDriver<Client extends CassandraClientLike>(
  target: string | Client,
  options: CassandraDriverOptions = {},
): CassandraDriver<Client> {
  return createDriver(target, options, TIMINGS)
}

/** What core calls for a URL that begins with `cassandra:` or `cql:`; `clientConfig` goes to the client. */
export function driverFromUrl(url: string, clientConfig?: object): CassandraDriver {
  return cassandraDriver(url, clientConfig === undefined ? {} : { clientConfig })
}
