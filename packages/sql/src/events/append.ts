import type { StoredEvent } from '@kairos/core/driver'
import type { Bind, Dialect, DialectId } from '../dialects/dialect.ts'
import { build } from '../dialects/sql-text.ts'
import { CONFLICT, sqlFailure } from '../kysely/failures.ts'
import { type Row, rawQuery } from '../kysely/query.ts'
import type { NamespacePlace } from './streams.ts'

/** A stream's rows. */
export interface StreamPlace extends NamespacePlace {
  readonly stream: string
}

/** Stores the events that are not there, all or none, and tells the keys of those it stored. */
type Append = (place: StreamPlace, events: readonly StoredEvent[]) => Promise<ReadonlySet<string>>

export async function append(place: StreamPlace, events: readonly StoredEvent[]): Promise<readonly boolean[]> {
  const stored = await appends[place.dialect.id](place, events)
  return events.map(({ key }) => stored.has(key))
}

const COLUMNS = 'namespace, stream, event_key, body'

/**
 * One statement, whatever the number of rows, with one text: `values` of each number of rows would be prepared anew. What it gives back are the
 * rows that it stored.
 */
function returning(source: (place: StreamPlace, bind: Bind, events: readonly StoredEvent[]) => string): Append {
  return async (place, events) => {
    const { database, dialect, table } = place
    const query = build(
      dialect,
      (bind) =>
        `insert into ${table} (${COLUMNS}) ${source(place, bind, events)} on conflict do nothing returning event_key`,
    )
    return keysOf((await database.execute(query)).rows, dialect)
  }
}

const appends: Readonly<Record<DialectId, Append>> = {
  // `where true`, since the parser would take `on` for a join's.
  sqlite: returning(({ namespace, stream }, bind, events) => {
    const rows = JSON.stringify(events.map(({ key, body }) => [key, body]))
    return `select ${bind(namespace)}, ${bind(stream)}, value->>0, value->>1 from json_each(${bind(rows)}) where true`
  }),
  postgres: returning(({ namespace, stream }, bind, events) => {
    const keys = bind(`{${events.map(({ key }) => key).join(',')}}`)
    const bodies = bind(`{${events.map(({ body }) => `"${body.replace(/["\\]/g, '\\$&')}"`).join(',')}}`)
    return `select ${bind(namespace)}::text, ${bind(stream)}::text, u.k, u.b from unnest(${keys}::text[], ${bodies}::text[]) as u(k, b)`
  }),
  mysql: appendCounted,
}

/**
 * MySQL gives no rows back. What is there is looked up, the rest is written, and where fewer were written than that somebody else was faster:
 * then all is undone, and core tries again.
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
