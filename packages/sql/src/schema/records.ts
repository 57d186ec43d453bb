import { randomUUID } from 'node:crypto'
import type { Session } from '../connection/session.ts'
import type { Bind } from '../dialects/dialect.ts'
import { RECORDS } from '../dialects/identifiers.ts'
import { build } from '../dialects/sql-text.ts'
import type { Query, Row } from '../kysely/query.ts'
import { type Place, qualified } from './place.ts'

/** Where records are. */
export type RecordsPlace = Pick<Place, 'dialect' | 'schema'>

/** The item of a table's own record; those of intervals have the interval's name. */
export const OWN = ''

/** A record, as it is stored. */
export interface StoredRecord {
  readonly document: string
  /** Beside it, shown and never compared. */
  readonly facts: string
  /** Unique: a record that was deleted and inserted again is another one, even with the same text. */
  readonly made: string
}

/** The records of a table, by item. */
export async function recordsIn(session: Session, place: Place): Promise<Map<string, StoredRecord>> {
  const { rows } = await session.execute(
    onRecords(
      place,
      (table, bind) => `select item, doc, facts, made from ${table} where tbl = ${bind(place.tableName)}`,
    ),
  )
  return new Map(rows.map((row) => [textIn(place, row, 'item'), recordIn(place, row)]))
}

/** The records of all tables, by table and item. */
export async function allRecords(
  session: Session,
  place: RecordsPlace,
): Promise<Map<string, Map<string, StoredRecord>>> {
  const { rows } = await session.execute(
    onRecords(place, (table) => `select tbl, item, doc, facts, made from ${table} order by tbl, item`),
  )
  const all = new Map<string, Map<string, StoredRecord>>()
  for (const row of rows) {
    const table = place.dialect.decodeText(row.tbl)
    const own = all.get(table) ?? new Map<string, StoredRecord>()
    all.set(table, own.set(textIn(place, row, 'item'), recordIn(place, row)))
  }
  return all
}

function recordIn(place: RecordsPlace, row: Row): StoredRecord {
  return {
    document: textIn(place, row, 'doc'),
    facts: textIn(place, row, 'facts'),
    made: place.dialect.decodeText(row.made),
  }
}

function textIn({ dialect }: RecordsPlace, row: Row, column: string): string {
  return dialect.codec.decode(dialect.decodeText(row[column]))
}

/** Inserts a record. */
export async function putRecord(
  session: Session,
  place: Place,
  item: string,
  { document, facts }: Omit<StoredRecord, 'made'>,
): Promise<void> {
  const { encode } = place.dialect.codec
  const values = [place.tableName, encode(item), encode(document), encode(facts), randomUUID()]
  await session.execute(
    onRecords(
      place,
      (table, bind) => `insert into ${table} (tbl, item, doc, facts, made) values (${values.map(bind).join(', ')})`,
    ),
  )
}

/** Gives a record other facts, unless it was replaced. */
export async function putFacts(
  session: Session,
  place: Place,
  item: string,
  { facts, made }: Omit<StoredRecord, 'document'>,
): Promise<void> {
  const { encode } = place.dialect.codec
  await session.execute(
    onRecords(
      place,
      (table, bind) =>
        `update ${table} set facts = ${bind(encode(facts))} where tbl = ${bind(place.tableName)} and item = ${bind(encode(item))} and made = ${bind(made)}`,
    ),
  )
}

/** Deletes a record. */
export async function removeRecord(session: Session, place: Place, item: string): Promise<void> {
  const { codec } = place.dialect
  await session.execute(
    onRecords(
      place,
      (table, bind) =>
        `delete from ${table} where tbl = ${bind(place.tableName)} and item = ${bind(codec.encode(item))}`,
    ),
  )
}

/** Deletes all rows of a table in the table of records, or in that of ids. */
export async function removeRecords(session: Session, place: Place, from: string): Promise<void> {
  await session.execute(
    build(place.dialect, (bind) => `delete from ${qualified(place, from)} where tbl = ${bind(place.tableName)}`),
  )
}

function onRecords(place: RecordsPlace, text: (table: string, bind: Bind) => string): Query {
  return build(place.dialect, (bind) => text(qualified(place, RECORDS), bind))
}

/** One text of each interval's record. */
export function intervalsIn(
  records: ReadonlyMap<string, StoredRecord>,
  text: (record: StoredRecord) => string,
): (readonly [interval: string, text: string])[] {
  return [...records].filter(([item]) => item !== OWN).map(([item, record]) => [item, text(record)] as const)
}
