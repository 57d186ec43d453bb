import type { BucketRange, CellQuery } from '@kairos/core/driver'
import type { MongoDocument, MongoSessionLike } from '../connection/client.ts'
import type { OpenInterval } from '../documents/intervals.ts'
import { nameFilter } from '../documents/name-parts.ts'

/** What a `fetch` should read, as the driver's own query: for each name, a range of the unique index. */
export interface MongoFetchQuery {
  /** Matches the documents of the names, the interval and the range. */
  readonly filter: MongoDocument
  /** The order of the unique index. */
  readonly sort: Readonly<Record<string, 1>>
  /** Keeps the fields that the driver reads. */
  readonly projection: Readonly<Record<string, 0 | 1>>
  /** The session of the call, if it has one. */
  readonly session?: MongoSessionLike
}

export function queryOf(
  query: CellQuery,
  interval: OpenInterval,
  fields: readonly string[],
): Omit<MongoFetchQuery, 'session'> {
  return {
    filter: filterOf(query, interval),
    sort: { name: 1, interval: 1, i: 1, r: 1, s: 1 },
    projection: { _id: 0, name: 1, i: 1, r: 1, ...Object.fromEntries(fields.map((field) => [field, 1 as const])) },
  }
}

export function filterOf({ names, range }: CellQuery, { key, pack }: OpenInterval): MongoDocument {
  const { first, last }: BucketRange = range
  // Half-open: one of the test servers loses the last key of a closed range.
  return {
    name: nameFilter(names),
    interval: key,
    i: { $gte: Math.floor(first / pack), $lt: Math.floor(last / pack) + 1 },
  }
}
