import { KairosError } from '@kairos/core'
import type { Capabilities, StorageDriver, TimeseriesType } from '@kairos/core/driver'
import { checkType, expiryOf, TYPES_OF_SPEC_1 } from '@kairos/core/driver'
import type { Kysely } from 'kysely'
import type { AnyTables } from './connection/connected.ts'
import type { Database, Session } from './connection/session.ts'
import { callerSource, urlSource } from './connection/source.ts'
import type { Dialect } from './dialects/dialect.ts'
import { RECEIPTS } from './dialects/identifiers.ts'
import { eventCapabilities } from './events/capabilities.ts'
import type { KyselyLike, TransactionLike } from './kysely/kysely-like.ts'
import { currentTable, openTable } from './opening.ts'
import { checkFits, parseOptions, type Settings, type SqlDriverOptions } from './options.ts'
import type { OpenedTable } from './schema/opened-table.ts'
import { qualified as qualifiedName } from './schema/place.ts'
import { tableNameOf } from './schema/table-name.ts'
import type { SqlFetch } from './store/fetch.ts'
import { mergesOf } from './store/merge-capabilities.ts'
import { createReceipts, KEPT_SECONDS } from './store/receipts.ts'
import { createStore } from './store/store.ts'

/** The driver, with the call options that it adds. `Instance` is the Kysely type that `fetch` is given. */
export type SqlDriver<Instance = Kysely<AnyTables>> = StorageDriver<{
  write: {
    /** A transaction of the driver's own Kysely instance. The write joins it, and is stored when the caller commits. */
    readonly transaction?: TransactionLike
  }
  read: {
    /** A transaction of the driver's own Kysely instance. The read sees what was written in it. */
    readonly transaction?: TransactionLike
  }
  fetch: SqlFetch<Instance>
}>

/**
 * Keeps timeseries in a SQL database, given by its URL or by your own Kysely instance, which the driver does not close. Connects on first use.
 * @throws KAIROS_INVALID_CONFIG for an invalid URL or option
 * @throws KAIROS_DRIVER_MISSING on first use, if the database's client is not installed
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
  const source = typeof store === 'string' ? urlSource(store, settings) : callerSource(store, settings)
  const { dialect } = source
  checkFits(settings, dialect)
  return {
    spec: 1,
    id: 'sql',
    capabilities: capabilitiesOf(settings, dialect),
    async open(schema, options = {}) {
      checkType<TimeseriesType>(schema, 'sql', TYPES_OF_SPEC_1)
      const { kysely, database } = await source.open()
      const tableName = tableNameOf(settings.tableName, { type: schema.type, name: schema.name })
      await checkSession(dialect, database, tableName)
      const place = { ...settings, dialect, tableName, name: schema.name }
      const opened = await openTable(database, place, schema, options)
      const { table, records } = opened
      const qualified = settings.schema === null ? tableName : `${settings.schema}.${tableName}`
      const receipts = createReceipts({ dialect, receipts: qualifiedName(place, RECEIPTS), tableName })
      const context = { kysely, dialect, database, table, receipts, tableName: qualified, onExpire: settings.onExpire }
      const lookAgain = (session: Session) => currentTable(session, place, schema, opened)
      const remove = async (session: Session, current: OpenedTable | null, interval: string | null): Promise<void> => {
        const { dropInterval, dropTable } = await import('./schema/drop.ts')
        await (interval === null ? dropTable(session, place, current) : dropInterval(session, place, current, interval))
      }
      return { store: createStore({ ...context, lookAgain, remove }, schema), records }
    },
    async discover() {
      if (!source.isThere()) return []
      const [{ database }, { discoverPlaces }] = await Promise.all([source.open(), import('./schema/discover.ts')])
      return discoverPlaces(database, { dialect, schema: settings.schema }, settings.tableName)
    },
    async openEvents(schema) {
      const { database } = await source.open()
      await checkSession(dialect, database, settings.tableName ?? '')
      const { openEvents } = await import('./events/open-events.ts')
      return openEvents(database, dialect, settings, schema)
    },
    close: source.close,
  }
}

function capabilitiesOf({ stringLength }: Settings, dialect: Dialect): Capabilities {
  return {
    types: TYPES_OF_SPEC_1,
    expiry: expiryOf(TYPES_OF_SPEC_1, 'sweep'),
    fractionalCounts: true,
    exactlyOnce: { seconds: KEPT_SECONDS },
    returning: true,
    replace: { atomic: true, expected: true },
    merges: mergesOf(dialect),
    customFetch: true,
    writeOptions: ['transaction'],
    readOptions: ['transaction'],
    maxStringLength: stringLength,
    ...(dialect.mostIntervalBytes !== undefined && { maxIntervalBytes: dialect.mostIntervalBytes }),
    events: eventCapabilities(dialect),
  }
}

/** Refuses a session whose settings would lead to wrong answers, before anything is read or written. */
async function checkSession({ probe }: Dialect, database: Database, tableName: string): Promise<void> {
  if (probe === undefined) return
  const { rows } = await database.execute(probe.query)
  const problem = probe.problemIn(rows[0] ?? {}, tableName)
  if (problem === null) return
  const { path, message } = problem
  throw new KairosError('KAIROS_INVALID_CONFIG', message, { path, driver: 'sql' })
}
