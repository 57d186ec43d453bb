import { Client, type QueryOptions } from 'cassandra-driver'
import { parseUrl } from '../../src/connection/url.ts'
import type { CassandraClientLike, CassandraExecuteOptions } from '../../src/index.ts'

/** A client of the test's own. */
export function rawClient(url: string): Client {
  const { hosts, port } = parseUrl(url)
  return new Client({ contactPoints: [...hosts], protocolOptions: { port }, localDataCenter: 'datacenter1' })
}

/** A request as the driver made it. */
export interface SentRequest {
  readonly queries: readonly { readonly query: string; readonly params: readonly unknown[] }[]
  readonly options: CassandraExecuteOptions
}

/** A client that notes every request; what the driver says to it is all that the server hears. */
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
