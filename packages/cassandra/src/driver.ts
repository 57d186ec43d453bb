import { KairosError } from '@kairos/core'
import {
  type Capabilities,
  checkType,
  describe,
  expiryOf,
  invalidOption,
  once,
  type StorageDriver,
  type TimeseriesType,
  TYPES_OF_SPEC_1,
} from '@kairos/core/driver'
import type { CassandraClientLike } from './connection/client.ts'
import { repairControlConnection } from './connection/control-connection.ts'
import { within } from './connection/deadline.ts'
import { storeFailure } from './connection/failures.ts'
import { clientFromUrl, dataCenterOf } from './connection/from-url.ts'
import { ServerClock } from './connection/server-clock.ts'
import { Session } from './connection/session.ts'
import { parseUrl } from './connection/url.ts'
import { eventCapabilities, openEvents } from './events/open-events.ts'
import { Folding } from './folding/folding.ts'
import { WriterLease } from './folding/writer-lease.ts'
import { openAt } from './opening.ts'
import type { OpeningContext } from './opening-context.ts'
import { type CassandraDriverOptions, type CassandraSettings, settingsOf } from './options.ts'
import { registryTables } from './registry/registry.ts'
import { ensureKeyspace, ensureTables, tableExists } from './schema/ddl.ts'
import { Directory } from './schema/directory.ts'
import { discoverPlaces } from './schema/discover.ts'
import { type Place, placeOf } from './schema/place.ts'
import { RECORDS, Records } from './schema/records.ts'
import type { SharedContext } from './store/context.ts'
import type { CassandraFetch } from './store/fetch.ts'
import type { Timings } from './timings.ts'

/**
 * The driver that `cassandraDriver` creates. A custom `fetch` on its timeseries is called with the client.
 * @example
 * const driver: CassandraDriver = cassandraDriver('cassandra://localhost:9042/metrics')
 */
export type CassandraDriver<Client extends CassandraClientLike = CassandraClientLike> = StorageDriver<{
  fetch: CassandraFetch<Client>
}>

const capabilities: Capabilities = {
  types: TYPES_OF_SPEC_1,
  expiry: expiryOf(TYPES_OF_SPEC_1, 'native'),
  fractionalCounts: true,
  exactlyOnce: { seconds: 0 },
  replace: { atomic: false, expected: false },
  customFetch: true,
  events: eventCapabilities,
  writeOptions: [],
  readOptions: [],
  // The parts of a key may have 65,535 bytes together; the other parts are short.
  maxNameBytes: 60_000,
  maxKeyBytes: 60_000,
  // Fits next to the longest name, even with each of its marks doubled and a number behind it.
  maxIntervalBytes: 2_000,
  maxChange: 2 ** 969,
}

/** What all timeseries and event streams of a driver share. */
interface Connection {
  readonly session: Session
  readonly clock: ServerClock
  readonly dataCenter: string
}

/**
 * Creates a driver with these timings; nothing is connected yet.
 * @throws KAIROS_INVALID_CONFIG
 */
