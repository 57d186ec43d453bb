import type { Timestamp } from '../time/timestamp.ts'
import type { CallOptions } from './call-options.ts'
import type { DriverOptionsOf, Name, TimeseriesShape } from './shape.ts'

/** How many (value, bucket) pairs were stored, and how many fell into expired buckets; summed over intervals and rolling copies. */
export interface WriteResult {
  stored: number
  expired: number
  /** The key of `once` was used before: this call added nothing. */
  repeated?: true
  /** With `returning`: the count of that bucket after this write. Absent if the bucket has expired, or the write had been stored before. */
  value?: number
}

interface WriteOptions {
  /** Rolling: also writes into this many buckets after (> 0) or before (< 0) it. */
  readonly intervals?: number | undefined
  /** `'once'`: a repeated write adds nothing, where the store supports it. */
  readonly delivery?: 'once' | undefined
  /**
   * A key of 1 to 1,000 characters: another write with the same key, even by another process, adds nothing, where the store keeps keys.
   * For a single batch, not for iterables.
   */
  readonly once?: string | undefined
}
/** The options of `bulkInsert`. */
export type BulkInsertOptions<S extends TimeseriesShape> = WriteOptions & CallOptions & DriverOptionsOf<S, 'write'>
/** The options of `insert`. */
export type InsertOptions<S extends TimeseriesShape> = BulkInsertOptions<S> & {
  /** Default, and null: now. */
  readonly timestamp?: Timestamp | null | undefined
} & (S['type'] extends 'count'
    ? {
        /**
         * An interval without a resolution: the result's `value` is the count of its bucket after this write, read in the step that adds, so that no
         * two callers get the same. If the store can do that.
         */
        readonly returning?: S['coarse'] | undefined
      }
    : unknown) &
  Times<S>

/** Only where values are counted. */
type Times<S extends TimeseriesShape> = S['type'] extends 'count' | 'histogram' | 'distribution'
  ? {
      /** How many times each value counts: a whole number from 1; default 1. A count adds the value times this. */
      readonly times?: number | undefined
    }
  : unknown

export type Written<S extends TimeseriesShape> = S['input'] | readonly S['input'][] | ReadonlySet<S['input']>

/** A point of an iterable; without a timestamp its time is now. */
export interface Point<S extends TimeseriesShape> {
  readonly name: Name<S['labels']>
  readonly value: Written<S> | (S['type'] extends 'count' ? undefined : never)
  readonly timestamp?: Timestamp | null | undefined
}
type CountPoint<S extends TimeseriesShape> = Omit<Point<S>, 'value'> & { readonly value?: Written<S> | undefined }
type PointOf<S extends TimeseriesShape> = (S['type'] extends 'count' ? CountPoint<S> : Point<S>) & Times<S>

/** Something without a length: lists have their own branch in `Points`, where the compiler refuses unknown keys of a point. */
interface NoList {
  readonly length?: never
}

/** A map from timestamps (null: now) to names to values, or an iterable of points. */
export type Points<S extends TimeseriesShape> =
  | ReadonlyMap<
      Timestamp | null,
      | Readonly<Record<string, readonly S['input'][] | ReadonlySet<S['input']>>>
      | ReadonlyMap<Name<S['labels']>, readonly S['input'][] | ReadonlySet<S['input']>>
    >
  | readonly PointOf<S>[]
  | (Iterable<PointOf<S>> & NoList)
  | AsyncIterable<PointOf<S>>

export type Insert<S extends TimeseriesShape> = S['type'] extends 'count'
  ? (name: Name<S['labels']>, value?: Written<S>, options?: InsertOptions<S>) => Promise<WriteResult>
  : (name: Name<S['labels']>, value: Written<S>, options?: InsertOptions<S>) => Promise<WriteResult>
