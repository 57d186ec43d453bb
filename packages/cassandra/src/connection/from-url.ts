import { importPeer } from '@kairos/core/driver'
import type { CassandraSettings } from '../options.ts'
import type { CassandraClientLike } from './client.ts'
import { timedClient } from './deadline.ts'
import { storeFailure } from './failures.ts'
import type { ParsedUrl } from './url.ts'

/** What the driver takes from the package `cassandra-driver`. */
interface CassandraModule {
  readonly Client: new (options: object) => CassandraClientLike
  readonly policies: {
    readonly loadBalancing: { readonly RoundRobinPolicy: new () => object }
    readonly reconnection: {
      readonly ExponentialReconnectionPolicy: new (first: number, longest: number, atOnce: boolean) => object
    }
  }
}

/**
 * The client that a URL creates. Token-aware and of one data center, as the client is by itself.
 * @throws KAIROS_DRIVER_MISSING where the package is not installed
 */
export async function clientFromUrl(
  { scheme, hosts, port, credentials }: ParsedUrl,
  { localDataCenter, timeout }: Pick<CassandraSettings, 'localDataCenter' | 'timeout'>,
  clientConfig: ClientConfig = {},
): Promise<CassandraClientLike> {
  const module = moduleOf(await importPeer({ package: 'cassandra-driver', scheme, from: import.meta.url }))
  const configured = {
    contactPoints: hosts,
    protocolOptions: { port },
    ...(credentials !== undefined && { credentials }),
    ...clientConfig,
    // A connection that breaks is made again at once, not after a second: meanwhile the only node would count as down.
    policies: {
      reconnection: new module.policies.reconnection.ExponentialReconnectionPolicy(...RECONNECTION, true),
      ...clientConfig.policies,
    },
  }
  const known = localDataCenter ?? clientConfig.localDataCenter
  return new module.Client({
    ...configured,
    localDataCenter: known ?? (await nearestDataCenter(module, configured, timeout)),
  })
}

/** What of the caller's configuration is completed, not only handed on. */
interface ClientConfig {
  readonly localDataCenter?: string
  readonly policies?: object
}

/** The first pause after an attempt to connect that failed, and the longest, in milliseconds. */
const RECONNECTION = [100, 2_000] as const

/** The data center of a node that answers: the client wants to be told. */
async function nearestDataCenter(
  { Client, policies }: CassandraModule,
  configured: { readonly policies: object },
  timeout: number,
): Promise<string> {
  const client = new Client({
    ...configured,
    policies: { ...configured.policies, loadBalancing: new policies.loadBalancing.RoundRobinPolicy() },
  })
  const asking = timedClient(client, timeout)
  try {
    await asking.connect()
    return await dataCenterOf(asking)
  } catch (error) {
    throw storeFailure(error)
  } finally {
    // Not awaited: one that does not connect takes its time to end as well.
    asking.shutdown().catch(() => {})
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
