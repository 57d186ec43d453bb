import { importPeer } from '@kairos/core/driver'
import { Kysely, PostgresDialect, type PostgresPool } from 'kysely'
import { type AnyTables, type Connected, type ConnectRequest, exported } from './connected.ts'
import { share } from './sharing.ts'

/** What is used of a pool of pg's beyond what Kysely uses. */
interface Pool extends PostgresPool {
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'connect', listener: (client: Client) => void): unknown
}
interface Client {
  on(event: 'error', listener: () => void): unknown
  query(text: string): Promise<unknown>
}

/** `postgres:` and `postgresql:` URLs, by pg. */
export function connectPostgres(request: ConnectRequest): Promise<Connected> {
  return request.clientConfig === undefined ? share(request.url, () => openPool(request)) : openPool(request)
}

async function openPool({ url, scheme, clientConfig }: ConnectRequest): Promise<Connected> {
  const module = await importPeer({ package: 'pg', scheme, from: import.meta.url })
  const PoolOfPg = exported<new (config: object) => Pool>(module, 'Pool')
  const pool = new PoolOfPg({ connectionString: url, ...clientConfig })
  // A connection that ends, idle or in use, is told as an event too; without a listener it would end the process. The query rejects by itself.
  const ignore = (): void => {}
  pool.on('error', ignore)
  pool.on('connect', (client) => {
    client.on('error', ignore)
    // Numbers come back whole whatever the role's or the database's own setting is. A client's queries are in order, so this is its first; not
    // Kysely's onCreateConnection, whose failure would keep the connection from the pool for ever.
    client.query('set extra_float_digits = 1').catch(ignore)
  })
  const kysely = new Kysely<AnyTables>({ dialect: new PostgresDialect({ pool }) })
  return { kysely, shortcut: null, close: () => pool.end() }
}
