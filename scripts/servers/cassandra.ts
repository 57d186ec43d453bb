import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fetchedFolder, missingAfter } from './fetched.ts'
import type { ServerKind, StartedServer } from './kind.ts'
import { answersOn, findProgram, freePorts, processesNaming, runToEnd, startProcess, untilReady } from './processes.ts'

const FOLDER = 'cassandra-5.0.8'
const SOURCES = join(import.meta.dirname, 'cassandra')
/** A third of the ring each. */
const TOKENS = ['-9223372036854775808', '-3074457345618258603', '3074457345618258602']

const COMMON = { debian: ['maven', 'openjdk-17-jre-headless'], prepare } as const

export const cassandra: ServerKind = {
  ...COMMON,
  name: 'cassandra',
  variable: 'KAIROS_TEST_CASSANDRA_URL',
  start: (folder) => startCassandra(folder, 1),
}

/** Three nodes, on 127.0.0.1, .2 and .3. */
export const cassandraRing: ServerKind = {
  ...COMMON,
  name: 'cassandra-ring',
  variable: 'KAIROS_TEST_CASSANDRA_RING_URL',
  start: (folder) => startCassandra(folder, 3),
}

async function prepare(): Promise<string | null> {
  if ((await java17()) === null) return 'Java 17'
  if (findProgram('mvn') === null) return 'mvn'
  return missingAfter('Cassandra', () => fetchedFolder(FOLDER, fetchJars))
}

/** Cassandra 5 runs on 11 and 17, and not on the newest, which have no security manager. */
async function java17(): Promise<string | null> {
  const systems = existsSync('/usr/lib/jvm')
    ? readdirSync('/usr/lib/jvm').map((name) => join('/usr/lib/jvm', name, 'bin', 'java'))
    : []
  const own = process.env.JAVA_HOME === undefined ? [] : [join(process.env.JAVA_HOME, 'bin', 'java')]
  const candidates = [...own, ...systems.filter((path) => path.includes('17')), findProgram('java')]
  for (const path of candidates) if (path !== null && existsSync(path) && (await isJava17(path))) return path
  return null
}

async function isJava17(java: string): Promise<boolean> {
  // A JVM prints its version on standard error; this property goes to standard output, which runToEnd reads.
  return (await runToEnd(java, ['--version'])).includes(' 17.')
}

async function fetchJars(folder: string): Promise<void> {
  const copy = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'
  const parameters = [`-DoutputDirectory=${folder}`, '-DincludeScope=runtime']
  await runToEnd('mvn', ['-q', '-B', '-f', join(SOURCES, 'pom.xml'), copy, ...parameters])
  // Native code of other systems.
  for (const jar of readdirSync(folder)) if (/-(osx|windows)-/.test(jar)) rmSync(join(folder, jar))
}

async function startCassandra(folder: string, nodes: 1 | 3): Promise<StartedServer> {
  const [port, storagePort] = await freePorts(2)
  const pids: number[] = []
  for (let node = 1; node <= nodes; node++) {
    const own = join(folder, `n${node}`)
    for (const part of ['triggers', 'tmp']) mkdirSync(join(own, part), { recursive: true })
    writeFileSync(join(own, 'cassandra.yaml'), JSON.stringify(configuration(node, port!, storagePort!)))
    pids.push(await startCassandraNode(folder, node))
  }
  for (let node = 1; node <= nodes; node++) {
    const log = join(folder, `n${node}`, 'cassandra.log')
    await untilReady('the whole ring', log, async () => {
      const told = readFileSync(log, 'utf8')
      const others = [1, 2, 3].filter((other) => other <= nodes && other !== node)
      return others.every((other) =>
        new RegExp(`/127\\.0\\.0\\.${other}:\\d+ (is now UP|state jump to NORMAL)`).test(told),
      )
    })
  }
  const hosts = Array.from({ length: nodes }, (_, index) => `127.0.0.${index + 1}:${port}`)
  return { url: `cassandra://${hosts.join(',')}`, pids }
}

