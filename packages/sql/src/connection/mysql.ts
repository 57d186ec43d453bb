import { importPeer } from '@kairos/core/driver'
import { Kysely, MysqlDialect, type MysqlPool } from 'kysely'
import { type AnyTables, type Connected, type ConnectRequest, exported } from './connected.ts'
import { share } from './sharing.ts'

/** `mysql:` and `mariadb:` URLs, by mysql2. */
export function connectMysql(request: ConnectRequest): Promise<Connected> {
  return request.clientConfig === undefined ? share(request.url, () => openPool(request)) : openPool(request)
}

async function openPool({ rest, scheme, clientConfig }: ConnectRequest): Promise<Connected> {
  const module = await importPeer({ package: 'mysql2', scheme, from: import.meta.url })
  const createPool = exported<(config: object) => MysqlPool>(module, 'createPool')
  const pool = createPool({ uri: `mysql:${rest}`, ...clientConfig })
  const kysely = new Kysely<AnyTables>({ dialect: new MysqlDialect({ pool }) })
  const end = (): Promise<void> =>
    new Promise((resolve, reject) => {
      pool.end((error) => (error ? reject(error) : resolve()))
    })
  return { kysely, shortcut: null, close: end }
}
