import type { BucketRange, CallOptions, CellQuery } from '@kairos/core/driver'
import { drain, type MongoCollectionLike, type MongoDocument, type MongoSessionLike } from '../connection/client.ts'
import type { OpenInterval } from '../documents/intervals.ts'
import { ANY_NAME } from '../documents/layout.ts'

/** Documents of one batch of a cursor. */
const BATCH = 1_000

/** What finds the documents of a query: a range of the unique index for each name. */
export interface DocumentQuery {
  readonly filter: MongoDocument
  readonly sort: Readonly<Record<string, 1>>
  readonly projection: Readonly<Record<string, 0 | 1>>
}

export function sessionIn(options: CallOptions | undefined): MongoSessionLike | undefined {
  return options?.driverOptions?.session as MongoSessionLike | undefined
}

export function queryOf({ names, range }: CellQuery, interval: OpenInterval, fields: readonly string[]): DocumentQuery {
  return {
    filter: filterOf(names, interval, range),
    sort: { name: 1, interval: 1, i: 1, r: 1, s: 1 },
    projection: { _id: 0, name: 1, i: 1, r: 1, ...Object.fromEntries(fields.map((field) => [field, 1 as const])) },
  }
}

function filterOf(names: readonly string[], { key, pack }: OpenInterval, { first, last }: BucketRange): MongoDocument {
  const name = names.length === 1 ? names[0] : { $in: names }
  // Half-open: one of the servers that this was tested on loses the last key of a closed range.
  return { name, interval: key, i: { $gte: Math.floor(first / pack), $lt: Math.floor(last / pack) + 1 } }
}

export async function readDocuments(
  collection: MongoCollectionLike,
  { filter, projection }: DocumentQuery,
  session: MongoSessionLike | undefined,
  take: (document: MongoDocument) => void,
): Promise<void> {
  const options = { projection, batchSize: BATCH, ...(session && { session }) }
  await drain(collection.find(filter, options), take)
}

/**
 * The bucket nearest to one end of the range; null: none. In the document at the edge all may lie outside, in the next one of a name none does:
 * so two documents a name are enough.
 */
export async function edgeOf(
  collection: MongoCollectionLike,
  { names, range }: CellQuery,
  interval: OpenInterval,
  edge: keyof BucketRange,
  session: MongoSessionLike | undefined,
): Promise<number | null> {
  const direction = edge === 'first' ? 1 : -1
  const packed = interval.pack > 1
  const options = {
    sort: { i: direction },
    limit: packed ? 2 * names.length : 1,
    projection: { _id: 0, i: 1, ...(packed && { b: 1 }) },
    ...(session && { session }),
  }
  let nearest: number | null = null
  await drain(collection.find(filterOf(names, interval, range), options), ({ i, b }) => {
    for (const offset of packed ? Object.keys(b as object) : ['0']) {
      const bucket = interval.bucketAt(Number(i), Number(offset))
      if (bucket < range.first || bucket > range.last) continue
      if (nearest === null || (bucket - nearest) * direction < 0) nearest = bucket
    }
  })
  return nearest
}

/** Names with a bucket from `oldest` on. */
export async function namesFrom(
  collection: MongoCollectionLike,
  { key, pack }: Pick<OpenInterval, 'key' | 'pack'>,
  oldest: number,
  session: MongoSessionLike | undefined,
): Promise<string[]> {
  const i = Math.floor(oldest / pack)
  const offset = oldest - i * pack
  // All of a document's buckets are live, or it is the one in which life begins.
  const whole = { interval: key, i: { $gte: offset === 0 ? i : i + 1 } }
  const names = await distinctNames(collection, whole, session)
  if (offset === 0) return names
  const live = Array.from({ length: pack - offset }, (_, index) => ({ [`b.${offset + index}`]: { $exists: true } }))
  return [...names, ...(await distinctNames(collection, { interval: key, i, $or: live }, session))]
}

/** By a group, since an answer of `distinct` ends at 16 MB. */
async function distinctNames(
  collection: MongoCollectionLike,
  filter: object,
  session: MongoSessionLike | undefined,
): Promise<string[]> {
  const names: string[] = []
  const pipeline = [{ $match: { name: ANY_NAME, ...filter } }, { $group: { _id: '$name' } }]
  await drain(collection.aggregate(pipeline, { batchSize: BATCH, ...(session && { session }) }), ({ _id }) => {
    names.push(_id as string)
  })
  return names
}