/** Starts the node in this folder, or restarts it on its data; resolves to its process when it is ready. */
export async function startCassandraNode(folder: string, node: number): Promise<number> {
  const jars = await fetchedFolder(FOLDER, fetchJars)
  const own = join(folder, `n${node}`)
  const log = join(own, 'cassandra.log')
  writeFileSync(log, '')
  const agent = readdirSync(jars).find((jar) => jar.startsWith('jamm-'))
  const pid = await startProcess({
    command: (await java17()) ?? 'java',
    parameters: [
      ...[`@${join(SOURCES, 'jvm.options')}`, `-javaagent:${join(jars, agent!)}`, `-Djava.io.tmpdir=${own}/tmp`],
      ...[
        `-Dlogback.configurationFile=file://${join(SOURCES, 'logback.xml')}`,
        `-Dcassandra.config=file://${own}/cassandra.yaml`,
      ],
      ...[`-Dcassandra.storagedir=${own}`, `-Dcassandra.logdir=${own}`, `-Dcassandra.triggers_dir=${own}/triggers`],
      ...['-Dcassandra-foreground=yes', '-Dcassandra.libjemalloc=-', '-Dcassandra.disable_tcactive_openssl=true'],
      // With a few nodes on one machine, there is nothing to wait for.
      ...['-Dcassandra.skip_wait_for_gossip_to_settle=0', '-Dcassandra.ring_delay_ms=1000'],
      ...[
        '-Dcassandra.superuser_setup_delay_ms=0',
        '-Dcassandra.consistent.rangemovement=false',
        '-Dcassandra.shutdown_announce_in_ms=100',
      ],
      ...['-cp', join(jars, '*'), 'org.apache.cassandra.service.CassandraDaemon'],
    ],
    folder: own,
    log,
  })
  const { native_transport_port: port } = JSON.parse(readFileSync(join(own, 'cassandra.yaml'), 'utf8'))
  const ready = async (): Promise<boolean> =>
    readFileSync(log, 'utf8').includes('Startup complete') && (await answersOn(port, `127.0.0.${node}`))
  await untilReady(`Cassandra's node ${node}`, log, ready, 120)
  return pid
}

/** The folder and process of a running node, found by the port that all nodes of a ring share: for tests that end nodes. Null: it does not run. */
export function findCassandraNode(
  port: number,
  node: number,
): { readonly folder: string; readonly pid: number } | null {
  for (const { pid, command } of processesNaming(`/n${node}/cassandra.yaml`)) {
    const folder = new RegExp(`-Dcassandra\\.config=file://(\\S+)/n${node}/cassandra\\.yaml`).exec(command)?.[1]
    if (folder === undefined) continue
    const { native_transport_port } = JSON.parse(readFileSync(join(folder, `n${node}`, 'cassandra.yaml'), 'utf8'))
    if (native_transport_port === port) return { folder, pid }
  }
  return null
}

/** JSON is YAML. The server does not start with an unknown setting. */
function configuration(node: number, port: number, storagePort: number): object {
  // Long enough for a busy machine with all nodes on few cores; below the 12 seconds for which the client waits.
  const timeout = '8000ms'
  return {
    cluster_name: `kairos ${port}`,
    num_tokens: 1,
    initial_token: TOKENS[node - 1],
    auto_bootstrap: false,
    partitioner: 'org.apache.cassandra.dht.Murmur3Partitioner',
    endpoint_snitch: 'SimpleSnitch',
    dynamic_snitch: false,
    seed_provider: [
      {
        class_name: 'org.apache.cassandra.locator.SimpleSeedProvider',
        parameters: [{ seeds: `127.0.0.1:${storagePort}` }],
      },
    ],
    listen_address: `127.0.0.${node}`,
    rpc_address: `127.0.0.${node}`,
    storage_port: storagePort,
    native_transport_port: port,
    start_native_transport: true,
    commitlog_sync: 'periodic',
    commitlog_sync_period: '10000ms',
    commitlog_segment_size: '8MiB',
    commitlog_total_space: '128MiB',
    memtable_heap_space: '64MiB',
    memtable_offheap_space: '64MiB',
    memtable_allocation_type: 'heap_buffers',
    file_cache_size: '32MiB',
    networking_cache_size: '16MiB',
    key_cache_size: '8MiB',
    counter_cache_size: '4MiB',
    concurrent_reads: 8,
    concurrent_writes: 8,
    concurrent_counter_writes: 8,
    concurrent_compactors: 1,
    auto_snapshot: false,
    // The minimum: a dead node is noticed after 15 seconds.
    phi_convict_threshold: 5,
    disk_failure_policy: 'stop',
    commit_failure_policy: 'stop',
    read_request_timeout: timeout,
    range_request_timeout: timeout,
    write_request_timeout: timeout,
    counter_write_request_timeout: timeout,
    cas_contention_timeout: timeout,
    truncate_request_timeout: '60000ms',
    request_timeout: timeout,
  }
}
