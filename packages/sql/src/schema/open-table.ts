import { KairosError } from '@kairos/core'
import { dictionary, type OpenOptions, type StoreSchema, type TimeseriesType } from '@kairos/core/driver'
import type { Database, Session } from '../connection/session.ts'
import { RECEIPTS, RECORDS } from '../dialects/identifiers.ts'
import { type Columns, checkColumns, checkKeys, columnsOf, generationIn } from './columns.ts'
import { create, createSchema } from './create.ts'
import { FIRST_GENERATION, newGeneration } from './generation.ts'
import { type OpenedTable, replacementOf } from './opened-table.ts'
import { type Place, qualified, tableOf } from './place.ts'
import { fromDocument, type Recorded, toDocument } from './record-document.ts'
import { intervalsIn, OWN, putFacts, putRecord, recordsIn, type StoredRecord } from './records.ts'

/** What already exists. */
interface Found {
  /** The columns of each existing table. Read before the documents, so that a generation is never newer than the records it is used with. */
  readonly columns: ReadonlyMap<string, Columns>
  readonly records: ReadonlyMap<string, StoredRecord>
}

/**
 * Creates what is missing, and adds missing records. If nothing is missing, nothing is written or locked, so that users without the right to create
 * tables can open them, even on a read-only server.
 * @throws KAIROS_CONFIG_CHANGED if the table is not Kairos's, or has another layout
 */
export async function openTable(
  database: Database,
  place: Place,
  schema: StoreSchema<TimeseriesType>,
  options: OpenOptions,
): Promise<OpenedTable> {
  const found = await find(database, place)
  const existing = openedTable(place, found)
  const isComplete =
    found.columns.has(RECEIPTS) && Object.keys(schema.intervals).every((interval) => found.records.has(interval))
  const isReady = existing !== null && isComplete && replacementOf(options) === null
  if (isReady) checkColumns(place, existing.table, found.columns.get(place.tableName)!)
  const opened = isReady
    ? existing
    : await database.exclusively(async (session) => {
        await prepare(session, place, schema, options)
        return openedTable(place, await find(session, place))!
      })
  await checkKeys(database, place, opened.table)
  await renewFacts(database, place, schema, opened)
  return opened
}

/** A user without the right to write reads all the same. */
async function renewFacts(
  database: Database,
  place: Place,
  { intervals }: StoreSchema<TimeseriesType>,
  { stored }: OpenedTable,
): Promise<void> {
  for (const [interval, { record, facts }] of Object.entries(intervals)) {
    const current = stored.get(interval)
    if (current === undefined || current.document !== record || current.facts === facts) continue
    await putFacts(database, place, interval, { facts, made: current.made }).catch(() => {})
  }
}

/** The current table; null if it, or its record, is missing. */
export async function findTable(session: Session, place: Place): Promise<OpenedTable | null> {
  return openedTable(place, await find(session, place))
}

/**
 * The table under whose records a store was opened. `replaced`: they are not there any more, or others are in their place. `missing`: they are, but not
 * the table, which was not dropped by Kairos.
 */
export async function currentTable(
  session: Session,
  place: Place,
  { intervals }: StoreSchema<TimeseriesType>,
  before: OpenedTable,
): Promise<OpenedTable | 'replaced' | 'missing'> {
  const found = await find(session, place)
  const isSame = [OWN, ...Object.keys(intervals)].every(
    (item) => found.records.get(item)?.made === before.stored.get(item)?.made,
  )
  return isSame ? (openedTable(place, found) ?? 'missing') : 'replaced'
}

function openedTable(place: Place, { columns, records }: Found): OpenedTable | null {
  const stored = records.get(OWN)
  const generation = generationIn(columns.get(place.tableName))
  if (stored === undefined || generation === undefined) return null
  const own = ownRecord(place, stored)
  return {
    table: tableOf(place, own, generation),
    records: { schema: own.record, intervals: dictionary(intervalsIn(records, ({ document }) => document)) },
    stored: records,
  }
}

async function prepare(
  session: Session,
  place: Place,
  schema: StoreSchema<TimeseriesType>,
  options: OpenOptions,
): Promise<void> {
  const { dialect, tableName } = place
  await createSchema(session, place)
  let found = await find(session, place)
  if (!found.columns.has(RECORDS)) await create(session, place, [dialect.createRecords(qualified(place, RECORDS))])
  if (!found.columns.has(RECEIPTS)) await create(session, place, dialect.createReceipts(qualified(place, RECEIPTS)))

  // A table that replaces another, or one that was dropped, must not be one that a process still writes to.
  // Without the right to create it, the statements that the error names are those of `tableStatements`.
  const generation = place.manageSchema ? newGeneration() : FIRST_GENERATION
  const replacement = replacementOf(options)
  const opened = openedTable(place, found)
  if (replacement !== null && opened !== null) {
    const { replaceRecords } = await import('./replace-records.ts')
    await replaceRecords(session, place, opened, schema, replacement)
    found = await find(session, place)
  }

  const wanted: Recorded = {
    ...(place.name !== undefined && { name: place.name }),
    type: schema.type,
    valueType: schema.valueType,
    stringLength: place.stringLength,
    record: schema.record,
  }
  const stored = found.records.get(OWN)
  const existing = found.columns.get(tableName)
  if (stored === undefined) {
    const table = tableOf(place, wanted, generation)
    if (existing === undefined) await create(session, place, dialect.createTable(table))
    else checkColumns(place, table, existing)
    await putRecord(session, place, OWN, { document: toDocument(wanted), facts: schema.facts })
  } else if (existing === undefined) {
    await create(session, place, dialect.createTable(tableOf(place, ownRecord(place, stored), generation)))
  } else {
    checkColumns(place, tableOf(place, ownRecord(place, stored), generation), existing)
  }

  for (const [interval, { record, facts }] of Object.entries(schema.intervals))
    if (!found.records.has(interval)) await putRecord(session, place, interval, { document: record, facts })
}

function ownRecord({ dialect, stringLength, tableName, name }: Place, { document }: StoredRecord): Recorded {
  const own = fromDocument(document, tableName)
  if (own.name !== name) {
    throw new KairosError(
      'KAIROS_CONFIG_CHANGED',
      `the table ${tableName} must belong to ${spelled(name)}, not to ${spelled(own.name)}; choose another tableName`,
      { driver: 'sql', recorded: { name: own.name }, configured: { name } },
    )
  }
  if (!dialect.fixedWidths || own.stringLength >= stringLength) return own
  throw new KairosError(
    'KAIROS_CONFIG_CHANGED',
    `stringLength must be at most ${own.stringLength}, for which the table ${tableName} was created, not ${stringLength}; choose another tableName, or widen the table's columns and its record`,
    { driver: 'sql', recorded: { stringLength: own.stringLength }, configured: { stringLength } },
  )
}

function spelled(name: string | undefined): string {
  return name === undefined ? 'a timeseries without a name' : `the timeseries ${name}`
}

async function find(session: Session, place: Place): Promise<Found> {
  const columns = await columnsOf(session, place, [RECORDS, RECEIPTS, place.tableName])
  return { columns, records: columns.has(RECORDS) ? await recordsIn(session, place) : new Map() }
}
