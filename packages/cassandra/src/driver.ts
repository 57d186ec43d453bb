import { KairosError } from '@kairos/core'
import { type Capabilities, describe, once, type StorageDriver } from '@kairos/core/driver'
import type { CassandraClientLike } from './connection/client.ts'
import { mendControlConnection } from './connection/control-connection.ts'
import { within } from './connection/deadline.ts'
import { storeFailure } from './connection/failures.ts'
import { clientFromUrl, dataCenterOf } from './connection/from-url.ts'
import { ServerClock } from './connection/server-clock.ts'
import { Session } from './connection/session.ts'
import { parseUrl } from './connection/url.ts'
import { eventCapabilities, openEvents } from './events/open-events.ts'
import { Folding } from './folding/folding.ts'
import { WriterLease } from './folding/writer-lease.ts'
import { type OpeningContext, openAt } from './opening.ts'
import { type CassandraDriverOptions, type CassandraSettings, settingsOf } from './options.ts'
import { Registry, registryTables } from './registry/registry.ts'
import { ensureKeyspace, ensureTables } from './schema/ddl.ts'
import { Records } from './schema/records.ts'
import type { SharedContext } from './store/context.ts'
import type { CassandraFetch } from './store/fetch.ts'
import type { Timings } from './timings.ts'

/** What `cassandraDriver` makes: its `fetch` is given the client. */
export type CassandraDriver<Client extends CassandraClientLike = CassandraClientLike> = StorageDriver<{
  fetch: CassandraFetch<Client>
}>

const capabilities: Capabilities = {
  expiry: { series: 'native', histogram: 'native', count: 'native', gauge: 'native', set: 'native' },
  fractionalCounts: true,
  exactlyOnce: { seconds: 0 },
  customFetch: true,
  events: eventCapabilities,
  writeOptions: [],
  readOptions: [],
  // Parts of a key end at 65,535 bytes together; what stands beside them in it is short.
  maxNameBytes: 60_000,
  maxKeyBytes: 60_000,
  // Beside the longest name, its mark doubled and a number behind it.
  maxIntervalBytes: 2_000,
  maxChange: 2 ** 969,
}

interface Connection {
  readonly session: Session
  readonly clock: ServerClock
  readonly dataCenter: string
}

export function createDriver<Client extends CassandraClientLike>(
  target: string | Client,
  options: CassandraDriverOptions,
  timings: Timings,
): CassandraDriver<Client> {
  const url = typeof target === 'string' ? parseUrl(target) : undefined
  const settings = settingsOf(options, url?.options)
  if (url === undefined) checkClient(target)
  const contexts = new Map<string, OpeningContext>()
  let client: CassandraClientLike | undefined
  const connected = once(async (): Promise<Connection> => {
    client = url === undefined ? (target as Client) : await clientFromUrl(url, settings, options.clientConfig)
    try {
      return await prepareConnection(client, settings, timings)
    } catch (error) {
      // Not awaited: one that does not connect takes its time to end as well.
      if (url !== undefined) client.shutdown().catch(() => {})
      client = undefined
      throw error
    }
  })

  return {
    spec: 1,
    id: 'cassandra',
    capabilities,
    async open(schema, openOptions = {}) {
      const { session, clock, dataCenter } = await connected()
      const tableName = settings.tableName ?? schema.type
      const open =
        contexts.get(tableName) ?? createOpeningContext(session, clock, dataCenter, settings, tableName, timings)
      contexts.set(tableName, open)
      return openAt(open, schema, openOptions)
    },
    async openEvents(schema) {
      const { session, clock } = await connected()
      return openEvents(session, clock, timings, settings, schema)
    },
    async close() {
      const open = [...contexts.values()]
      contexts.clear()
      for (const { shared } of open) {
        await shared.folding.idle()
        // A delta of which nobody knows may still arrive: its writer's number is left to lapse.
        if (!shared.folding.inDoubt) await shared.lease.release()
      }
      const ending = connected.made
      connected.forget()
      if (ending === undefined) return
      await ending.catch(() => {})
      if (url !== undefined && client !== undefined) await within(settings.timeout, client.shutdown()).catch(() => {})
      client = undefined
    },
  }
}

/** @throws KAIROS_INVALID_CONFIG */
function checkClient(client: unknown): void {
  const methods = ['connect', 'execute', 'batch', 'shutdown']
  if (typeof client === 'object' && client !== null && methods.every((method) => method in client)) return
  throw new KairosError(
    'KAIROS_INVALID_CONFIG',
    `the store must be a cassandra: URL or a Client of cassandra-driver, not ${describe(client)}`,
    { path: 'store', driver: 'cassandra' },
  )
}

async function prepareConnection(
  client: CassandraClientLike,
  settings: CassandraSettings,
  timings: Timings,
): Promise<Connection> {
  const session = new Session(client, { ...timings, ...settings })
  const { timed } = session
  mendControlConnection(client)
  await timed.connect().catch((error: unknown) => {
    throw storeFailure(error)
  })
  await ensureKeyspace(timed, settings)
  await ensureTables(timed, registryTables(settings.keyspace))
  return { session, clock: new ServerClock(session), dataCenter: await dataCenterOf(timed) }
}

function createOpeningContext(
  session: Session,
  clock: ServerClock,
  dataCenter: string,
  settings: CassandraSettings,
  tableName: string,
  timings: Timings,
): OpeningContext {
  const { keyspace } = settings
  const records = new Records(session, keyspace, tableName)
  const shared: SharedContext = {
    session,
    clock,
    registry: new Registry(session, keyspace, tableName),
    lease: new WriterLease(records, clock, timings, dataCenter),
    folding: new Folding(session, clock, timings),
    timings,
    dataCenter,
  }
  return { shared, records, settings, tableName }
}
