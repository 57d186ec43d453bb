import type { Session } from '../connection/session.ts'
import type { Bind } from '../dialects/dialect.ts'
import { RECORDS } from '../dialects/identifiers.ts'
import { build } from '../dialects/sql-text.ts'
import type { Query, Row } from '../kysely/query.ts'
import { type Place, qualified } from './place.ts'

/** The item of a table's own record; those of intervals have the interval's name. */
export const OWN = ''

/** The records of a table, by item. */
export async function documentsIn(session: Session, place: Place): Promise<Map<string, string>> {
  const { dialect } = place
  const { rows } = await session.execute(
    onRecords(place, (table, bind) => `select item, doc from ${table} where tbl = ${bind(place.tableName)}`),
  )
  const text = (row: Row, column: string): string => dialect.codec.decode(dialect.decodeText(row[column]))
  return new Map(rows.map((row) => [text(row, 'item'), text(row, 'doc')]))
}

/** Inserts a record. */
export async function putRecord(session: Session, place: Place, item: string, document: string): Promise<void> {
  const { codec } = place.dialect
  await session.execute(
    onRecords(
      place,
      (table, bind) =>
        `insert into ${table} (tbl, item, doc) values (${[place.tableName, codec.encode(item), codec.encode(document)].map(bind).join(', ')})`,
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

function onRecords(place: Place, text: (table: string, bind: Bind) => string): Query {
  return build(place.dialect, (bind) => text(qualified(place, RECORDS), bind))
}
