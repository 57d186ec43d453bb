import { KairosError } from '@kairos/core'
import type { Records, StoreSchema } from '@kairos/core/driver'
import type { Database, Session } from './connection/session.ts'
import type { Bind, Dialect, Table } from './dialects/dialect.ts'
import { RECORDS } from './dialects/identifiers.ts'
import { build } from './dialects/sql-text.ts'
import { type Query, type Row, rawQuery } from './kysely/query.ts'
import { invalid } from './options.ts'
import { fromDocument, type Recorded, toDocument } from './schema/record-document.ts'
import { layoutOf, SEQUENCE } from './schema/table.ts'

/** The item of a table's own record; intervals have theirs under their names. */
const OWN = ''

/** Where a timeseries lives. */
export interface Place {
  readonly dialect: Dialect
  /** Of PostgreSQL; null: the connection's own. */
  readonly schema: string | null
  readonly tableName: string
  readonly stringLength: number
  readonly manageSchema: boolean
}

export interface OpenedTable {
  readonly table: Table
  readonly records: Records
}

/** The table's statements, and what is recorded of it. */
interface Found {
  /** Columns by table, each with its type; tables that are not there are absent. */
  readonly columns: ReadonlyMap<string, ReadonlyMap<string, string>>
  readonly documents: ReadonlyMap<string, string>
}

/**
 * Makes what is missing, and records what has no record. Where nothing is missing nothing is written or locked, so that a user without rights
 * to create tables can open them, also on a server that is read-only.
 * @throws KAIROS_CONFIG_CHANGED for a table that was made by something else, or for another layout
 */
export async function openTable(
  database: Database,
  place: Place,
  schema: StoreSchema,
  replace: Partial<Records>,
): Promise<OpenedTable> {
  const found = await find(database, place)
  if (isComplete(place, schema, replace, found)) return openedTable(place, found.documents)
  return database.exclusively(async (session) => {
    await prepare(session, place, schema, replace)
    return openedTable(place, await documentsIn(session, place))
  })
}

function isComplete(place: Place, schema: StoreSchema, replace: Partial<Records>, found: Found): boolean {
  if (replace.schema !== undefined || replace.intervals !== undefined) return false
  return (
    found.columns.has(place.tableName) &&
    found.documents.has(OWN) &&
    Object.keys(schema.intervals).every((interval) => found.documents.has(interval))
  )
}

function openedTable(place: Place, documents: ReadonlyMap<string, string>): OpenedTable {
  const own = ownRecord(place, documents.get(OWN)!)
  const intervals = [...documents].filter(([item]) => item !== OWN)
  return {
    table: tableOf(place, own),
    // Without a prototype: an interval may be called `__proto__`.
    records: { schema: own.record, intervals: Object.assign(Object.create(null), Object.fromEntries(intervals)) },
  }
}

async function prepare(session: Session, place: Place, schema: StoreSchema, replace: Partial<Records>): Promise<void> {
  const { dialect, tableName } = place
  const wanted: Recorded = {
    type: schema.type,
    valueType: schema.valueType,
    stringLength: place.stringLength,
    record: schema.record,
  }
  await createSchema(session, place)
  const { columns, documents } = await find(session, place)
  if (!columns.has(RECORDS)) await create(session, place, [dialect.createRecords(qualified(place, RECORDS))])

  const document = documents.get(OWN)
  if (document === undefined) {
    const existing = columns.get(tableName)
    if (existing === undefined) await create(session, place, dialect.createTable(tableOf(place, wanted)))
    else checkColumns(place, tableOf(place, wanted), existing)
    await putRecord(session, place, OWN, toDocument(wanted))
  } else if (fromDocument(document, tableName).record === replace.schema) {
    await remake(session, place, wanted, columns.get(tableName))
    documents.clear()
  } else if (!columns.has(tableName)) {
    await create(session, place, dialect.createTable(tableOf(place, ownRecord(place, document))))
  }

  for (const [interval, { record }] of Object.entries(schema.intervals)) {
    const recorded = documents.get(interval)
    if (recorded === undefined) await putRecord(session, place, interval, record)
    else if (recorded === replace.intervals?.[interval]) {
      const table = qualified(place, tableName)
      await session.execute(
        build(
          dialect,
          (bind) => `delete from ${table} where ${dialect.quote('interval')} = ${bind(dialect.codec.encode(interval))}`,
        ),
      )
      await removeRecords(session, place, interval)
      await putRecord(session, place, interval, record)
    }
  }
}

/**
 * Another type or valueType, over a table without live data. In this order a process that dies half-way leaves a table that is missing, and is
 * made again by what is recorded, or one that is empty.
 */
async function remake(
  session: Session,
  place: Place,
  wanted: Recorded,
  existing: ReadonlyMap<string, string> | undefined,
): Promise<void> {
  const table = tableOf(place, wanted)
  if (place.manageSchema) await session.execute(rawQuery(`drop table if exists ${table.name}`))
  else {
    checkColumns(place, table, existing ?? new Map())
    await session.execute(rawQuery(`delete from ${table.name}`))
  }
  await removeRecords(session, place, null)
  await putRecord(session, place, OWN, toDocument(wanted))
  if (place.manageSchema) await create(session, place, place.dialect.createTable(table))
}

/** Where the tables are to stand in one that is not there. */
export async function createSchema(session: Session, { dialect, schema, manageSchema }: Place): Promise<void> {
  if (schema === null || !manageSchema || dialect.schemaExists === undefined) return
  const { rows } = await session.execute(dialect.schemaExists(schema))
  if (rows.length === 0) await session.execute(rawQuery(`create schema if not exists ${dialect.quote(schema)}`))
}

