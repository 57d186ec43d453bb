import type { CheckedConfig } from '@kairos/core/calls'
import { importPeer, isRecord } from '@kairos/core/driver'
import type { LegacyStore, Notes, RawCell, RawContent, RawQuery, RawValue } from './types.ts'

interface MongoCollection {
  find(filter: object, options: object): AsyncIterable<Readonly<Record<string, unknown>>>
  aggregate(pipeline: readonly object[], options: object): AsyncIterable<Readonly<Record<string, unknown>>>
}

/** As of the `mongodb` package. */
export interface MongoClientLike {
  db(name: string): { collection(name: string): MongoCollection }
}

/** Whether this is a client of MongoDB. */
export function isMongoClient(client: object): client is MongoClientLike {
  return 'db' in client && typeof client.db === 'function'
}

/** A client for a URL. */
export async function mongoAt(url: string): Promise<{ client: MongoClientLike; close(): Promise<void> }> {
  const { MongoClient } = (await importPeer({ package: 'mongodb', scheme: 'mongodb', from: import.meta.url })) as {
    readonly MongoClient: new (url: string) => MongoClientLike & { connect(): Promise<unknown>; close(): Promise<void> }
  }
  const client = new MongoClient(url)
  await client.connect()
  return { client, close: () => client.close() }
}

const LIMITS = [
  'MongoDB held floats as text of 12 digits: further digits are lost, and floats that agreed in them were one key of a histogram',
  'a dot in a text was stored as the escape character, and reads back as a dot; so does that character itself',
  'bulk inserts may have put buckets of two intervals with equal numbers into one document of one of them',
]

/** Reads documents `{ name, interval, resolution?, value }`, one collection for each interval. */
export function mongoStore(
  client: MongoClientLike,
  { type, intervals }: CheckedConfig,
  { database, escapeCharacter }: { readonly database: string; readonly escapeCharacter: string },
  notes: Notes,
  close: () => Promise<void>,
): LegacyStore {
  const db = client.db(database)
  const unescaped = (value: unknown): RawValue =>
    typeof value === 'string' ? value.replaceAll(escapeCharacter, '.') : (value as RawValue)

  /** Null: of another type, which may share the collection. */
  function contentIn(value: unknown): RawContent | null {
    const isList = Array.isArray(value)
    if (type === 'series') return isList && value.length > 0 ? { values: value.map(unescaped) } : null
    if (type === 'histogram') {
      if (isList || !isRecord(value)) return null
      const pairs = Object.entries(value).map(([key, times]) => [unescaped(key), times as RawValue] as const)
      return pairs.length > 0 ? { pairs } : null
    }
    if (isList || isRecord(value) || value === undefined || value === null) return null
    return type === 'gauge' || typeof value !== 'string' ? { one: unescaped(value) } : null
  }

  return {
    limits: LIMITS,
    async names() {
      const names = new Set<string>()
      for (const { name } of intervals)
        for await (const { _id } of db
          .collection(name)
          .aggregate([{ $group: { _id: '$name' } }], { allowDiskUse: true }))
          if (typeof _id === 'string') names.add(_id)
      return names
    },
    async *cells({ interval, names, from }: RawQuery): AsyncGenerator<RawCell> {
      const filter = {
        ...((names !== undefined || from !== undefined) && {
          name: { ...(names !== undefined && { $in: names }), ...(from !== undefined && { $gte: from }) },
        }),
      }
      const sort = { name: 1, interval: 1, resolution: 1, _id: 1 }
      const options = { sort, allowDiskUse: true, useBigInt64: true, batchSize: 1_000 }
      for await (const document of db.collection(interval).find(filter, options)) {
        const { name, interval: i, resolution } = document
        const value = contentIn(document.value)
        if (typeof name !== 'string' || value === null) {
          notes.skip()
          continue
        }
        yield {
          name,
          i: Number(i),
          r: resolution === undefined || resolution === null ? null : Number(resolution),
          value,
        }
      }
    },
    close,
  }
}
