import { KairosError } from '@kairos/core'
import { describe, type StoreSchema, stringCodec, type TimeseriesType } from '@kairos/core/driver'
import type { MongoDocument } from '../connection/client.ts'
import { codeOf, DUPLICATE_KEY } from '../connection/error-codes.ts'
import type { Requests } from '../connection/requests.ts'
import { packOf, widthOf } from '../documents/intervals.ts'

const ID = 'kairos'
const LAYOUT = 1

/** The mark of a process that is about to replace records: no writer begins until it is gone or its end has come. */
export interface Closing {
  /** Identifies the process that set it. */
  readonly token: string
  /** By the server's clock. A process that finds the mark later removes it, and the one that set it then replaces nothing. */
  readonly until: Date
}

/** The record of an interval. */
export interface RecordedInterval {
  readonly name: string
  readonly record: string
  readonly facts: string
  /** The field `interval` of its documents: its name, or after a replacement a new key, so that old documents no longer belong to it. */
  readonly key: string
  /** How many interval buckets share one `i`; recorded because `names` may ask for intervals that are not in the schema. */
  readonly pack: number
}

/** The one document of a collection that is not a cell. */
export interface RecordsDocument {
  readonly _id: string
  /** How cells are laid out in documents: a later version of this package may do it differently. */
  readonly layout: typeof LAYOUT
  /** Distinguishes this timeseries from one that was dropped here before. */
  readonly id: string
  readonly type: string
  /** Its name; null: none. A field `name` would make this document a cell. */
  readonly timeseries: string | null
  /** Grows by one with every change, which is a compare-and-set on it. */
  readonly version: number
  readonly schema: string
  readonly facts: string
  readonly intervals: readonly RecordedInterval[]
  /** Names of intervals that were dropped: recorded again, they get a new key. */
  readonly removed: readonly string[]
  /** Keys of replaced intervals, some of whose documents may not be deleted yet. */
  readonly discarded: readonly string[]
  /** Set while a process replaces records. */
  readonly closing: Closing | null
  /** All of it was dropped: what is left of the collection is deleted before it is used again. */
  readonly dropped: boolean
}

/** Spells only U+FFFF, so that the new key of a replaced interval cannot be another interval's name. */
const names = stringCodec({})

export async function findRecords(requests: Requests): Promise<RecordsDocument | null> {
  const found = await requests.findOne({ _id: ID }, {})
  return found === null ? null : recordsIn(found)
}

/** The first records of a collection. */
export function firstRecords(schema: StoreSchema<TimeseriesType>): RecordsDocument {
  return {
    _id: ID,
    layout: LAYOUT,
    id: crypto.randomUUID(),
    type: schema.type,
    timeseries: schema.name ?? null,
    version: 1,
    schema: schema.record,
    facts: schema.facts,
    intervals: Object.keys(schema.intervals).map((name) => recordedAs(schema, name, names.encode(name))),
    removed: [],
    discarded: [],
    closing: null,
    dropped: false,
  }
}

/** Adds the schema's intervals that have no record yet; returns the same object if all have one, or if the records are another schema's. */
export function withNewIntervals(records: RecordsDocument, schema: StoreSchema<TimeseriesType>): RecordsDocument {
  if (records.schema !== schema.record) return records
  const known = new Set(records.intervals.map(({ name }) => name))
  const fresh = Object.keys(schema.intervals).filter((name) => !known.has(name))
  if (fresh.length === 0) return records
  const version = records.version + 1
  const added = fresh.map((name) =>
    recordedAs(schema, name, records.removed.includes(name) ? newKey(name, version) : names.encode(name)),
  )
  return { ...records, version, intervals: [...records.intervals, ...added] }
}

/** The facts of the schema's intervals beside their records; returns the same object if it has them. */
export function withFacts(records: RecordsDocument, schema: StoreSchema<TimeseriesType>): RecordsDocument {
  if (records.schema !== schema.record) return records
  const intervals = records.intervals.map((interval) => {
    const own = schema.intervals[interval.name]
    return own?.record !== interval.record || own.facts === interval.facts
      ? interval
      : { ...interval, facts: own.facts }
  })
  const same = intervals.every((interval, index) => interval === records.intervals[index])
  return same ? records : { ...records, version: records.version + 1, intervals }
}

