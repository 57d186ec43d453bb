import type { StoredEvent } from '@kairos/core/driver'
import type { Bind, Dialect } from '../dialects/dialect.ts'
import { build } from '../dialects/sql-text.ts'
import { sqlFailure } from '../kysely/failures.ts'
import { type Row, rawQuery } from '../kysely/query.ts'
import { CONFLICT } from '../kysely/verdict.ts'
import type { NamespacePlace } from './streams.ts'

/** Where a stream's rows are. */
export interface StreamPlace extends NamespacePlace {
  readonly stream: string
}

/**
 * Stores the events that are not there yet, all or none.
 * @returns for each event whether it was stored
 */
export async function append(place: StreamPlace, events: readonly StoredEvent[]): Promise<readonly boolean[]> {
  const { source } = place.dialect.events
  const stored = await (source === null ? appendCounted(place, events) : appendReturning(place, events, source))
  return events.map(({ key }) => stored.has(key))
}

const COLUMNS = 'namespace, stream, event_key, body'

/** One statement with the same text for any number of rows: otherwise, each number would have to be prepared by itself. */
async function appendReturning(
  place: StreamPlace,
  events: readonly StoredEvent[],
  source: NonNullable<Dialect['events']['source']>,
): Promise<ReadonlySet<string>> {
  const { database, dialect, table } = place
  const query = build(
    dialect,
    (bind) =>
      `insert into ${table} (${COLUMNS}) ${source(place, bind, events)} on conflict do nothing returning event_key`,
  )
  return keysOf((await database.execute(query)).rows, dialect)
}

/**
 * MySQL returns no rows: existing ones are looked up and the others inserted. If fewer are inserted than expected, another writer was faster;
 * the transaction is rolled back, and core tries again.
 */
function appendCounted(
  { database, dialect, table, namespace, stream }: StreamPlace,
  events: readonly StoredEvent[],
): Promise<ReadonlySet<string>> {
  return database.transaction(async (session) => {
    const lookup = build(dialect, (bind) => {
      const keys = events.map(({ key }) => bind(key))
      return `select event_key from ${table} where namespace = ${bind(namespace)} and stream = ${bind(stream)} and event_key in (${keys.join(', ')})`
    })
    const known = keysOf((await session.execute(lookup)).rows, dialect)
    const missing = events.filter(({ key }) => !known.has(key))
    if (missing.length > 0) {
      const parameters: unknown[] = []
      const bind: Bind = (value) => dialect.bind(value, parameters)
      const place = `${bind(namespace)}, ${bind(stream)}`
      const rows = missing.map(({ key, body }) => `(${place}, ${bind(key)}, ${bind(body)})`)
      const insert = rawQuery(`insert ignore into ${table} (${COLUMNS}) values ${rows.join(', ')}`, parameters)
      const { numAffectedRows } = await session.execute(insert)
      if (Number(numAffectedRows) !== missing.length) {
        throw sqlFailure(new Error('another writer stored some of these events at the same time'), CONFLICT)
      }
    }
    return new Set(missing.map(({ key }) => key))
  })
}

function keysOf(rows: readonly Row[], { decodeText }: Dialect): ReadonlySet<string> {
  return new Set(rows.map((row) => decodeText(row.event_key)))
}
