import type { IntervalSchema, StoreSchema, TimeseriesType } from '@kairos/core/driver'
import { expiryOf } from './expiry.ts'

/** How many buckets a document of counts or gauges holds: writes are 8 times as fast as with one document for each bucket (docs/decisions/0040). */
export const BUCKETS_A_DOCUMENT = 60

/** Where a cell's document is in its interval, and where the cell is in the document. */
interface Place {
  readonly i: number
  readonly r: number
  readonly offset: number
}

/** An interval, as its documents are laid out. */
export interface OpenInterval {
  /** The field `interval` of its documents. */
  readonly key: string
  /** How many interval buckets share one `i`, which is `bucket / pack`, rounded down. */
  readonly pack: number
  placeOf(bucket: number, resolutionBucket: number): Place
  /** The inverse. */
  bucketAt(i: number, offset: number): number
  resolutionBucketAt(i: number, r: number, offset: number): number
  /** When documents of this `i` expire. */
  expireAt(i: number): Date
}

/** How many cells one document of this schema may hold; 1 if a value or a cell may be large. */
export function widthOf({ type, valueType }: Pick<StoreSchema<TimeseriesType>, 'type' | 'valueType'>): number {
  const packed =
    type === 'count' || type === 'summary' || (type === 'gauge' && valueType !== 'text' && valueType !== 'blob')
  return packed ? BUCKETS_A_DOCUMENT : 1
}

/** How many interval buckets share one `i`. An interval with a resolution packs the resolution buckets of one bucket instead. */
export function packOf({ hasResolution }: IntervalSchema, width: number): number {
  return hasResolution ? 1 : width
}

export function openInterval(schema: IntervalSchema, key: string, width: number): OpenInterval {
  const pack = packOf(schema, width)
  const firstOf = lastAsked((bucket) => schema.resolutionRange(bucket).first)
  const expireAt = lastAsked((i) => expiryOf(schema, i, pack))
  return schema.hasResolution
    ? {
        key,
        pack,
        placeOf(bucket, resolutionBucket) {
          const inside = resolutionBucket - firstOf(bucket)
          const r = Math.floor(inside / width)
          return { i: bucket, r, offset: inside - r * width }
        },
        bucketAt: (i) => i,
        resolutionBucketAt: (i, r, offset) => firstOf(i) + r * width + offset,
        expireAt,
      }
    : {
        key,
        pack,
        placeOf(bucket) {
          const i = Math.floor(bucket / pack)
          return { i, r: 0, offset: bucket - i * pack }
        },
        bucketAt: (i, offset) => i * pack + offset,
        resolutionBucketAt: () => 0,
        expireAt,
      }
}

/** Cells come bucket by bucket, so the last answer is usually needed again. */
function lastAsked<T>(compute: (bucket: number) => T): (bucket: number) => T {
  let asked: number | undefined
  let answer: T
  return (bucket) => {
    if (bucket !== asked) {
      answer = compute(bucket)
      asked = bucket
    }
    return answer
  }
}