export function createDriver<Client extends CassandraClientLike>(
  target: string | Client,
  options: CassandraDriverOptions,
  timings: Timings,
): CassandraDriver<Client> {
  const url = typeof target === 'string' ? parseUrl(target) : undefined
  const settings = settingsOf(options, url?.options)
  if (url === undefined) checkClient(target)
  checkProtocol(url === undefined ? (target as ConfiguredClient).options : options.clientConfig)
  /** By the place's key. */
  const contexts = new Map<string, OpeningContext>()
  /** By the places' `writers`. */
  const writers = new Map<string, SharedContext>()
  let client: CassandraClientLike | undefined
  const connected = once(async (): Promise<Connection> => {
    client = url === undefined ? (target as Client) : await clientFromUrl(url, settings, options.clientConfig)
    try {
      return await connect(client, settings, timings)
    } catch (error) {
      abandon()
      throw error
    }
  })

  const prepared = once(async (): Promise<Connection> => {
    const connection = await connected()
    try {
      await ensureKeyspace(connection.session.timed, settings)
      await ensureTables(connection.session.timed, registryTables(settings.keyspace))
      return connection
    } catch (error) {
      connected.forget()
      abandon()
      throw error
    }
  })

  /** So that a process can end whose driver did not open, and was not closed. */
  function abandon(): void {
    // Not awaited: a client that cannot connect is slow to shut down as well.
    if (url !== undefined) client?.shutdown().catch(() => {})
    client = undefined
  }

  function directoryOf({ session, clock }: Connection): Directory {
    return new Directory(session, clock, settings.keyspace, settings.tableName)
  }

  return {
    spec: 1,
    id: 'cassandra',
    capabilities,
    async open(schema, openOptions = {}) {
      checkType<TimeseriesType>(schema, 'cassandra', TYPES_OF_SPEC_1)
      const connection = await prepared()
      const place = placeOf(settings, schema)
      const shared = writers.get(place.writers) ?? createSharedContext(connection, settings, place, timings)
      writers.set(place.writers, shared)
      const open = contexts.get(place.key) ?? {
        ...{ shared, settings, place, directory: directoryOf(connection) },
        records: new Records(connection.session, settings.keyspace, place.key),
      }
      contexts.set(place.key, open)
      return openAt(open, schema, openOptions)
    },
    async discover() {
      const connection = await connected()
      const { timed } = connection.session
      const { keyspace } = settings
      if (!(await tableExists(timed, { keyspace, table: RECORDS }))) return []
      return discoverPlaces(connection.session, keyspace, directoryOf(connection))
    },
    async openEvents(schema) {
      const { session, clock } = await prepared()
      return openEvents(session, clock, timings, settings, schema)
    },
    async close() {
      const open = [...writers.values()]
      contexts.clear()
      writers.clear()
      for (const { folding, lease } of open) {
        await folding.idle()
        // While a delta is in doubt it may still arrive, so the writer's number is left to lapse.
        if (!folding.inDoubt) await lease.release()
      }
      const ending = connected.made
      connected.forget()
      prepared.forget()
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
    `store must be a cassandra: URL or a Client of cassandra-driver, not ${describe(client)}`,
    { path: 'store', driver: 'cassandra' },
  )
}

/** The part of a client, or of its configuration, that says how it talks to the servers. */
interface ProtocolConfig {
  readonly protocolOptions?: { readonly maxVersion?: number }
}
interface ConfiguredClient {
  readonly options?: ProtocolConfig
}

/** The first version of the protocol that knows dates and times: with an earlier one the client returns them as texts of their bytes. */
const FIRST_PROTOCOL = 4

/** @throws KAIROS_INVALID_CONFIG */
function checkProtocol(config: ProtocolConfig | undefined): void {
  const value = config?.protocolOptions?.maxVersion
  // 0 is the client's own default: as new as it can.
  if (!value || value >= FIRST_PROTOCOL) return
  const path = 'protocolOptions.maxVersion'
  throw invalidOption({ driver: 'cassandra', path, expected: `at least ${FIRST_PROTOCOL}`, value })
}

async function connect(
  client: CassandraClientLike,
  settings: CassandraSettings,
  timings: Timings,
): Promise<Connection> {
  const session = new Session(client, { ...timings, ...settings })
  const { timed } = session
  repairControlConnection(client)
  await timed.connect().catch((error: unknown) => {
    throw storeFailure(error)
  })
  return { session, clock: new ServerClock(session), dataCenter: await dataCenterOf(timed) }
}

function createSharedContext(
  { session, clock, dataCenter }: Connection,
  { keyspace }: CassandraSettings,
  { writers }: Place,
  timings: Timings,
): SharedContext {
  return {
    ...{ session, clock, timings, dataCenter },
    lease: new WriterLease(new Records(session, keyspace, writers), clock, timings, dataCenter),
    folding: new Folding(session, clock, timings),
  }
}
