import type { SketchValues } from './sketches.ts'

/** The types of a driver that lists none. */
export type OriginalType = 'series' | 'histogram' | 'count' | 'gauge' | 'set'
/** What a bucket of a timeseries holds. */
export type TimeseriesType = OriginalType | keyof SketchValues

/**
 * One value as drivers see it, checked and normalised by core. By valueType: float and int `number` (never -0), int64 `bigint`,
 * boolean `boolean`, blob `Uint8Array`, datetime `number` (milliseconds since the epoch), all others `string` (well-formed Unicode, canonical).
 */
export type Scalar = number | bigint | string | boolean | Uint8Array

/**
 * What a cell holds, by type. Writes and reads use the same shapes; none is ever empty. A write's change belongs to core: a driver copies what it
 * keeps. The result of a read belongs to the reader: later writes do not change it, and core passes it on to the caller.
 */
export interface CellValues extends SketchValues {
  /** in order of arrival */
  readonly series: readonly Scalar[]
  /** value -> times seen, each at least 1 */
  readonly histogram: ReadonlyMap<Scalar, number>
  readonly count: number
  readonly gauge: Scalar
  readonly set: ReadonlySet<Scalar>
}
/** What a cell of a type holds. */
export type CellValue<Type extends TimeseriesType = TimeseriesType> = CellValues[Type]

/** A place inside one interval. */
export interface CellPosition {
  readonly name: string
  readonly bucket: number
  /** 0, without meaning, in an interval without resolution. */
  readonly resolutionBucket: number
}

/** First and last bucket of a range, both included. */
export interface BucketRange {
  readonly first: number
  readonly last: number
}

/** The oldest live bucket of each interval; buckets before it have expired. The only form in which a driver sees "now". */
export type OldestLive = Readonly<Record<string, number>>

/** Which cells to read. */
export interface CellQuery {
  /** At least one, without duplicates. */
  readonly names: readonly string[]
  readonly interval: string
  readonly range: BucketRange
}
