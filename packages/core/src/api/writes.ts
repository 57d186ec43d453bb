import type { Timestamp } from '../time/timestamp.ts'
import type { DriverOptionsOf, TimeseriesShape } from './shape.ts'
import type { CallOptions } from './timeseries.ts'

/** How many (value, bucket) pairs went in, and how many fell into expired buckets; summed over intervals and rolling copies. */
export interface WriteResult {
  stored: number
  expired: number
  /** The key of `once` was used before: this call has added nothing. */
  repeated?: true
}

interface WriteOptions {
  /** Rolling: also into so many interval buckets after (> 0) or before (< 0) it. */
  readonly intervals?: number | undefined
  /** `'once'`: a repeated write adds nothing, where the store can. */
  readonly delivery?: 'once' | undefined
  /**
   * A key of the caller's own, 1 to 1,000 characters: written again with the same key, also by another process, it adds nothing, where the
   * store keeps keys. For what is one batch: not for iterables.
   */
  readonly once?: string | undefined
}
export type BulkOptions<S extends TimeseriesShape> = WriteOptions & CallOptions & DriverOptionsOf<S, 'write'>
export type InsertOptions<S extends TimeseriesShape> = BulkOptions<S> & {
  /** Default, and null: now. */
  readonly timestamp?: Timestamp | null | undefined
}

type Written<S extends TimeseriesShape> = S['input'] | readonly S['input'][] | ReadonlySet<S['input']>

/** A point of an iterable; without a timestamp it is now's. */
export interface Point<S extends TimeseriesShape> {
  readonly name: string
  readonly value: Written<S> | (S['type'] extends 'count' ? undefined : never)
  readonly timestamp?: Timestamp | null | undefined
}
type CountPoint<S extends TimeseriesShape> = Omit<Point<S>, 'value'> & { readonly value?: Written<S> | undefined }
type PointOf<S extends TimeseriesShape> = S['type'] extends 'count' ? CountPoint<S> : Point<S>

/** What has no length: a list is one by its own branch of `Points`, where the compiler refuses keys that a point does not have. */
interface NoList {
  readonly length?: never
}

/** Moments (null: now) to names to values, or an iterable of points. */
export type Points<S extends TimeseriesShape> =
  | ReadonlyMap<
      Timestamp | null,
      | Readonly<Record<string, readonly S['input'][] | ReadonlySet<S['input']>>>
      | ReadonlyMap<string, readonly S['input'][] | ReadonlySet<S['input']>>
    >
  | readonly PointOf<S>[]
  | (Iterable<PointOf<S>> & NoList)
  | AsyncIterable<PointOf<S>>

export type Insert<S extends TimeseriesShape> = S['type'] extends 'count'
  ? (name: string, value?: Written<S>, options?: InsertOptions<S>) => Promise<WriteResult>
  : (name: string, value: Written<S>, options?: InsertOptions<S>) => Promise<WriteResult>
