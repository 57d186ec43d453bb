/** When buckets begin and end, in Unix seconds. */
export interface Spans {
  /** For an integer that is not a bucket, the start of the next one. */
  startOf(bucket: number): number
  /** The start of the next bucket. */
  endOf(bucket: number): number
}

/**
 * The arithmetic of one kind of bucket, total over all integers and without checks: `Bucketing` and the pipeline check before they call.
 * Ordinals number the buckets without gaps, in the order of time, so that shifting and counting are plain arithmetic; a relative bucket is
 * its own ordinal, a calendar bucket reads as a date (20240229).
 */
export interface Calculator extends Spans {
  /** The bucket that holds the moment, in Unix seconds. */
  bucketOf(seconds: number): number
  /** The ordinal of the first bucket that is not smaller than `bucket`, which may be an integer that is not a bucket (20240299, 20240005). */
  ordinalOf(bucket: number): number
  bucketAt(ordinal: number): number
  isBucket(bucket: number): boolean
}

export function shiftBucket(calculator: Calculator, bucket: number, steps: number): number {
  return steps === 0 ? bucket : calculator.bucketAt(calculator.ordinalOf(bucket) + steps)
}
