import Database from 'better-sqlite3'
import { Kysely, MysqlDialect, PostgresDialect, SqliteDialect } from 'kysely'
import type { AnyTables } from '../../src/connection/connected.ts'
import type { DialectId } from '../../src/index.ts'
import { ask, freshDatabase, isPostgres, kyselyOf } from './places.ts'
import { servers } from './servers.ts'

/** A separate database, and a Kysely instance as a caller would create it, with a limited number of connections. */
interface OwnInstance {
  readonly db: Kysely<AnyTables>
  end(): Promise<void>
}

interface OwnPlace {
  readonly name: string
  readonly dialect: DialectId
  readonly skipped: boolean
  instance(connections: number): Promise<OwnInstance>
}

async function onServer(url: string, connections: number): Promise<OwnInstance> {
  const place = await freshDatabase(url, 'own')
  const db = isPostgres(url) ? await postgres(place.url, connections) : await mysql(place.url, connections)
  return {
    db,
    async end() {
      await db.destroy()
      await place.drop()
    },
  }
}

async function postgres(connectionString: string, max: number): Promise<Kysely<AnyTables>> {
  const { default: pg } = await import('pg')
  const pool = new pg.Pool({ connectionString, max })
  // The database is dropped by force, possibly before this pool's last connection has ended.
  pool.on('error', () => {}).on('connect', (client) => client.on('error', () => {}))
  return new Kysely<AnyTables>({ dialect: new PostgresDialect({ pool }) })
}

async function mysql(url: string, connectionLimit: number): Promise<Kysely<AnyTables>> {
  const { createPool } = await import('mysql2')
  const pool = createPool({ uri: url.replace(/^mariadb:/, 'mysql:'), connectionLimit })
  return new Kysely<AnyTables>({ dialect: new MysqlDialect({ pool }) })
}

/** PGlite takes seconds to start, so each instance is emptied and used again. */
const unused: Kysely<AnyTables>[] = []

/** Every database, as a caller's instance. */
export const ownPlaces: readonly OwnPlace[] = [
  {
    name: 'SQLite',
    dialect: 'sqlite',
    skipped: false,
    async instance() {
      const db = new Kysely<AnyTables>({ dialect: new SqliteDialect({ database: new Database(':memory:') }) })
      return { db, end: () => db.destroy() }
    },
  },
  {
    name: 'PGlite',
    dialect: 'postgres',
    skipped: false,
    async instance() {
      const db = unused.pop() ?? (await kyselyOf('pglite:')).db
      // It starts slowly.
      await ask(db, 'drop schema public cascade')
      await ask(db, 'create schema public')
      return {
        db,
        async end() {
          unused.push(db)
        },
      }
    },
  },
  ...servers.map(
    ({ name, url }): OwnPlace => ({
      name,
      dialect: url !== undefined && !isPostgres(url) ? 'mysql' : 'postgres',
      skipped: url === undefined,
      instance: (connections) => onServer(url!, connections),
    }),
  ),
]

const REFUSING: Readonly<Record<DialectId, (table: string) => readonly string[]>> = {
  sqlite: (table) => [
    `create trigger refuse before insert on ${table} when new.name = 'refused' begin select raise(abort, 'refused'); end`,
  ],
  postgres: (table) => [
    "create function refuse() returns trigger language plpgsql as $$ begin if new.name = 'refused' then raise 'refused'; end if; return new; end $$",
    `create trigger refuse before insert on ${table} for each row execute function refuse()`,
  ],
  mysql: (table) => [
    `create trigger refuse before insert on ${table} for each row begin if new.name = 'refused' then signal sqlstate '45000'; end if; end`,
  ],
}

/** From now on the database refuses every row of the name `refused`. */
export async function refuseRows(db: Kysely<AnyTables>, dialect: DialectId, table: string): Promise<void> {
  for (const statement of REFUSING[dialect](table)) await ask(db, statement)
}
