import { join } from 'node:path'
import { type DriverTestOptions, describeDriver, startFaultProxy } from '@kairos/driver-tests'
import { afterAll, describe, it } from 'vitest'
import { type SqliteModule, sqlDriver } from '../../src/index.ts'
import { fetchLikeRead } from './fetch.ts'
import { temporaryFolder } from './folder.ts'
import { servers } from './servers.ts'
import { transactionalAt } from './transactional.ts'

const runner = { describe, it, afterAll }
const make = sqlDriver as (client: unknown, options?: unknown) => unknown

/** The conformance kit on a server, by its name; skipped if there is none. */
export function describeServer(wanted: string, more: Pick<DriverTestOptions, 'further'> = {}): void {
  const { name, variable, url } = servers.find((server) => server.name === wanted)!
  if (url === undefined) {
    describe.skip(`${name}: ${variable} is not set`, () => it('conforms', () => {}))
    return
  }
  describeDriver({
    runner,
    name,
    create: ({ place }) => sqlDriver(url, { tableName: place }),
    fetch: fetchLikeRead,
    processes: {
      module: new URL('./server-store.ts', import.meta.url),
      env: { KAIROS_TEST_SQL_URL: url },
    },
    unreachable: () => sqlDriver(url.replace(/@127\.0\.0\.1:\d+/, '@127.0.0.1:1')),
    async failing({ place, decide }) {
      const { hostname: host, port } = new URL(url)
      const proxy = await startFaultProxy({ target: { host, port: Number(port) }, decide })
      const through = url.replace(/@127\.0\.0\.1:\d+/, `@${proxy.host}:${proxy.port}`)
      return { driver: sqlDriver(through, { tableName: place }), close: () => proxy.close() }
    },
    factory: { make, url },
    transactions: ({ place }) => transactionalAt(url, place),
    ...more,
  })
}

/** The conformance kit on a file of SQLite, and in memory. */
export function describeSqlite(sqliteModule: SqliteModule): void {
  const folder = temporaryFolder()
  const file = join(folder, 'kit.db')
  describeDriver({
    runner,
    name: `SQLite file, ${sqliteModule}`,
    create: ({ place }) => sqlDriver(`sqlite:${file}`, { tableName: place, sqliteModule }),
    fetch: fetchLikeRead,
    processes: {
      module: new URL('./sqlite-store.ts', import.meta.url),
      env: { KAIROS_TEST_SQLITE_FILE: file, KAIROS_TEST_SQLITE_MODULE: sqliteModule },
    },
    factory: { make, url: `sqlite:${file}` },
    transactions: ({ place }) => transactionalAt(`sqlite:${file}`, place, sqliteModule),
    unreachable: () => sqlDriver(`sqlite:${join(folder, 'no', 'such', 'folder.db')}`, { sqliteModule }),
  })

  // What a module does otherwise, it does in a file too.
  if (sqliteModule === 'node:sqlite' && process.env.KAIROS_TEST_SIZE !== 'long') return
  describeDriver({
    runner,
    name: `SQLite in memory, ${sqliteModule}`,
    create: ({ place }) => sqlDriver('sqlite::memory:', { tableName: place, sqliteModule }),
    fetch: fetchLikeRead,
    shared: false,
  })
}
