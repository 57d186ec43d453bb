import {
  checkSchema,
  type EventSchema,
  type EventStorage,
  type FoundPlace,
  type OpenedStore,
  type OpenOptions,
  once,
  type StoreSchema,
  type TimeseriesType,
  TYPES_OF_SPEC_1,
} from '@kairos/core/driver'
import type { CassandraClientLike } from './connection/client.ts'
import { repairControlConnection } from './connection/control-connection.ts'
import { answerWithin } from './connection/deadline.ts'
import { storeFailure } from './connection/failures.ts'
import { clientFromUrl, dataCenterOf } from './connection/from-url.ts'
import { ServerClock } from './connection/server-clock.ts'
import { Session } from './connection/session.ts'
import type { ParsedUrl } from './connection/url.ts'
import { Folding } from './folding/folding.ts'
import { WriterLease } from './folding/writer-lease.ts'
import { openAt } from './opening.ts'
import type { OpeningContext } from './opening-context.ts'
import type { CassandraSettings } from './options.ts'
import { registryTables } from './registry/registry.ts'
import { ensureKeyspace, ensureTables, tableExists } from './schema/ddl.ts'
import { Directory } from './schema/directory.ts'
import { type Place, placeOf } from './schema/place.ts'
import { RECORDS, Records } from './schema/records.ts'
import type { SharedContext } from './store/context.ts'
import type { Timings } from './timings.ts'

/** What all timeseries and event streams of a driver share. */
interface Connection {
  readonly session: Session
  readonly clock: ServerClock
  readonly dataCenter: string
}

/** The application's client, or what to make one of, which the driver shuts down. */
type ClientSource =
  | { readonly client: CassandraClientLike }
  | { readonly url: ParsedUrl; readonly clientConfig: object | undefined }

/** What a driver does once it is used. */
interface Opener {
  open(schema: StoreSchema<TimeseriesType>, options: OpenOptions): Promise<OpenedStore>
  discover(): Promise<FoundPlace[]>
  openEvents(schema: EventSchema): Promise<EventStorage>
  close(): Promise<void>
}

/** Connects on first use, once for all that a driver opens. */
export function createOpener(source: ClientSource, settings: CassandraSettings, timings: Timings): Opener {
  /** By the place's key. */
  const contexts = new Map<string, OpeningContext>()
  /** By the places' `writers`. */
  const writers = new Map<string, SharedContext>()
  const isOurs = 'url' in source
  let client: CassandraClientLike | undefined
  const connected = once(async (): Promise<Connection> => {
    client = isOurs ? await clientFromUrl(source.url, settings, source.clientConfig) : source.client
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
    if (isOurs) client?.shutdown().catch(() => {})
    client = undefined
  }

  function directoryOf({ session, clock }: Connection): Directory {
    return new Directory(session, clock, settings.keyspace, settings.tableName)
  }

  return {
    async open(schema, options) {
      checkSchema<TimeseriesType>(schema, 'cassandra', { types: TYPES_OF_SPEC_1 })
      const connection = await prepared()
      const place = placeOf(settings, schema)
      const shared = writers.get(place.writers) ?? createSharedContext(connection, settings, place, timings)
      writers.set(place.writers, shared)
      const at = contexts.get(place.key) ?? {
        ...{ shared, settings, place, directory: directoryOf(connection) },
        records: new Records(connection.session, settings.keyspace, place.key),
      }
      contexts.set(place.key, at)
      return openAt(at, schema, options)
    },
    async discover() {
      const [{ discoverPlaces }, connection] = await Promise.all([import('./schema/discover.ts'), connected()])
      const { keyspace } = settings
      if (!(await tableExists(connection.session.timed, { keyspace, table: RECORDS }))) return []
      return discoverPlaces(connection.session, keyspace, directoryOf(connection))
    },
    async openEvents(schema) {
      const [{ openEvents }, { session, clock }] = await Promise.all([import('./events/open-events.ts'), prepared()])
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
      if (isOurs && client !== undefined) await answerWithin(settings.timeout, client.shutdown()).catch(() => {})
      client = undefined
    },
  }
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
