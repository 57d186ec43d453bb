import type { CellPosition } from '@kairos/core/driver'
import type { MongoDocument } from '../connection/client.ts'
import type { Channel } from '../connection/send.ts'
import type { OpenInterval } from './intervals.ts'

/** Which documents hold a cell that may have several, told apart by `s`. */
export interface CellKey {
  readonly name: string
  readonly interval: string
  readonly i: number
  readonly r: number
}

export function keyOf({ name, bucket, resolutionBucket }: CellPosition, interval: OpenInterval): CellKey {
  const { i, r } = interval.placeOf(bucket, resolutionBucket)
  return { name, interval: interval.key, i, r }
}

export function positionOf({ name, i, r }: MongoDocument, interval: OpenInterval): CellPosition {
  const bucket = interval.bucketAt(Number(i), 0)
  return { name: name as string, bucket, resolutionBucket: interval.resolutionBucketAt(Number(i), Number(r), 0) }
}

/**
 * What the number of units in a closed chunk becomes. Every write adds to that number, and the server refuses to add to a text, with the code
 * of NOT_A_NUMBER and without changing anything: so a chunk closes for all writers in one atomic update, and no write has to ask for its size.
 */
export const CLOSED = 'closed'

/**
 * Whether to look how large a chunk has become, after so many units were written to it: at random, so that a look comes about once for every
 * half of a chunk's worth, however many processes write and however short they live. Nobody has to remember, or to guard each write.
 */
export function isTimeToLook(units: number, full: number): boolean {
  return Math.random() * full < 2 * units
}

/** The chunk with the highest `s`, or the one asked for, with these fields; null: there is none. */
export async function findChunk(
  { collection, session }: Channel,
  key: CellKey & { readonly s?: number },
  fields: readonly string[],
): Promise<MongoDocument | null> {
  const projection = Object.fromEntries(fields.map((field) => [field, 1]))
  const cursor = collection.find(key, {
    sort: { s: -1 },
    limit: 1,
    projection,
    readPreference: 'primary',
    ...(session && { session }),
  })
  try {
    return (await cursor.hasNext()) ? (cursor.readBufferedDocuments()[0] ?? null) : null
  } finally {
    await cursor.close()
  }
}

/** Closes a chunk for all writers. */
export async function close({ collection, session }: Channel, chunk: MongoDocument): Promise<void> {
  await collection.updateOne({ _id: chunk._id }, { $set: { n: CLOSED } }, { ...(session && { session }) })
}

/** Runs some at a time; in a session one, which can do no more. */
export async function eachOf<T, R>(
  { session }: Channel,
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const width = session === undefined ? 16 : 1
  const results: R[] = []
  for (let start = 0; start < items.length; start += width)
    results.push(...(await Promise.all(items.slice(start, start + width).map(work))))
  return results
}
