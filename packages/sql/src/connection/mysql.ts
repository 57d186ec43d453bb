import { importPeer } from '@kairos/core/driver'
import { Kysely, MysqlDialect, type MysqlPool, type MysqlPoolConnection } from 'kysely'
import { type AnyTables, type Connected, type ConnectRequest, exported } from './connected.ts'
import { endWithin, startDeadline, waitingTime } from './deadline.ts'
import { share } from './shared-clients.ts'

/** What this driver uses of a mysql2 connection, beyond what Kysely uses. */
interface Connection extends Omit<MysqlPoolConnection, 'query'> {
  readonly stream?: { destroy?(): void }
  query(options: object, parameters: unknown, callback: (error: unknown, result: unknown) => void): unknown
}
type Callback = (error: unknown, result?: unknown) => void

/** Connects to `mysql:` and `mariadb:` URLs, through mysql2. */
export function connectMysql(request: ConnectRequest): Promise<Connected> {
  if (request.clientConfig !== undefined) return openPool(request)
  return share(`${request.timeout} ${request.url}`, () => openPool(request))
}

async function openPool({ rest, scheme, clientConfig, timeout }: ConnectRequest): Promise<Connected> {
  const module = await importPeer({ package: 'mysql2', scheme, from: import.meta.url })
  const createPool = exported<(config: object) => MysqlPool>(module, 'createPool')
  const pool = createPool({ uri: `mysql:${rest}`, connectTimeout: waitingTime(timeout), ...clientConfig })
  const kysely = new Kysely<AnyTables>({
    dialect: new MysqlDialect({ pool: boundedPool(pool, timeout, ownForm(clientConfig)) }),
  })
  const end = (): Promise<void> =>
    new Promise((resolve, reject) => {
      pool.end((error) => (error ? reject(error) : resolve()))
    })
  return { kysely, shortcut: null, boundByClient: true, close: () => endWithin(timeout, end) }
}

/** The pool, with connections that are closed when an answer is late: it could be taken for that of the next query. */
function boundedPool(pool: MysqlPool, timeout: number, form: object): MysqlPool {
  const known = new WeakMap<object, MysqlPoolConnection>()
  return {
    end: (callback) => pool.end(callback),
    getConnection(callback) {
      pool.getConnection((error, connection) => {
        if (error) return callback(error, connection)
        const bounded = known.get(connection) ?? boundedConnection(connection as unknown as Connection, timeout, form)
        known.set(connection, bounded)
        callback(null, bounded)
      })
    },
  }
}

/** Settings that override those of the caller under which rows would have another form than the driver reads. */
function ownForm(clientConfig: object | undefined): object {
  const plain = { rowsAsArray: false, nestTables: false }
  // A function can be overridden only by a function.
  const casts = clientConfig !== undefined && 'typeCast' in clientConfig && typeof clientConfig.typeCast === 'function'
  return casts ? { ...plain, typeCast: (_field: unknown, next: () => unknown) => next() } : plain
}

function boundedConnection(connection: Connection, timeout: number, form: object): MysqlPoolConnection {
  function query(sql: string, parameters: unknown, callback: Callback): unknown {
    const end = startDeadline(timeout, (late) => {
      connection.destroy()
      // `destroy` only says goodbye, which the peer may never read.
      connection.stream?.destroy?.()
      callback(late)
    })
    return connection.query({ sql, ...form }, parameters, (error, result) => {
      if (end()) callback(error, result)
    })
  }
  return {
    config: connection.config,
    threadId: connection.threadId,
    connect: (callback) => connection.connect(callback),
    destroy: () => connection.destroy(),
    release: () => connection.release(),
    query: query as unknown as MysqlPoolConnection['query'],
  }
}
