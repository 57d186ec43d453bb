import { importPeer } from '@kairos/core/driver'
import type { CassandraSettings } from '../options.ts'
import type { CassandraClientLike } from './client.ts'
import { timedClient } from './deadline.ts'
import { storeFailure } from './failures.ts'
import type { ParsedUrl } from './url.ts'

/** What the driver uses of the package cassandra-driver. */
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
 * Creates the client of a URL. It is token-aware and keeps to one data center, which is the client's default.
 * @throws KAIROS_DRIVER_MISSING if the package is not installed
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
    // Reconnects at once, not after a second, during which a single node would count as down.
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

/** The parts of the given configuration that the driver completes. */
interface ClientConfig {
  readonly localDataCenter?: string
  readonly policies?: object
}

/** The first and the longest pause between attempts to reconnect, in milliseconds. */
const RECONNECTION = [100, 2_000] as const

/** The data center of a node that answers: the client has to know it. */
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
    // Not awaited: a client that cannot connect is slow to shut down as well.
    asking.shutdown().catch(() => {})
  }
}

/** The data center that the client talks to. */
export async function dataCenterOf(client: CassandraClientLike): Promise<string> {
  const query = 'SELECT data_center FROM system.local'
  const { rows = [] } = await client.execute(query, [], { prepare: true, consistency: 1, isIdempotent: true })
  return String(rows[0]?.data_center)
}

/** A CommonJS package: all its exports are on the default export, only some are exported by name. */
function moduleOf(imported: unknown): CassandraModule {
  const module = imported as { default?: CassandraModule } & CassandraModule
  return module.default ?? module
}
