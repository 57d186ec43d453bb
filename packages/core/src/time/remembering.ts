import { setBounded } from './bounded.ts'
import type { Calculator } from './calculator.ts'

/** When a bucket begins and ends. */
interface Bounds {
  readonly bucket: number
  readonly start: number
  readonly end: number
}

/** Nearly three years of days: some 150 bytes each. */
const MOST_BOUNDS = 1_024
const SECONDS_IN_DAY = 86_400

/**
 * The same calculator, which remembers when buckets begin and end. In a zone that must be looked up, and most calls are about buckets that others
 * were about: a read asks for each cell, and again for each entry of its result.
 */
export function remembering(calculator: Calculator): Calculator {
  let last: Bounds = { bucket: Number.NaN, start: 0, end: 0 }
  const byBucket = new Map<number, Bounds>()
  /** The one that held the last moment of each day of UTC. */
  const byDay = new Map<number, Bounds>()

  function boundsOf(bucket: number): Bounds {
    if (bucket === last.bucket) return last
    const bounds = byBucket.get(bucket) ?? lookUp(bucket)
    // Only of a bucket, since `bucketOf` may return it.
    if (bounds.bucket === bucket) last = bounds
    return bounds
  }

  function lookUp(bucket: number): Bounds {
    const bounds = { bucket, start: calculator.startOf(bucket), end: calculator.endOf(bucket) }
    if (!calculator.isBucket(bucket)) return { ...bounds, bucket: Number.NaN }
    setBounded(byBucket, MOST_BOUNDS, bucket, bounds)
    return bounds
  }

  return {
    ...calculator,
    bucketOf(seconds) {
      if (seconds >= last.start && seconds < last.end) return last.bucket
      const day = Math.floor(seconds / SECONDS_IN_DAY)
      const near = byDay.get(day)
      if (near !== undefined && seconds >= near.start && seconds < near.end) last = near
      else setBounded(byDay, MOST_BOUNDS, day, boundsOf(calculator.bucketOf(seconds)))
      return last.bucket
    },
    startOf: (bucket) => boundsOf(bucket).start,
    endOf: (bucket) => boundsOf(bucket).end,
  }
}
