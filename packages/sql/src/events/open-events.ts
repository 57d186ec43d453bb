import type { EventPage, EventQuery, EventSchema, EventStorage, KeyRange } from '@kairos/core/driver'
import { checkSession } from '../connection/check-session.ts'
import type { ConnectionSource } from '../connection/source.ts'
import type { Bind } from '../dialects/dialect.ts'
import { build } from '../dialects/sql-text.ts'
import type { Query } from '../kysely/query.ts'
import { toNumber } from '../values/value-columns.ts'
import { append, type StreamPlace } from './append.ts'
import { type EventsPlace, openEventsTable } from './layout.ts'
import { listStreams } from './streams.ts'

/** Events deleted by one statement: other writers wait some milliseconds. */
const STEP = 5_000

/**
 * Connects, and opens one namespace of event streams.
 * @throws KAIROS_INVALID_CONFIG
 * @throws SqlFailure
 */
export async function openEvents(
  source: ConnectionSource,
  place: EventsPlace,
  { namespace }: EventSchema,
): Promise<EventStorage> {
  const { dialect } = source
  const { database } = await source.open()
  await checkSession(dialect, database, place.tableName ?? '')
  const table = await openEventsTable(database, dialect, place)
  const placeOf = (stream: string): StreamPlace => ({ database, dialect, table, namespace, stream })
  return {
    append: (stream, events) => append(placeOf(stream), events),
    read: (stream, query) => readPage(placeOf(stream), query),
    keyAt: (stream, range, index) => keyAt(placeOf(stream), range, index),
    count: (stream, range) => countEvents(placeOf(stream), range),
    delete: (stream, range) => deleteEvents(placeOf(stream), range),
    streams: () => listStreams({ database, dialect, table, namespace }),
  }
}

/**
 * The database itself ends the page once its bodies are long enough, so that a page of large events is never sent completely. Lengths are summed
 * only over the page's rows, which the inner select takes from the index.
 */
async function readPage(place: StreamPlace, query: EventQuery): Promise<EventPage> {
  const { database, dialect, table } = place
  const { order, limit, maxLength } = query
  const along = order === 'ascending' ? 'event_key' : 'event_key desc'
  const { rows } = await database.execute(
    build(
      dialect,
      (bind) =>
        'select event_key, body from (select event_key, body, ' +
        `sum(octet_length(body)) over (order by ${along} rows unbounded preceding) - octet_length(body) as length_before ` +
        `from (select event_key, body from ${table} where ${whereRange(place, bind, query)} order by ${along} limit ${limit}) page) bounded ` +
        `where length_before < ${maxLength} order by ${along}`,
    ),
  )
  let length = 0
  const events = rows.map((row) => {
    const body = dialect.decodeText(row.body)
    length += body.length
    return { key: dialect.decodeText(row.event_key), body }
  })
  return { events, done: events.length < limit && length < maxLength }
}

async function countEvents(place: StreamPlace, range: KeyRange): Promise<number> {
  const query = onRange(place, range, (table, where) => `select count(*) as events from ${table} where ${where}`)
  return toNumber((await place.database.execute(query)).rows[0]!.events)
}

/** Reads only the index. */
async function keyAt(place: StreamPlace, range: KeyRange, index: number): Promise<string | null> {
  const row = (await place.database.execute(keyQuery(place, range, index))).rows[0]
  return row === undefined ? null : place.dialect.decodeText(row.event_key)
}

function keyQuery(place: StreamPlace, range: KeyRange, index: number): Query {
  return onRange(
    place,
    range,
    (table, where) => `select event_key from ${table} where ${where} order by event_key limit 1 offset ${index}`,
  )
}

async function deleteEvents(place: StreamPlace, range: KeyRange): Promise<number> {
  for (let deleted = 0; ; ) {
    const step = await place.database.transaction(async (session) => {
      const boundary = (await session.execute(keyQuery(place, range, STEP - 1))).rows[0]
      const last = boundary === undefined ? range.last : place.dialect.decodeText(boundary.event_key)
      const remove = onRange(place, { ...range, last }, (table, where) => `delete from ${table} where ${where}`)
      const { numAffectedRows } = await session.execute(remove)
      return { count: Number(numAffectedRows), isLast: boundary === undefined }
    })
    deleted += step.count
    if (step.isLast) return deleted
  }
}

function whereRange({ namespace, stream }: StreamPlace, bind: Bind, { first, last }: KeyRange): string {
  return `namespace = ${bind(namespace)} and stream = ${bind(stream)} and event_key between ${bind(first)} and ${bind(last)}`
}

function onRange(place: StreamPlace, range: KeyRange, text: (table: string, where: string) => string): Query {
  return build(place.dialect, (bind) => text(place.table, whereRange(place, bind, range)))
}
