import { fileURLToPath } from 'node:url'
import { CompiledQuery, type Kysely } from 'kysely'
import type { AnyTables, SqliteModule } from '../../src/connection/connected.ts'
import { parseUrl } from '../../src/connection/urls.ts'

/**
 * The package's own way from a URL to a Kysely instance, for a test's own queries.
 * A file that this process has open already must be opened with the same module: closing it in another one ends SQLite's locks, and deletes the log
 * that the first still writes to.
 */
export async function kyselyOf(
  url: string,
  sqliteModule?: SqliteModule,
): Promise<{ db: Kysely<AnyTables>; close(): Promise<void> }> {
  const { connect, ...parts } = parseUrl(url)
  const { kysely, close } = await connect({ ...parts, clientConfig: {}, sqliteModule, timeout: 60_000 })
  return { db: kysely, close }
}

/** Executes one statement, as it is written. */
export async function ask(db: Kysely<AnyTables>, sql: string): Promise<readonly Record<string, unknown>[]> {
  const { rows } = await db.executeQuery(CompiledQuery.raw(sql))
  return rows as Record<string, unknown>[]
}

/**
 * A separate database on a server, so that a test that kills connections does not affect others.
 * Returns its URL, and a function that drops it.
 */
export async function freshDatabase(url: string, name: string): Promise<{ url: string; drop(): Promise<void> }> {
  const database = `kairos_${name}_${process.pid}_${Date.now().toString(36)}`
  const { db, close } = await kyselyOf(url)
  await ask(db, `create database ${database}`)
  const own = new URL(url)
  own.pathname = `/${database}`
  return {
    url: own.href,
    async drop() {
      // PostgreSQL does not drop a database with open connections.
      await ask(db, `drop database ${database}${isPostgres(url) ? ' with (force)' : ''}`)
      await close()
    },
  }
}

export function isPostgres(url: string): boolean {
  return url.startsWith('postgres')
}

/** The path of a script in `processes/`, which tests run in separate processes. */
export function processPath(name: string): string {
  return fileURLToPath(new URL(`../processes/${name}`, import.meta.url))
}
