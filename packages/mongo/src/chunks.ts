import type { CellPosition, CellWrite } from '@kairos/core/driver'
import type { MongoDocument } from './client.ts'
import type { OpenInterval } from './intervals.ts'
import type { Channel } from './send.ts'

/** Of how many cells a store remembers in which chunk they are; only cells with more than one are remembered. */
const MOST_REMEMBERED = 20_000

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

/** What a process has learnt of the cells with several chunks. Wrong at worst, never harmful: every write looks whether it fits. */
export class Memory {
  readonly #numbers = new Map<string, number>()

  get(cell: CellWrite): number {
    return this.#numbers.size === 0 ? 0 : (this.#numbers.get(textOf(cell)) ?? 0)
  }

  set(cell: CellWrite, number: number): void {
    const key = textOf(cell)
    // Last in the order of insertion: the first is who has been asked for the longest time ago.
    this.#numbers.delete(key)
    if (number > 0) this.#numbers.set(key, number)
    if (this.#numbers.size > MOST_REMEMBERED) this.#numbers.delete(this.#numbers.keys().next().value!)
  }

  clear(): void {
    this.#numbers.clear()
  }
}

function textOf({ name, interval, bucket, resolutionBucket }: CellWrite): string {
  return `${bucket} ${resolutionBucket} ${interval.length} ${interval}${name}`
}

/** The last chunk of a cell, with these fields of it; null: it has none. */
export async function lastChunk(
  { collection }: Channel,
  key: CellKey,
  fields: readonly string[],
): Promise<MongoDocument | null> {
  return firstOf(
    collection.find(
      { ...key },
      { sort: { s: -1 }, limit: 1, projection: projectionOf(fields), readPreference: 'primary' },
    ),
  )
}

export async function chunkAt(
  { collection }: Channel,
  key: CellKey,
  s: number,
  fields: readonly string[],
): Promise<MongoDocument | null> {
  return firstOf(
    collection.find({ ...key, s }, { limit: 1, projection: projectionOf(fields), readPreference: 'primary' }),
  )
}

function projectionOf(fields: readonly string[]): object {
  return { _id: 0, ...Object.fromEntries(fields.map((field) => [field, 1])) }
}

async function firstOf(cursor: ReturnType<Channel['collection']['find']>): Promise<MongoDocument | null> {
  try {
    return (await cursor.hasNext()) ? (cursor.readBufferedDocuments()[0] ?? null) : null
  } finally {
    await cursor.close()
  }
}

/** Runs some at a time. */
export async function eachOf<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const width = 32
  const results: R[] = []
  for (let start = 0; start < items.length; start += width)
    results.push(...(await Promise.all(items.slice(start, start + width).map(work))))
  return results
}
