import { KairosError } from '@kairos/core'
import type { Database, Session } from '../connection/session.ts'
import type { Dialect } from '../dialects/dialect.ts'
import { brokenRule } from '../dialects/identifiers.ts'
import { invalid } from '../invalid.ts'
import { rawQuery } from '../kysely/query.ts'
import { columnsOf } from '../schema/columns.ts'
import { checkManaged, createSchema } from '../schema/create.ts'
import { type Place, qualified } from '../schema/place.ts'

/** Where a place's events are. */
export interface EventsPlace extends Pick<Place, 'schema' | 'manageSchema'> {
  /** The timeseries' table; undefined for the types' names. */
  readonly tableName: string | undefined
}

/** The table for all namespaces in a place: `events`, or `{tableName}_events`. */
function eventsTableName({ tableName }: Pick<EventsPlace, 'tableName'>): string {
  return tableName === undefined ? 'events' : `${tableName}_events`
}

/**
 * Creates the table if it is missing, and resolves to its qualified and quoted name.
 * @throws KAIROS_CONFIG_CHANGED if a table with this name is not a table of events, KAIROS_INVALID_CONFIG if it may not or cannot be created
 */
export async function openEventsTable(database: Database, dialect: Dialect, place: EventsPlace): Promise<string> {
  const name = eventsTableName(place)
  const expected = brokenRule(name, dialect.tableNames)
  if (expected !== undefined)
    throw invalid('tableName', `such that the name of its table of events, ${name}, is ${expected}`, place.tableName)
  const table = qualified({ dialect, schema: place.schema }, name)
  if (await isThere(database, dialect, place, name)) return table
  const create = createTable(dialect, table)
  checkManaged(place.manageSchema, [create])
  await database.exclusively(async (session) => {
    await createSchema(session, { ...place, dialect })
    if (!(await isThere(session, dialect, place, name))) await session.execute(rawQuery(create))
  })
  return table
}

function createTable({ events }: Dialect, table: string): string {
  const columns = Object.entries(events.columns).map(([column, type]) => `${column} ${type} not null`)
  return `create table if not exists ${table} (${columns.join(', ')}, primary key (namespace, stream, event_key))${events.tableOptions}`
}

async function isThere(
  session: Session,
  dialect: Dialect,
  { schema }: Pick<Place, 'schema'>,
  name: string,
): Promise<boolean> {
  const columns = (await columnsOf(session, { dialect, schema }, [name])).get(name)
  if (columns === undefined) return false
  const found = [...columns.keys()].sort()
  const wanted = Object.keys(dialect.events.columns).sort()
  if (found.join() === wanted.join()) return true
  throw new KairosError(
    'KAIROS_CONFIG_CHANGED',
    `the table ${name} must have the columns ${wanted.join(', ')}, not ${found.join(', ')}; ` +
      'choose another tableName, or move that table away',
    { driver: 'sql', recorded: found, configured: wanted },
  )
}
