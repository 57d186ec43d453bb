import {
  checkSchema,
  type OpenedStore,
  type OpenOptions,
  type StoreSchema,
  type TimeseriesType,
  TYPES_OF_SPEC_1,
} from '@kairos/core/driver'
import { checkSession } from './connection/check-session.ts'
import type { Session } from './connection/session.ts'
import type { ConnectionSource } from './connection/source.ts'
import { RECEIPTS } from './dialects/identifiers.ts'
import type { Settings } from './options.ts'
import { codecOf } from './schema/codec-of.ts'
import { currentTable, openTable } from './schema/open-table.ts'
import type { OpenedTable } from './schema/opened-table.ts'
import { qualified as qualifiedName } from './schema/place.ts'
import { tableNameOf } from './schema/table-name.ts'
import { createReceipts } from './store/receipts.ts'
import { createStore } from './store/store.ts'

/**
 * Connects, creates what is missing, and opens a store on the table.
 * @throws KAIROS_CONFIG_CHANGED, KAIROS_INVALID_CONFIG
 * @throws SqlFailure
 */
export async function openStore(
  source: ConnectionSource,
  settings: Settings,
  schema: StoreSchema<TimeseriesType>,
  options: OpenOptions,
): Promise<OpenedStore> {
  checkSchema<TimeseriesType>(schema, 'sql', { types: TYPES_OF_SPEC_1 })
  const { dialect } = source
  const { kysely, database } = await source.open()
  const tableName = tableNameOf(settings.tableName, { type: schema.type, name: schema.name })
  await checkSession(dialect, database, tableName)
  const place = {
    ...settings,
    dialect,
    tableName,
    name: schema.name,
    codec: await codecOf(database, dialect, schema.type),
  }
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
}
