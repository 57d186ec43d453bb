import { type CellPosition, failedStore, mapConcurrently } from '@kairos/core/driver'
import type { MongoDocument } from '../connection/client.ts'
import type { Requests } from '../connection/requests.ts'
import type { CellKey } from './cell-key.ts'
import type { OpenInterval } from './intervals.ts'
import type { OpenIntervals } from './layout.ts'
import { nameFilter, nameParts } from './name-parts.ts'
import type { Channel } from './send-updates.ts'

export function keyOf({ name, bucket, resolutionBucket }: CellPosition, interval: OpenInterval): CellKey {
  const { i, r } = interval.placeOf(bucket, resolutionBucket)
  return { name, interval: interval.key, i, r }
}

export function positionOf({ name, i, r }: MongoDocument, interval: OpenInterval): CellPosition {
  const bucket = interval.bucketAt(Number(i), 0)
  return { name: name as string, bucket, resolutionBucket: interval.resolutionBucketAt(Number(i), Number(r), 0) }
}

/**
 * Replaces the number of units in a closed chunk. Every write adds to that number, and the server refuses to add to a text, with the code
 * NOT_A_NUMBER and without changing anything: so one atomic update closes a chunk for all writers, and no write has to check its size.
 */
export const CLOSED = 'closed'

/**
 * Whether to check the size of a chunk after this many units were written to it: at random, about once for every half of a full chunk,
 * however many processes write and however briefly they live. So no process has to count, and no write needs a guard.
 */
export function isTimeToLook(units: number, full: number): boolean {
  return Math.random() * full < 2 * units
}

/** These fields of the chunk with the highest `s`, or with the given one; null: there is none. */
export function findChunk(
  { requests }: Channel,
  key: CellKey & { readonly s?: number },
  fields: readonly string[],
): Promise<MongoDocument | null> {
  const projection = Object.fromEntries(fields.map((field) => [field, 1]))
  return requests.findOne(key, { sort: { s: -1 }, projection })
}

/** Closes a chunk for all writers. */
export async function close({ requests }: Channel, chunk: { readonly _id: unknown }): Promise<void> {
  await requests.updateOne({ _id: chunk._id }, { $set: { n: CLOSED } })
}

/**
 * Closes the chunk of this key, whatever it holds, since a piece no longer fits into it.
 * @throws StoreFailure if there is none: the piece would not fit into a chunk of its own
 */
export async function closeFull(channel: Channel, key: CellKey & { readonly s: number }): Promise<void> {
  const chunk = await findChunk(channel, key, ['n'])
  if (chunk === null) throw failedStore('a value must fit into a document of MongoDB (16 MB)', 'never')
  if (chunk.n !== CLOSED) await close(channel, { _id: chunk._id })
}

/** What a chunk says about where its cell continues. */
export interface ChunkState {
  readonly _id: unknown
  readonly s: number
  readonly n: unknown
}

/** The chunks of each of these cells, in no order: one lookup for all of them. */
export async function chunksOf<Cell extends CellPosition & { readonly interval: string }>(
  channel: Channel,
  cells: readonly Cell[],
  intervals: OpenIntervals,
): Promise<ReadonlyMap<Cell, readonly ChunkState[]>> {
  const keys = new Map(cells.map((cell) => [cell, keyOf(cell, intervals.get(cell.interval)!)]))
  const documents = await documentsOf(channel.requests, [...keys.values()], ['s', 'n'])
  const stateOf = ({ _id, s, n }: MongoDocument): ChunkState => ({ _id, s: Number(s), n })
  return new Map(Array.from(keys, ([cell, key]) => [cell, documents.get(textOf(key))!.map(stateOf)]))
}

/**
 * Looks up the documents of each of these keys, with these fields, by the text of the key: one lookup for each interval.
 * @param more a condition on `s`
 */
export async function documentsOf(
  requests: Requests,
  keys: readonly CellKey[],
  fields: readonly string[],
  more: { readonly s?: unknown } = {},
): Promise<ReadonlyMap<string, readonly MongoDocument[]>> {
  const documents = new Map(keys.map((key) => [textOf(key), [] as MongoDocument[]]))
  const projection = Object.fromEntries(['name', 'interval', 'i', 'r', ...fields].map((field) => [field, 1]))
  for (const own of Map.groupBy(keys, ({ interval }) => interval).values()) {
    const numbers = [...new Set(own.map(({ i }) => i))]
    for (const names of nameParts([...new Set(own.map(({ name }) => name))])) {
      const filter = { name: nameFilter(names), interval: own[0]!.interval, i: { $in: numbers }, ...more }
      await requests.find(filter, { projection, readPreference: 'primary' }, (document) => {
        const key = { ...(document as unknown as CellKey), i: Number(document.i), r: Number(document.r) }
        // Buckets and names are asked for apart, so that others are found too.
        documents.get(textOf(key))?.push(document)
      })
    }
  }
  return documents
}

export function textOf({ name, interval, i, r }: CellKey): string {
  return `${i} ${r} ${interval.length} ${interval}${name}`
}

/** Runs a few at a time; in a session only one, since a session cannot do more. */
export function eachOf<T, R>({ requests }: Channel, items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  return mapConcurrently(requests.session === undefined ? 16 : 1, items, work)
}
