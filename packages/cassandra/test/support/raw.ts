import type { StorageDriver } from '@kairos/core/driver'
import { Client, type QueryOptions } from 'cassandra-driver'
import { afterAll } from 'vitest'
import { parseUrl } from '../../src/connection/url.ts'
import type { CassandraClientLike, CassandraExecuteOptions } from '../../src/index.ts'

/** A client for the test itself. */
export function rawClient(url: string): Client {
  const { hosts, port } = parseUrl(url)
  return new Client({ contactPoints: [...hosts], protocolOptions: { port }, localDataCenter: 'datacenter1' })
}

/** A client for the tests of a group, and a list of the drivers that they make: all are closed when the group ends. */
export function closedAfterwards(url: string | undefined): {
  readonly client: Client
  readonly drivers: StorageDriver[]
} {
  const drivers: StorageDriver[] = []
  // Connects on first use, so never if the group is skipped.
  const client = rawClient(url ?? 'cassandra://localhost/none')
  afterAll(async () => {
    await Promise.all(drivers.map((driver) => driver.close()))
    await client.shutdown()
  })
  return { client, drivers }
}

/** A request that the driver made. */
export interface SentRequest {
  readonly queries: readonly { readonly query: string; readonly params: readonly unknown[] }[]
  readonly options: CassandraExecuteOptions
}

/** A client that records every request that the driver makes. */
export function recordingClient(client: Client): CassandraClientLike & { readonly sent: SentRequest[] } {
  const sent: SentRequest[] = []
  return {
    sent,
    connect: () => client.connect(),
    shutdown: () => client.shutdown(),
    execute(query, params, options) {
      sent.push({ queries: [{ query, params }], options })
      return client.execute(query, params, options as QueryOptions)
    },
    batch(queries, options) {
      sent.push({ queries, options })
      return client.batch(queries, options as QueryOptions)
    },
  }
}
