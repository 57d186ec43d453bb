import type { CellPosition } from '../../contract/cells.ts'
import type { Interval } from '../../settings.ts'
import type { Spans } from '../../time/calculator.ts'

/** What the cells of an interval are: its resolution buckets, or its buckets where it has none. */
export interface Units extends Spans {
  bucketOf(seconds: number): number
}

export function unitsOf({ buckets, resolution }: Interval): Units {
  return resolution ?? buckets
}

/** The unit that a cell is. */
export function unitOf({ resolution }: Interval, { bucket, resolutionBucket }: CellPosition): number {
  return resolution === null ? bucket : resolution.keyOf(bucket, resolutionBucket)
}
