import type { BucketRange, OriginalType, TimeseriesType } from './values.ts'

/** A timeseries that `discover` found. */
export interface FoundPlace {
  /** As in the schema; absent: opened without a name. */
  readonly name?: string
  readonly records: Records
  readonly facts: Facts
}

/** Texts beside the records, which `discover` returns and nothing compares. Their content is up to core: a JSON object. */
export interface Facts {
  readonly schema: string
  /** By interval. */
  readonly intervals: Readonly<Record<string, string>>
}

/**
 * Canonical texts of what must not change while data is stored; kept and compared as they are. Their content is up to core: a JSON object with
 * a `version`. Core never replaces a record with an unknown version or key.
 */
export interface Records {
  /** type and valueType: one for all intervals at this place (prefix, table, collection). */
  readonly schema: string
  /** By interval: step, resolution, zone and offset. */
  readonly intervals: Readonly<Record<string, string>>
}

/** What to open: a type, a valueType and intervals. `Type`: the types that the driver has, once it has checked that it is one of them. */
export interface StoreSchema<Type extends TimeseriesType = OriginalType> {
  /**
   * Part of the place, together with the type and the driver's own options: 1 to 100 of `A-Z a-z 0-9 _ . -`, a letter first. Two names share
   * nothing, not even those that a store would fold together (`Views`, `views`): see `slugOf` in the toolkit. Absent: the place that has no name,
   * which no name shares.
   */
  readonly name?: string
  readonly type: Type
  readonly valueType: string
  readonly record: string
  /** Stored with the record, and not changed while that stays. */
  readonly facts: string
  readonly intervals: Readonly<Record<string, IntervalSchema>>
}

/** What a driver must know about an interval. */
export interface IntervalSchema {
  readonly record: string
  /** Stored with the record. An `open` that brings others renews them if it can: failing to is not a failure of `open`. */
  readonly facts: string
  /** Whether buckets are divided into resolution buckets. */
  readonly hasResolution: boolean
  /** The most resolution buckets inside one bucket; 1 without resolution. Constant for a record, so it can size chunks and partitions. */
  readonly fanOut: number
  /**
   * The resolution buckets inside `bucket`; 0 to 0 without resolution. With a calendar resolution, integers between them may not be buckets
   * (20240132). In a zone they count from 0 in each bucket: only bucket and resolution bucket together are unique.
   */
  resolutionRange(bucket: number): BucketRange
  /**
   * When `bucket` expires, in whole seconds of the store's clock; null: never, or after the year 9999. Accepts any integer, even one that is
   * not a bucket (20240299), and never decreases as it grows: a store that packs buckets asks for the last integer of the pack.
   */
  expiresAt(bucket: number): number | null
}
