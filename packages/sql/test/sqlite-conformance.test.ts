import { join } from 'node:path'
import { describeDriver } from '@kairos/driver-tests'
import { afterAll, describe, it } from 'vitest'
import { type SqliteModule, sqlDriver } from '../src/index.ts'
import { fetchLikeRead } from './support/fetch.ts'
import { temporaryFolder } from './support/folder.ts'

const folder = temporaryFolder()
const runner = { describe, it, afterAll }
const modules: readonly SqliteModule[] = ['better-sqlite3', 'node:sqlite']

for (const sqliteModule of modules) {
  const file = join(folder, `${sqliteModule.replace(':', '-')}.db`)
  describeDriver({
    runner,
    name: `SQLite file, ${sqliteModule}`,
    create: ({ place }) => sqlDriver(`sqlite:${file}`, { tableName: place, sqliteModule }),
    fetch: fetchLikeRead,
    processes: {
      module: new URL('./support/sqlite-store.ts', import.meta.url),
      env: { KAIROS_TEST_SQLITE_FILE: file, KAIROS_TEST_SQLITE_MODULE: sqliteModule },
    },
    factory: { make: sqlDriver as (client: unknown, options?: unknown) => unknown, url: `sqlite:${file}` },
    unreachable: () => sqlDriver(`sqlite:${join(folder, 'no', 'such', 'folder.db')}`, { sqliteModule }),
  })

  describeDriver({
    runner,
    name: `SQLite in memory, ${sqliteModule}`,
    create: ({ place }) => sqlDriver('sqlite::memory:', { tableName: place, sqliteModule }),
    fetch: fetchLikeRead,
    shared: false,
  })
}
