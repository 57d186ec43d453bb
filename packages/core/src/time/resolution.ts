import type { Calculator, Spans } from './calculator.ts'

/**
 * The resolution buckets of an interval. Core numbers them so that a number is unique in the interval and ascends with time; stores know them by a number
 * that only together with its bucket is unique.
 */
export interface Resolution extends Spans {
  /** Of a moment in Unix seconds. */
  bucketOf(seconds: number): number
  /** As stores know it. */
  stored(bucket: number, key: number): number
  /** The number that a stored one stands for. */
  keyOf(bucket: number, stored: number): number
}

/** Resolution buckets that are buckets of a step of their own, and nest in those of the interval. */
export function nestedResolution(calculator: Calculator): Resolution {
  return {
    bucketOf: (seconds) => calculator.bucketOf(seconds),
    startOf: (key) => calculator.startOf(key),
    endOf: (key) => calculator.endOf(key),
    stored: (_bucket, key) => key,
    keyOf: (_bucket, stored) => stored,
  }
}

/**
 * Resolution buckets of `step` seconds that are counted from the start of each bucket, the last of which may be shorter: an hour that occurs twice
 * in a night is two of them. Stores number them from 0; core by their starts.
 */
export function localResolution(buckets: Calculator, step: number): Resolution {
  return {
    bucketOf(seconds) {
      const start = buckets.startOf(buckets.bucketOf(seconds))
      return start + Math.floor((Math.floor(seconds) - start) / step) * step
    },
    startOf: (key) => key,
    endOf: (key) => Math.min(key + step, buckets.endOf(buckets.bucketOf(key))),
    stored: (bucket, key) => (key - buckets.startOf(bucket)) / step,
    keyOf(bucket, stored) {
      const start = buckets.startOf(bucket)
      // Written when the zone had other rules: what the day no longer has belongs to its end.
      const last = Math.ceil((buckets.endOf(bucket) - start) / step) - 1
      return start + Math.min(stored, last) * step
    },
  }
}
