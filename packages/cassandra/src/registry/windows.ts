import type { BucketRange, IntervalSchema } from '@kairos/core/driver'

/** Maximum number of cells in a partition. From 256 to 4,096, reads cost the same; a partition of counts has this many rows times the number of writers. */
const WINDOW_CELLS = 1_024

/** Some of a name's cells in one interval: the content of a partition. */
export interface Window {
  /** The number of a run of buckets; the bucket itself if one bucket fills a window. */
  readonly win: number
  /** Which piece of the bucket, if a single bucket holds more cells than a window; else 0. */
  readonly sub: number
  /** Which part, in order of arrival, if the cells of a window hold very many values; else 0. */
  readonly part: number
}

/** How the cells of an interval are spread over windows. Constant for its record. */
export interface Windowing {
  /** The window of a cell, as its first part. */
  of(bucket: number, resolutionBucket: number): Window
  /** First and last `win` of a range of buckets. */
  range(buckets: BucketRange): BucketRange
  /** The smallest integer that is a bucket of the window. */
  firstBucket(win: number): number
  /** The largest integer that is a bucket of the window. */
  lastBucket(win: number): number
  /** Whether a bucket may be spread over several windows: then only the registry knows which exist. */
  readonly divided: boolean
}

/** A window in the key of its partition, after the interval's key: `minute 29224`, or `second 20260101.3.0`. */
export function windowName(interval: string, { win, sub, part }: Window): string {
  // The interval's key may contain spaces, but numbers do not: the last space ends it.
  return sub === 0 && part === 0 ? `${interval} ${win}` : `${interval} ${win}.${sub}.${part}`
}

/** The windows of an interval. */
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
    firstBucket: (win) => win * span,
    lastBucket: (win) => win * span + span - 1,
    divided,
  }
}
