import type { Interval } from '../../settings.ts'

/** Where the last value of an interval went. Values come in runs, so buckets are looked up only when an edge is crossed. */
export interface Cursor {
  low: number
  high: number
  bucket: number
  live: boolean
  resolutionLow: number
  resolutionHigh: number
  resolutionBucket: number
}

export function newCursor(): Cursor {
  return {
    low: Number.POSITIVE_INFINITY,
    high: Number.NEGATIVE_INFINITY,
    bucket: 0,
    live: false,
    resolutionLow: Number.POSITIVE_INFINITY,
    resolutionHigh: Number.NEGATIVE_INFINITY,
    resolutionBucket: 0,
  }
}

export function moveTo(cursor: Cursor, interval: Interval, seconds: number, oldestLive: number): void {
  cursor.bucket = interval.buckets.bucketOf(seconds)
  cursor.low = interval.buckets.startOf(cursor.bucket)
  cursor.high = interval.buckets.endOf(cursor.bucket)
  cursor.live = cursor.bucket >= oldestLive
}

export function moveResolutionTo(
  cursor: Cursor,
  resolution: NonNullable<Interval['resolution']>,
  seconds: number,
): void {
  cursor.resolutionBucket = resolution.bucketOf(seconds)
  cursor.resolutionLow = resolution.startOf(cursor.resolutionBucket)
  cursor.resolutionHigh = resolution.endOf(cursor.resolutionBucket)
}
