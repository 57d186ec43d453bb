import type { Calculator } from './calculator.ts'

/**
 * The same calculator, which remembers the bucket of the last moment. Where buckets begin must be looked up in a zone, and most calls are about the
 * bucket of the call before: its bounds, and those of its resolution buckets.
 */
export function remembering(calculator: Calculator): Calculator {
  const { bucketOf, startOf, endOf } = calculator
  let known = Number.NaN
  let start = 0
  let end = 0
  return {
    ...calculator,
    bucketOf(seconds) {
      if (seconds >= start && seconds < end) return known
      const bucket = bucketOf(seconds)
      start = startOf(bucket)
      end = endOf(bucket)
      known = bucket
      return bucket
    },
    startOf: (bucket) => (bucket === known ? start : startOf(bucket)),
    endOf: (bucket) => (bucket === known ? end : endOf(bucket)),
  }
}
