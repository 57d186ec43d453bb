import type { BucketRange } from '../contract/cells.ts'
import { KairosError } from '../errors.ts'
import { describe } from '../internal/describe.ts'
import { textOf } from '../internal/text-of.ts'
import { ALWAYS, liveRange } from '../retention.ts'
import type { Interval, Settings } from '../settings.ts'
import { END_OF_TIME, FIRST_MOMENT, toSeconds } from '../time/timestamp.ts'

/**
 * The configured interval of this name.
 * @throws KAIROS_UNKNOWN_INTERVAL
 */
export function intervalOf({ intervals }: Settings, name: unknown): Interval {
  const interval = intervals.find((each) => each.name === name)
  if (interval !== undefined) return interval
  const known = intervals.map((each) => each.name)
  throw new KairosError(
    'KAIROS_UNKNOWN_INTERVAL',
    `interval ${describe(name)} is not configured; known: ${known.join(', ')}`,
    { interval: textOf(name), known },
  )
}

/** A stretch of time in Unix seconds; undefined: without a limit on this side. */
export interface Stretch {
  readonly start: number | undefined
  readonly end: number | undefined
}

/**
 * @throws KAIROS_INVALID_VALUE for what is not a timestamp, KAIROS_INVALID_RANGE for a start after the end
 * @example `stretchOf(new Date(0), undefined) // { start: 0, end: undefined }`
 */
export function stretchOf(start: unknown, end: unknown): Stretch {
  const stretch = {
    start: start === undefined ? undefined : toSeconds(start),
    end: end === undefined ? undefined : toSeconds(end),
  }
  if (stretch.start !== undefined && stretch.end !== undefined && stretch.start > stretch.end) {
    throw new KairosError(
      'KAIROS_INVALID_RANGE',
      `start must be at or before end (${describe(end)}), not ${describe(start)}`,
      { start: stretch.start, end: stretch.end },
    )
  }
  return stretch
}

/**
 * From the bucket that holds the start to the one that holds the end.
 * @example `bucketsWithin(minute, { start: 90, end: 180 }) // { first: 1, last: 3 }`
 */
export function bucketsWithin(interval: Interval, { start, end }: Stretch): BucketRange {
  const { first, last } = liveRange(interval, ALWAYS)
  return {
    first: start === undefined ? first : interval.buckets.bucketOf(start),
    last: end === undefined ? last : interval.buckets.bucketOf(end),
  }
}

/**
 * From the first second of the first bucket to the last second of the last one.
 * @example `momentsWithin(minute, { first: 1, last: 3 }) // { start: 60, end: 239 }`
 */
export function momentsWithin(
  { buckets }: Interval,
  { first, last }: BucketRange,
): { readonly start: number; readonly end: number } {
  return {
    start: Math.max(buckets.startOf(first), FIRST_MOMENT),
    end: Math.min(buckets.endOf(last), END_OF_TIME) - 1,
  }
}
