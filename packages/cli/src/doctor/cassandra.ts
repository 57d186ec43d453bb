import { importPeer } from '@kairos/core/driver'
import { type CassandraAddress, cassandraAddressOf } from './cassandra-address.ts'
import { keyspaceFindings, type Row } from './cassandra-keyspace.ts'
import { clockFinding, type Finding, finding, isAtLeast, type Probe } from './finding.ts'

/** What is used of cassandra-driver. */
interface Client {
  connect(): Promise<void>
  execute(query: string, parameters?: readonly unknown[], options?: object): Promise<{ readonly rows?: readonly Row[] }>
  readonly hosts: { values(): readonly Host[] }
  shutdown(): Promise<void>
}
interface Host {
  readonly address: string
  isUp(): boolean
}
interface Cassandra {
  readonly Client: new (options: object) => Client
  readonly policies: { readonly loadBalancing: { readonly RoundRobinPolicy: new () => object } }
}

/** Looks at a cluster of Cassandra and at the keyspace; writes nothing. */
export const probeCassandra: Probe = async function* (url, { timeout }) {
  const imported = await importPeer({ package: 'cassandra-driver', scheme: 'cassandra', from: import.meta.url })
  const { Client, policies } = (imported as { readonly default?: Cassandra }).default ?? (imported as Cassandra)
  const address = cassandraAddressOf(url)
  const { hosts, port, credentials } = address
  const client = new Client({
    contactPoints: hosts,
    protocolOptions: { port },
    ...(credentials && { credentials }),
    socketOptions: { connectTimeout: timeout, readTimeout: timeout },
    // Any data center: each node is asked.
    policies: { loadBalancing: new policies.loadBalancing.RoundRobinPolicy() },
  })
  try {
    await client.connect()
    yield* lookedAt(client, address)
  } finally {
    await client.shutdown()
  }
}

async function* lookedAt(client: Client, { keyspace, consistency }: CassandraAddress): AsyncGenerator<Finding> {
  async function all(
    query: string,
    parameters: readonly unknown[] = [],
    options: object = {},
  ): Promise<readonly Row[]> {
    const { rows = [] } = await client.execute(query, parameters, { prepare: true, ...options })
    return rows
  }
  const [local] = await all('SELECT release_version, schema_version FROM system.local')
  const version = String(local?.release_version)
  yield finding('version', isAtLeast(version, [4, 0]), version, 'update: older ones are not tested')
  const hosts = client.hosts.values()
  const down = hosts.filter((host) => !host.isUp()).map((host) => host.address)
  yield finding(
    'nodes',
    down.length === 0,
    down.length === 0 ? `all ${hosts.length} are up` : `down: ${down.join(', ')}`,
    'nodetool status says more; repair a node that was down for longer than gc_grace_seconds before it serves again',
  )
  yield await clocks(
    client,
    hosts.filter((host) => host.isUp()),
  )
  const versions = new Set(
    [local, ...(await all('SELECT schema_version FROM system.peers'))].map((row) => String(row?.schema_version)),
  )
  yield finding(
    'schema',
    versions.size === 1,
    versions.size === 1 ? 'the same on all nodes' : `${versions.size} versions`,
    'nodetool describecluster shows which nodes differ: opening a timeseries waits until they agree',
  )
  const [own] = await all('SELECT replication, durable_writes FROM system_schema.keyspaces WHERE keyspace_name = ?', [
    keyspace,
  ])
  const tables = await all(
    'SELECT table_name, gc_grace_seconds, default_time_to_live FROM system_schema.tables WHERE keyspace_name = ?',
    [keyspace],
  )
  if (own !== undefined) yield* keyspaceFindings({ keyspace, own, tables, consistency })
}

/** The node whose clock differs most from that of this machine. */
async function clocks(client: Client, hosts: readonly Host[]): Promise<Finding> {
  const findings: Finding[] = []
  for (const host of hosts) {
    const before = Date.now() / 1000
    const { rows } = await client.execute('SELECT toTimestamp(now()) AS now FROM system.local', [], { host })
    const clock = rows?.[0]?.now
    // It counts milliseconds.
    if (clock instanceof Date) findings.push(clockFinding(clock.getTime() / 1000, before - 0.001, Date.now() / 1000))
  }
  const wrong = findings.findIndex(({ state }) => state !== 'ok')
  if (wrong === -1) return findings[0] ?? finding('clock', true, 'not shown')
  return { ...findings[wrong]!, found: `${hosts[wrong]!.address}: ${findings[wrong]!.found}` }
}
