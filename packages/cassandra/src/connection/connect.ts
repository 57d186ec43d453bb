import { importPeer } from '@kairos/core/driver'
import type { CassandraClientLike } from './client.ts'
import type { ParsedUrl } from './url.ts'

/** What the driver takes from the package `cassandra-driver`. */
interface CassandraModule {
  readonly Client: new (options: object) => CassandraClientLike
  readonly policies: { readonly loadBalancing: { readonly RoundRobinPolicy: new () => object } }
}

/**
 * The client that a URL creates. Token-aware and of one data center, as the client is by itself.
 * @throws KAIROS_DRIVER_MISSING where the package is not installed
 */
export async function clientFromUrl(
  { scheme, hosts, port, credentials }: ParsedUrl,
  localDataCenter: string | undefined,
  clientConfig: object | undefined,
): Promise<CassandraClientLike> {
  const module = moduleOf(await importPeer({ package: 'cassandra-driver', scheme, from: import.meta.url }))
  const configured = {
    contactPoints: hosts,
    protocolOptions: { port },
    ...(credentials !== undefined && { credentials }),
    ...clientConfig,
  }
  const known = localDataCenter ?? (clientConfig as { localDataCenter?: string } | undefined)?.localDataCenter
  return new module.Client({ ...configured, localDataCenter: known ?? (await nearestDataCenter(module, configured)) })
}

/** The data center of a node that answers: the client wants to be told. */
async function nearestDataCenter({ Client, policies }: CassandraModule, configured: object): Promise<string> {
  const asking = new Client({
    ...configured,
    policies: { loadBalancing: new policies.loadBalancing.RoundRobinPolicy() },
  })
  try {
    await asking.connect()
    return await dataCenterOf(asking)
  } finally {
    await asking.shutdown()
  }
}

/** The data center of the nodes that a client talks to. */
export async function dataCenterOf(client: CassandraClientLike): Promise<string> {
  const query = 'SELECT data_center FROM system.local'
  const { rows = [] } = await client.execute(query, [], { prepare: true, consistency: 1, isIdempotent: true })
  return String(rows[0]?.data_center)
}

/** A CommonJS package: its exports are the default's, and some of them also by name. */
function moduleOf(imported: unknown): CassandraModule {
  const module = imported as { default?: CassandraModule } & CassandraModule
  return module.default ?? module
}
