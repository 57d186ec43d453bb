import { type Records, type StoreSchema, stringCodec } from '@kairos/core/driver'
import type { MongoCollectionLike, MongoDocument } from '../connection/client.ts'
import { codeOf, DUPLICATE_KEY } from '../connection/failures.ts'
import { packOf, widthOf } from '../documents/intervals.ts'
import { ANY_NAME } from '../documents/layout.ts'

const ID = 'kairos'

/** What is recorded of an interval. */
export interface RecordedInterval {
  readonly name: string
  readonly record: string
  /** The field `interval` of its documents: its name, unless a record was replaced; then a new one, so that old documents are no longer its own. */
  readonly key: string
  /** How many interval buckets one `i` stands for, since `names` may be asked of intervals that are not in the schema. */
  readonly pack: number
}

/** The one document of a collection that is no cell. */
export interface RecordsDocument {
  readonly _id: string
  /** One more with every change: changes are compared and set. */
  readonly version: number
  readonly schema: string
  readonly intervals: readonly RecordedInterval[]
  /** Keys of replaced intervals whose documents may not all be deleted yet. */
  readonly discarded: readonly string[]
}

/** Only U+FFFF is spelled, so that a replaced interval's next key is no other interval's. */
const names = stringCodec({})

export async function findRecords(collection: MongoCollectionLike): Promise<RecordsDocument | null> {
  const cursor = collection.find({ _id: ID }, { limit: 1, readPreference: 'primary' })
  try {
    const found = (await cursor.hasNext()) ? cursor.readBufferedDocuments()[0] : undefined
    return found === undefined ? null : recordsIn(found)
  } finally {
    await cursor.close()
  }
}

/** Records what has no record yet and replaces what stands as `replace` says; gives back what stands then. */
export async function recordSchema(
  collection: MongoCollectionLike,
  schema: StoreSchema,
  replace: Partial<Records>,
): Promise<RecordsDocument> {
  for (;;) {
    const current = await findRecords(collection)
    const wanted = current === null ? fresh(schema) : changed(current, schema, replace)
    if (wanted !== current && !(await put(collection, current, wanted))) continue
    return wanted.discarded.length === 0 ? wanted : await clean(collection, wanted)
  }
}

function fresh(schema: StoreSchema): RecordsDocument {
  const intervals = Object.keys(schema.intervals).map((name) => recordedAs(schema, name, names.encode(name)))
  return { _id: ID, version: 1, schema: schema.record, intervals, discarded: [] }
}

function changed(current: RecordsDocument, schema: StoreSchema, replace: Partial<Records>): RecordsDocument {
  const version = current.version + 1
  const anew = (name: string): RecordedInterval => recordedAs(schema, name, `${names.encode(name)}\uffff${version}`)
  if (current.schema !== schema.record) {
    if (current.schema !== replace.schema) return current
    const keys = current.intervals.map(({ key }) => key)
    const intervals = Object.keys(schema.intervals).map(anew)
    return { ...current, version, schema: schema.record, intervals, discarded: [...current.discarded, ...keys] }
  }
  const intervals = new Map(current.intervals.map((interval) => [interval.name, interval]))
  const discarded = [...current.discarded]
  let same = true
  for (const [name, { record }] of Object.entries(schema.intervals)) {
    const recorded = intervals.get(name)
    if (recorded === undefined) intervals.set(name, recordedAs(schema, name, names.encode(name)))
    else if (recorded.record !== record && recorded.record === replace.intervals?.[name]) {
      intervals.set(name, anew(name))
      discarded.push(recorded.key)
    } else continue
    same = false
  }
  return same ? current : { ...current, version, intervals: [...intervals.values()], discarded }
}

function recordedAs(schema: StoreSchema, name: string, key: string): RecordedInterval {
  const interval = schema.intervals[name]!
  return { name, record: interval.record, key, pack: packOf(interval, widthOf(schema)) }
}

/** Whether the document stood as it was seen, and is now as wanted. */
async function put(
  collection: MongoCollectionLike,
  seen: RecordsDocument | null,
  wanted: RecordsDocument,
): Promise<boolean> {
  if (seen !== null) {
    const { _id, ...fields } = wanted
    const { matchedCount } = await collection.updateOne({ _id, version: seen.version }, { $set: fields })
    return Number(matchedCount) === 1
  }
  try {
    await collection.insertOne(wanted)
    return true
  } catch (error) {
    if (codeOf(error) === DUPLICATE_KEY) return false
    throw error
  }
}

/** Deletes what replaced intervals have left. Who dies in between leaves it to the next who opens. */
async function clean(collection: MongoCollectionLike, records: RecordsDocument): Promise<RecordsDocument> {
  await collection.deleteMany({ name: ANY_NAME, interval: { $in: records.discarded } })
  await put(collection, records, { ...records, version: records.version + 1, discarded: [] })
  return records
}

function recordsIn({ _id, version, schema, intervals, discarded }: MongoDocument): RecordsDocument {
  return {
    _id: _id as string,
    version: Number(version),
    schema: schema as string,
    intervals: (intervals as RecordedInterval[]).map((interval) => ({ ...interval, pack: Number(interval.pack) })),
    discarded: discarded as string[],
  }
}