/** The next version, in which these intervals are as in the schema, under new keys; with another schema, all intervals are. */
export function withReplaced(
  records: RecordsDocument,
  schema: StoreSchema<TimeseriesType>,
  replaced: readonly RecordedInterval[],
): RecordsDocument {
  const version = records.version + 1
  const again = (name: string): RecordedInterval => recordedAs(schema, name, newKey(name, version))
  const gone = new Set(replaced)
  const intervals =
    records.schema === schema.record
      ? records.intervals.map((interval) => (gone.has(interval) ? again(interval.name) : interval))
      : Object.keys(schema.intervals).map(again)
  const discarded = [...records.discarded, ...replaced.map(({ key }) => key)]
  const facts = records.schema === schema.record ? records.facts : schema.facts
  const { type } = schema
  return { ...records, type, version, schema: schema.record, facts, intervals, discarded, closing: null }
}

/** The next version, without an interval; its cells no longer belong to any. */
export function withoutInterval(records: RecordsDocument, name: string): RecordsDocument {
  const gone = records.intervals.filter((interval) => interval.name === name)
  return {
    ...records,
    version: records.version + 1,
    intervals: records.intervals.filter((interval) => !gone.includes(interval)),
    removed: [...new Set([...records.removed, name])],
    discarded: [...records.discarded, ...gone.map(({ key }) => key)],
    closing: null,
  }
}

/** A key that no interval of this timeseries has had. */
function newKey(name: string, version: number): string {
  return `${names.encode(name)}\uffff${version}`
}

function recordedAs(schema: StoreSchema<TimeseriesType>, name: string, key: string): RecordedInterval {
  const interval = schema.intervals[name]!
  return { name, record: interval.record, facts: interval.facts, key, pack: packOf(interval, widthOf(schema)) }
}

/** A compare-and-set: false if the document has changed since it was seen. */
export async function putRecords(
  requests: Requests,
  seen: RecordsDocument | null,
  wanted: RecordsDocument,
): Promise<boolean> {
  if (seen !== null) {
    const { _id, ...fields } = wanted
    return requests.updateOne({ _id, id: seen.id, version: seen.version }, { $set: fields })
  }
  try {
    await requests.insertOne(wanted)
    return true
  } catch (error) {
    if (codeOf(error) !== DUPLICATE_KEY) throw error
    await refuseForeign(requests)
    return false
  }
}

/**
 * A document that has none of the unique index's fields takes the place of the records, which have none either.
 * @throws KAIROS_INVALID_CONFIG
 */
async function refuseForeign(requests: Requests): Promise<void> {
  const foreign = await requests.findOne({ name: null, _id: { $ne: ID } }, { projection: { _id: 1 } })
  if (foreign === null) return
  const message = `the collection ${JSON.stringify(requests.collectionName)} must hold nothing but this timeseries, not a document of something else (_id ${foreign._id}); use another collectionName`
  throw new KairosError('KAIROS_INVALID_CONFIG', message, { path: 'collectionName', driver: 'mongo' })
}

/** @throws KAIROS_CONFIG_CHANGED if the collection was laid out by another version of this package */
function recordsIn(document: MongoDocument): RecordsDocument {
  const { _id, layout, id, type, timeseries, version, schema, facts, intervals, removed, discarded, closing, dropped } =
    document
  if (Number(layout) !== LAYOUT) {
    const message = `the collection must have layout ${LAYOUT}, not layout ${describe(layout)}; use the version of @kairos/mongo that made it, or another collectionName`
    throw new KairosError('KAIROS_CONFIG_CHANGED', message, { driver: 'mongo', found: layout })
  }
  return {
    _id: _id as string,
    layout: LAYOUT,
    id: id as string,
    type: type as string,
    timeseries: timeseries as string | null,
    version: Number(version),
    schema: schema as string,
    facts: facts as string,
    intervals: (intervals as RecordedInterval[]).map((interval) => ({ ...interval, pack: Number(interval.pack) })),
    removed: removed as string[],
    discarded: discarded as string[],
    closing: (closing ?? null) as Closing | null,
    dropped: dropped as boolean,
  }
}
