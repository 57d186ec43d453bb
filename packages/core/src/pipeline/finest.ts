import type { CellPosition } from '../contract/cells.ts'
import type { Interval } from '../settings.ts'
import type { Spans } from '../time/calculator.ts'

/** The finest buckets of an interval, each of which is one cell of a name: its resolution buckets, or its buckets where it has none. */
export interface FinestBuckets extends Spans {
  bucketOf(seconds: number): number
}

/**
 * The finest buckets of an interval.
 * @example `finestOf(interval).startOf(finestOf(interval).bucketOf(90)) // 60`
 */
export function finestOf({ buckets, resolution }: Interval): FinestBuckets {
  return resolution ?? buckets
}

/** The finest bucket that a cell is. */
export function finestBucketOf(
  { resolution }: Interval,
  { bucket, resolutionBucket }: Pick<CellPosition, 'bucket' | 'resolutionBucket'>,
): number {
  return resolution === null ? bucket : resolution.keyOf(bucket, resolutionBucket)
}
