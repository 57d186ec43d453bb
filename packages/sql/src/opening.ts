import { KairosError } from '@kairos/core'
import { dictionary, type OpenOptions, type StoreSchema } from '@kairos/core/driver'
import type { Database, Session } from './connection/session.ts'
import { RECEIPTS, RECORDS } from './dialects/identifiers.ts'
import { type Columns, checkColumns, checkKeys, columnsOf, generationIn } from './schema/columns.ts'
import { create, createSchema } from './schema/create.ts'
import { FIRST_GENERATION, newGeneration } from './schema/generation.ts'
import { checkValueType } from './schema/layout.ts'
import { type Place, qualified, tableOf } from './schema/place.ts'
import { fromDocument, type Recorded, toDocument } from './schema/record-document.ts'
import { documentsIn, OWN, putRecord } from './schema/records.ts'
import { type OpenedTable, replacementOf, replaceRecords } from './schema/replace.ts'

/** What already exists. */
interface Found {
  /** The columns of each existing table. Read before the documents, so that a generation is never newer than the records it is used with. */
  readonly columns: ReadonlyMap<string, Columns>
  readonly documents: ReadonlyMap<string, string>
}

/**
 * Creates what is missing, and adds missing records. If nothing is missing, nothing is written or locked, so that users without the right to create
 * tables can open them, even on a read-only server.
 * @throws KAIROS_CONFIG_CHANGED if the table is not Kairos's, or has another layout
 */
export async function openTable(
  database: Database,
  place: Place,
  schema: StoreSchema,
  options: OpenOptions,
): Promise<OpenedTable> {
  checkValueType(schema)
  const found = await find(database, place)
  const existing = openedTable(place, found)
  const isComplete =
    found.columns.has(RECEIPTS) && Object.keys(schema.intervals).every((interval) => found.documents.has(interval))
  const isReady = existing !== null && isComplete && replacementOf(options) === null
  if (isReady) checkColumns(place, existing.table, found.columns.get(place.tableName)!)
  const opened = isReady
    ? existing
    : await database.exclusively(async (session) => {
        await prepare(session, place, schema, options)
        return openedTable(place, await find(session, place))!
      })
  await checkKeys(database, place, opened.table)
  return opened
}

/** The current table; null if it, or its record, is missing. */
export async function findTable(session: Session, place: Place): Promise<OpenedTable | null> {
  return openedTable(place, await find(session, place))
}

function openedTable(place: Place, { columns, documents }: Found): OpenedTable | null {
  const document = documents.get(OWN)
  const generation = generationIn(columns.get(place.tableName))
  if (document === undefined || generation === undefined) return null
  const own = ownRecord(place, document)
  const intervals = [...documents].filter(([item]) => item !== OWN)
  return {
    table: tableOf(place, own, generation),
    records: { schema: own.record, intervals: dictionary(intervals) },
  }
}

async function prepare(session: Session, place: Place, schema: StoreSchema, options: OpenOptions): Promise<void> {
  const { dialect, tableName } = place
  await createSchema(session, place)
  let found = await find(session, place)
  if (!found.columns.has(RECORDS)) await create(session, place, [dialect.createRecords(qualified(place, RECORDS))])
  if (!found.columns.has(RECEIPTS)) await create(session, place, dialect.createReceipts(qualified(place, RECEIPTS)))

  // A table that replaces another must not be one that a process still writes to.
  let generation = FIRST_GENERATION
  const replacement = replacementOf(options)
  const opened = openedTable(place, found)
  if (replacement !== null && opened !== null) {
    await replaceRecords(session, place, opened, schema, replacement)
    generation = newGeneration()
    found = await find(session, place)
  }

  const wanted: Recorded = {
    type: schema.type,
    valueType: schema.valueType,
    stringLength: place.stringLength,
    record: schema.record,
  }
  const document = found.documents.get(OWN)
  const existing = found.columns.get(tableName)
  if (document === undefined) {
    const table = tableOf(place, wanted, generation)
    if (existing === undefined) await create(session, place, dialect.createTable(table))
    else checkColumns(place, table, existing)
    await putRecord(session, place, OWN, toDocument(wanted))
  } else if (existing === undefined) {
    await create(session, place, dialect.createTable(tableOf(place, ownRecord(place, document), generation)))
  } else {
    checkColumns(place, tableOf(place, ownRecord(place, document), generation), existing)
  }

  for (const [interval, { record }] of Object.entries(schema.intervals))
    if (!found.documents.has(interval)) await putRecord(session, place, interval, record)
}

function ownRecord({ dialect, stringLength, tableName }: Place, document: string): Recorded {
  const own = fromDocument(document, tableName)
  if (!dialect.fixedWidths || own.stringLength >= stringLength) return own
  throw new KairosError(
    'KAIROS_CONFIG_CHANGED',
    `stringLength must be at most ${own.stringLength}, for which the table ${tableName} was created, not ${stringLength}; choose another tableName, or widen the table's columns and its record`,
    { driver: 'sql', recorded: { stringLength: own.stringLength }, configured: { stringLength } },
  )
}

async function find(session: Session, place: Place): Promise<Found> {
  const columns = await columnsOf(session, place, [RECORDS, RECEIPTS, place.tableName])
  return { columns, documents: columns.has(RECORDS) ? await documentsIn(session, place) : new Map() }
}
