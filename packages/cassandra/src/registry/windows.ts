import type { BucketRange, IntervalSchema } from '@kairos/core/driver'

/** Cells to a partition, at most: from 256 to 4,096 reads cost the same, and a partition of counts stays at this many rows times the writers. */
const WINDOW_CELLS = 1_024

/** A piece of a name's cells in one interval: what one partition holds. */
export interface Window {
  /** Where buckets are coarser than a window's cells: so many buckets together; else the bucket. */
  readonly win: number
  /** 0, or where a single bucket holds more cells than a window: which of its pieces. */
  readonly sub: number
  /** 0, or where a window's cells hold very many values: which of its parts, in order of arrival. */
  readonly part: number
}

/** How an interval's cells are spread over windows; constant for its record. */
export interface Windowing {
  /** The window of a cell, before it has parts. */
  of(bucket: number, resolutionBucket: number): Window
  /** First and last `win` of a range of buckets. */
  range(buckets: BucketRange): BucketRange
  /** The last integer that is a bucket of this window. */
  lastBucket(win: number): number
  /** Whether a bucket may lie in several windows: then only the registry tells which there are. */
  readonly divided: boolean
}

/** A window as the key of its partition spells it, behind the interval's own key: `minute 29224`, or `second 20260101.3.0`. */
export function windowName(interval: string, { win, sub, part }: Window): string {
  // Numbers hold no blank: the last one ends the interval's key, whatever that is.
  return sub === 0 && part === 0 ? `${interval} ${win}` : `${interval} ${win}.${sub}.${part}`
}

export function windowingOf({ fanOut }: Pick<IntervalSchema, 'fanOut'>): Windowing {
  const span = Math.max(1, Math.floor(WINDOW_CELLS / fanOut))
  const divided = fanOut > WINDOW_CELLS
  return {
    of: (bucket, resolutionBucket) => ({
      win: Math.floor(bucket / span),
      sub: divided ? Math.floor(resolutionBucket / WINDOW_CELLS) : 0,
      part: 0,
    }),
    range: ({ first, last }) => ({ first: Math.floor(first / span), last: Math.floor(last / span) }),
    lastBucket: (win) => win * span + span - 1,
    divided,
  }
}
