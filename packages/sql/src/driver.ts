import { KairosError } from '@kairos/core'
import { type Capabilities, describe, type StorageDriver } from '@kairos/core/driver'
import type { Kysely } from 'kysely'
import type { AnyTables } from './clients/connected.ts'
import { connect, parseUrl } from './clients/index.ts'
import type { Dialect } from './dialects/dialect.ts'
import { dialectOf } from './dialects/index.ts'
import type { SqlFetch } from './fetch.ts'
import type { KyselyLike } from './kysely-like.ts'
import { openTable } from './opening.ts'
import { invalid, parseOptions, type Settings, type SqlDriverOptions } from './options.ts'
import { createDatabase, type Database } from './session.ts'
import { createStore } from './store.ts'

/** A driver over a Kysely instance of this type; what it adds to a timeseries' options. */
export type SqlDriver<Instance = Kysely<AnyTables>> = StorageDriver<{
  write: {
    /** A transaction of the driver's own Kysely instance: the write joins it, and is stored when the caller commits. */
    readonly transaction?: KyselyLike
  }
  fetch: SqlFetch<Instance>
}>

/** What a driver talks to, once it is connected. */
interface Connection {
  readonly kysely: KyselyLike
  readonly dialect: Dialect
  readonly database: Database
  close(): Promise<void>
}

/**
 * Keeps timeseries in a SQL database: one that a URL names, or the caller's own Kysely instance, which stays the caller's to close.
 * @throws KAIROS_INVALID_CONFIG
 * @example sqlDriver('sqlite:hits.db')
 * @example sqlDriver(new Kysely<MyTables>({ dialect }), { tableName: 'hits' })
 */
export function sqlDriver(url: string, options?: SqlDriverOptions): SqlDriver
export function sqlDriver<Instance extends KyselyLike>(
  kysely: Instance,
  options?: SqlDriverOptions,
): SqlDriver<Instance>
export function sqlDriver(store: string | KyselyLike, options: SqlDriverOptions = {}): SqlDriver<never> {
  const settings = parseOptions(options)
  const connection = typeof store === 'string' ? urlConnection(store, settings) : callerConnection(store, settings)
  return {
    spec: 1,
    id: 'sql',
    capabilities: capabilitiesOf(settings),
    async open(schema, { replace = {} } = {}) {
      const { kysely, dialect, database } = await connection.open()
      checkStringLength(dialect, settings)
      const tableName = settings.tableName ?? schema.type
      const place = { ...settings, dialect, tableName }
      const { table, records } = await openTable(database, place, schema, replace)
      const qualified = settings.schema === null ? tableName : `${settings.schema}.${tableName}`
      return {
        store: createStore(
          { kysely, dialect, database, table, tableName: qualified, onExpire: settings.onExpire },
          schema,
        ),
        records,
      }
    },
    close: connection.close,
  }
}

function capabilitiesOf({ stringLength }: Settings): Capabilities {
  return {
    expiry: { series: 'sweep', histogram: 'sweep', count: 'sweep', gauge: 'sweep', set: 'sweep' },
    fractionalCounts: true,
    exactlyOnce: false,
    customFetch: true,
    writeOptions: ['transaction'],
    readOptions: [],
    maxStringLength: stringLength,
  }
}

/** A connection that is made on first use, and closed with the driver. */
function urlConnection(url: string, settings: Settings): { open(): Promise<Connection>; close(): Promise<void> } {
  const parts = parseUrl(url)
  let opening: Promise<Connection> | undefined
  return {
    open() {
      const ready =
        opening ??
        connect({ ...parts, ...settings }).then(
          (connected) => ({
            ...connected,
            database: createDatabase(connected.kysely, connected.dialect, connected.shortcut),
          }),
          (error: unknown) => {
            opening = undefined
            throw error
          },
        )
      opening = ready
      return ready
    },
    async close() {
      const closing = opening
      opening = undefined
      await (await closing?.catch(() => undefined))?.close()
    },
  }
}

function callerConnection(
  kysely: unknown,
  settings: Settings,
): { open(): Promise<Connection>; close(): Promise<void> } {
  if (!isKysely(kysely))
    throw new KairosError('KAIROS_INVALID_CONFIG', `${describe(kysely)} is neither a URL nor a Kysely instance`, {
      path: 'store',
    })
  if (kysely.isTransaction) throw invalid('store', 'a Kysely instance; give a transaction to insert', kysely)
  if (settings.clientConfig !== undefined)
    throw invalid('clientConfig', 'left out where the client is yours', settings.clientConfig)
  const dialect = dialectOf(kysely, settings.dialect)
  const close = async (): Promise<void> => {}
  const connection: Connection = { kysely, dialect, database: createDatabase(kysely, dialect, null), close }
  return { open: async () => connection, close }
}

function isKysely(value: unknown): value is KyselyLike {
  return (
    typeof value === 'object' &&
    value !== null &&
    'executeQuery' in value &&
    'getExecutor' in value &&
    'withoutPlugins' in value
  )
}

function checkStringLength({ id, mostStringLength }: Dialect, { stringLength }: Settings): void {
  if (stringLength > mostStringLength)
    throw invalid(
      'stringLength',
      `at most ${mostStringLength} on ${id}, whose indexes take no longer keys`,
      stringLength,
    )
}
