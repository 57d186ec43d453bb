import type { BucketRange, CallOptions, CellQuery } from '@kairos/core/driver'
import type { MongoDocument, MongoSessionLike } from '../connection/client.ts'
import type { Requests, Take } from '../connection/requests.ts'
import type { OpenInterval } from '../documents/intervals.ts'
import { ANY_NAME } from '../documents/layout.ts'
import { nameFilter } from '../documents/name-parts.ts'

/** Documents of one batch of a cursor. */
const BATCH = 1_000

/** What finds the documents of a query: a range of the unique index for each name. */
export interface DocumentQuery {
  readonly filter: MongoDocument
  readonly sort: Readonly<Record<string, 1>>
  readonly projection: Readonly<Record<string, 0 | 1>>
  /** The caller's own, where the call has one. */
  readonly session?: MongoSessionLike
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
  // Half-open: one of the servers that this was tested on loses the last key of a closed range.
  return {
    name: nameFilter(names),
    interval: key,
    i: { $gte: Math.floor(first / pack), $lt: Math.floor(last / pack) + 1 },
  }
}

export function readDocuments(requests: Requests, { filter, projection }: DocumentQuery, take: Take): Promise<void> {
  return requests.find(filter, { projection, batchSize: BATCH }, take)
}

/**
 * The bucket nearest to one end of the range; null: none. In the document at the edge all may lie outside, in the next one of a name none does:
 * so two documents a name are enough.
 */
export async function edgeOf(
  requests: Requests,
  { names, range }: CellQuery,
  interval: OpenInterval,
  edge: keyof BucketRange,
): Promise<number | null> {
  const direction = edge === 'first' ? 1 : -1
  const packed = interval.pack > 1
  const options = {
    sort: { i: direction },
    limit: packed ? 2 * names.length : 1,
    projection: { _id: 0, i: 1, ...(packed && { b: 1 }) },
  }
  let nearest: number | null = null
  await requests.find(filterOf(names, interval, range), options, ({ i, b }) => {
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
  requests: Requests,
  interval: Pick<OpenInterval, 'key' | 'pack'>,
  oldest: number,
): Promise<string[]> {
  const names: string[] = []
  for (const filter of liveFilters(interval, oldest)) {
    // By a group, since an answer of `distinct` ends at 16 MB.
    const pipeline = [{ $match: filter }, { $group: { _id: '$name' } }]
    await requests.aggregate(pipeline, { batchSize: BATCH }, ({ _id }) => names.push(_id as string))
  }
  return names
}

/** Whether an interval has a cell from `oldest` on; from the first bucket on, where that is undefined. */
export async function holdsLiveCell(
  requests: Requests,
  interval: Pick<OpenInterval, 'key' | 'pack'>,
  oldest: number = Number.MIN_SAFE_INTEGER,
): Promise<boolean> {
  for (const filter of liveFilters(interval, oldest)) {
    if ((await requests.findOne(filter, { projection: { _id: 1 } })) !== null) return true
  }
  return false
}

/** Which documents hold a cell from `oldest` on: those of which all buckets are live, and the one in which life begins. */
function liveFilters({ key, pack }: Pick<OpenInterval, 'key' | 'pack'>, oldest: number): object[] {
  const i = Math.floor(oldest / pack)
  const offset = oldest - i * pack
  const whole = { name: ANY_NAME, interval: key, i: { $gte: offset === 0 ? i : i + 1 } }
  if (offset === 0) return [whole]
  const live = Array.from({ length: pack - offset }, (_, index) => ({ [`b.${offset + index}`]: { $exists: true } }))
  return [whole, { name: ANY_NAME, interval: key, i, $or: live }]
}
