import type { Capabilities, StorageDriver } from '@kairos/core/driver'
import { expiryOf, TYPES_OF_SPEC_1 } from '@kairos/core/driver'
import type { Kysely } from 'kysely'
import type { AnyTables } from './connection/connected.ts'
import { callerSource, urlSource } from './connection/source.ts'
import type { Dialect } from './dialects/dialect.ts'
import { eventCapabilities } from './events/capabilities.ts'
import type { KyselyLike, TransactionLike } from './kysely/kysely-like.ts'
import { checkFits, parseOptions, type Settings, type SqlDriverOptions } from './options.ts'
import type { SqlFetch } from './store/fetch.ts'
import { mergesOf } from './store/merge-capabilities.ts'
import { ONCE_SECONDS } from './store/once-seconds.ts'

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
      const { openStore } = await import('./opening.ts')
      return openStore(source, settings, schema, options)
    },
    async discover() {
      if (!source.isThere()) return []
      const [{ database }, { discoverPlaces }] = await Promise.all([source.open(), import('./schema/discover.ts')])
      return discoverPlaces(database, { dialect, schema: settings.schema }, settings.tableName)
    },
    async openEvents(schema) {
      const { openEvents } = await import('./events/open-events.ts')
      return openEvents(source, settings, schema)
    },
    close: source.close,
  }
}

function capabilitiesOf({ stringLength }: Settings, dialect: Dialect): Capabilities {
  return {
    types: TYPES_OF_SPEC_1,
    expiry: expiryOf(TYPES_OF_SPEC_1, 'sweep'),
    fractionalCounts: true,
    exactlyOnce: { seconds: ONCE_SECONDS },
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
