import { importPeer } from '@kairos/core/driver'
import { Kysely, PostgresDialect, type PostgresPool } from 'kysely'
import { type AnyTables, type Connected, type ConnectRequest, exported } from './connected.ts'
import { endWithin, startDeadline, waitingTime } from './deadline.ts'
import { share } from './shared-clients.ts'

/** What this driver uses of a pg pool, beyond what Kysely uses. */
interface Pool extends Omit<PostgresPool, 'connect'> {
  connect(): Promise<Client>
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'connect', listener: (client: Client) => void): unknown
}
interface Client {
  readonly processID?: number
  on(event: 'error', listener: () => void): unknown
  query(text: string): Promise<unknown>
  query(text: string, values: readonly unknown[] | undefined, callback: (error: unknown, result: unknown) => void): void
  release(destroy?: boolean): void
}

/** Connects to `postgres:` and `postgresql:` URLs, through pg. */
export function connectPostgres(request: ConnectRequest): Promise<Connected> {
  if (request.clientConfig !== undefined) return openPool(request)
  return share(`${request.timeout} ${request.url}`, () => openPool(request))
}

async function openPool({ url, scheme, clientConfig, timeout }: ConnectRequest): Promise<Connected> {
  const module = await importPeer({ package: 'pg', scheme, from: import.meta.url })
  const PoolOfPg = exported<new (config: object) => Pool>(module, 'Pool')
  const pool = new PoolOfPg({ connectionString: url, connectionTimeoutMillis: waitingTime(timeout), ...clientConfig })
  // A connection that ends, idle or in use, also emits an event, which would end the process without a listener. The query rejects by itself.
  const ignore = (): void => {}
  pool.on('error', ignore)
  pool.on('connect', (client) => {
    client.on('error', ignore)
    // Numbers keep all their digits, whatever the role's or the database's own setting is. A client's queries run in order, so this is its first.
    // Not in Kysely's onCreateConnection: if that fails, the connection never goes back to the pool.
    client.query('set extra_float_digits = 1').catch(ignore)
  })
  const kysely = new Kysely<AnyTables>({ dialect: new PostgresDialect({ pool: boundedPool(pool, timeout) }) })
  return { kysely, shortcut: null, boundByClient: true, close: () => endWithin(timeout, () => pool.end()) }
}

/** The pool, with clients that are not used again when an answer is late: it could be taken for that of the next query. */
function boundedPool(pool: Pool, timeout: number): PostgresPool {
  const known = new WeakMap<Client, BoundedClient>()
  return {
    options: pool.options,
    Client: pool.Client,
    end: () => pool.end(),
    async connect() {
      const client = await pool.connect()
      const bounded = known.get(client) ?? new BoundedClient(client, timeout)
      known.set(client, bounded)
      return bounded as unknown as Awaited<ReturnType<PostgresPool['connect']>>
    },
  } as PostgresPool
}

class BoundedClient {
  readonly #client: Client
  readonly #timeout: number
  #late = false

  constructor(client: Client, timeout: number) {
    this.#client = client
    this.#timeout = timeout
  }

  get processID(): number | undefined {
    return this.#client.processID
  }

  query(text: string, values?: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const end = startDeadline(this.#timeout, (error) => {
        this.#late = true
        reject(error)
      })
      this.#client.query(text, values, (error, result) => {
        end()
        if (error) reject(error)
        else resolve(result)
      })
    })
  }

  release(destroy = false): void {
    this.#client.release(destroy || this.#late)
  }
}