async function create(session: Session, place: Place, statements: readonly string[]): Promise<void> {
  if (!place.manageSchema) {
    throw new KairosError(
      'KAIROS_INVALID_CONFIG',
      `manageSchema is false, and the database lacks what these statements make: ${statements.join('; ')}`,
      { path: 'manageSchema', driver: 'sql' },
    )
  }
  for (const statement of statements) await session.execute(rawQuery(statement))
}

/** Tables that are there without a record: made by a migration, or by something else altogether. */
function checkColumns({ tableName }: Place, { layout }: Table, existing: ReadonlyMap<string, string>): void {
  const wanted = new Map(layout.columns.map(({ name, type }) => [name, type]))
  if (layout.merge === 'append') wanted.set(SEQUENCE, wanted.get('i_time')!)
  const same = wanted.size === existing.size && [...wanted].every(([name, type]) => isOfType(type, existing.get(name)))
  if (same) return
  const list = (columns: ReadonlyMap<string, string>): string =>
    [...columns].map(([name, type]) => `${name} ${type}`).join(', ')
  throw new KairosError(
    'KAIROS_CONFIG_CHANGED',
    `the table ${tableName} is not one of this driver's: it has the columns ${list(existing) || 'none'}, where ${list(wanted)} are wanted; ` +
      'give another tableName, or move that table away',
    { driver: 'sql', recorded: Object.fromEntries(existing), configured: Object.fromEntries(wanted) },
  )
}

/** `varbinary(1020)` and `text collate "C"` are reported as `varbinary` and `text`. */
function isOfType(wanted: string, existing: string | undefined): boolean {
  if (existing === undefined || existing === '' || !wanted.startsWith(existing)) return false
  return /^($|[( ])/.test(wanted.slice(existing.length))
}

function ownRecord({ dialect, stringLength, tableName }: Place, document: string): Recorded {
  const own = fromDocument(document, tableName)
  if (!dialect.fixedWidths || own.stringLength >= stringLength) return own
  throw new KairosError(
    'KAIROS_CONFIG_CHANGED',
    `the table ${tableName} was made for strings of ${own.stringLength} characters, and stringLength is ${stringLength}; use another table, or widen its columns and its record`,
    { driver: 'sql', recorded: { stringLength: own.stringLength }, configured: { stringLength } },
  )
}

export function tableOf(place: Place, { type, valueType, stringLength }: Omit<Recorded, 'record'>): Table {
  return {
    name: qualified(place, place.tableName),
    layout: layoutOf(place.dialect, type, valueType, stringLength),
  }
}

export function qualified({ dialect, schema }: Pick<Place, 'dialect' | 'schema'>, table: string): string {
  return schema === null ? dialect.quote(table) : `${dialect.quote(schema)}.${dialect.quote(table)}`
}

async function find(session: Session, place: Place): Promise<Found & { readonly documents: Map<string, string> }> {
  const columns = await columnsOf(session, place, [RECORDS, place.tableName])
  return { columns, documents: columns.has(RECORDS) ? await documentsIn(session, place) : new Map() }
}

/**
 * The columns of those of the tables that are there, each with its type.
 * @throws KAIROS_INVALID_CONFIG where one is there in other letters' case, which this database takes for the same
 */
export async function columnsOf(
  session: Session,
  { dialect, schema }: Pick<Place, 'dialect' | 'schema'>,
  tables: readonly string[],
): Promise<Map<string, Map<string, string>>> {
  const columns = new Map<string, Map<string, string>>()
  for (const row of (await session.execute(dialect.columnsOf(schema, tables))).rows) {
    const table = dialect.decodeText(row.table_name)
    if (dialect.ignoresCase && !tables.includes(table)) {
      const wanted = tables.find((name) => name.toLowerCase() === table.toLowerCase())
      throw invalid('tableName', `spelled ${table}, as the table that is there: ${dialect.id} knows no case`, wanted)
    }
    const types = columns.get(table) ?? new Map<string, string>()
    columns.set(table, types.set(dialect.decodeText(row.column_name), dialect.decodeText(row.data_type)))
  }
  return columns
}

async function documentsIn(session: Session, place: Place): Promise<Map<string, string>> {
  const { dialect } = place
  const { rows } = await session.execute(
    onRecords(place, (table, bind) => `select item, doc from ${table} where tbl = ${bind(place.tableName)}`),
  )
  const text = (row: Row, column: string): string => dialect.codec.decode(dialect.decodeText(row[column]))
  return new Map(rows.map((row) => [text(row, 'item'), text(row, 'doc')]))
}

async function putRecord(session: Session, place: Place, item: string, document: string): Promise<void> {
  const { codec } = place.dialect
  await session.execute(
    onRecords(
      place,
      (table, bind) =>
        `insert into ${table} (tbl, item, doc) values (${[place.tableName, codec.encode(item), codec.encode(document)].map(bind).join(', ')})`,
    ),
  )
}

/** An item's record, or all of the table's. */
async function removeRecords(session: Session, place: Place, item: string | null): Promise<void> {
  const { codec } = place.dialect
  await session.execute(
    onRecords(
      place,
      (table, bind) =>
        `delete from ${table} where tbl = ${bind(place.tableName)}${item === null ? '' : ` and item = ${bind(codec.encode(item))}`}`,
    ),
  )
}

function onRecords(place: Place, text: (table: string, bind: Bind) => string): Query {
  return build(place.dialect, (bind) => text(qualified(place, RECORDS), bind))
}
