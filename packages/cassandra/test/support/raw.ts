import { Client, type QueryOptions } from 'cassandra-driver'
import { parseUrl } from '../../src/connection/url.ts'
import type { CassandraClientLike, CassandraExecuteOptions } from '../../src/index.ts'

/** A client for the test itself. */
export function rawClient(url: string): Client {
  const { hosts, port } = parseUrl(url)
  return new Client({ contactPoints: [...hosts], protocolOptions: { port }, localDataCenter: 'datacenter1' })
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
