import type { CellQuery, CellValue, Scalar, TimeseriesType } from './values.ts'

/**
 * What a merged cell is returned as. `value`: the type's own merge of the cells: counts added, histograms and distributions added by value, sets and uniques
 * united, summaries as SummaryValue says. `size`: only how many values that has: the distinct values of a set, the values of a series. `stats`: of a series, its
 * SeriesStats.
 */
export type MergeResult = 'value' | 'size' | 'stats'

/** By type, the results that the store computes itself, exactly as core does, when that is cheaper than sending the cells. */
export type MergeCapabilities = { readonly [Type in TimeseriesType]?: readonly MergeResult[] }

/** Which buckets become one. */
export type BucketGroups =
  /** `size` consecutive bucket numbers, the first group beginning at `from`; of size 1: each bucket by itself. */
  | { readonly size: number; readonly from: number }
  /** From each of these buckets, ascending, until before the next; the first is at most the range's first. */
  | { readonly starts: readonly number[] }

/** Which cells to merge, and into what. */
export interface MergeQuery extends CellQuery {
  readonly result: MergeResult
  readonly groups: BucketGroups
  /** Whether each name stays by itself; else all names are joined. */
  readonly split: boolean
  /** Whether each resolution bucket stays by itself, which only goes with groups of size 1; else they are condensed. */
  readonly resolution: boolean
}

/** What a series holds, without its values. */
export interface SeriesStats {
  readonly count: number
  /** Exact: a store that cannot add without rounding says null for the whole query. */
  readonly sum: number
  readonly min: Scalar
  readonly max: Scalar
}

/** The cells of a group, merged. A group without cells is left out. */
export interface MergedCell {
  /** With `split`; else empty. */
  readonly name: string
  /** The first bucket of the group. */
  readonly bucket: number
  /** With `resolution`; else 0. */
  readonly resolutionBucket: number
  readonly value: CellValue | SeriesStats
}
