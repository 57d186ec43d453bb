import type { Calculator } from './calculator.ts'

/** Buckets of a fixed length, counted from the epoch. */
export function relativeCalculator(step: number): Calculator {
  return {
    // The inner floor: a quotient just below an integer would round up otherwise.
    bucketOf: (seconds) => Math.floor(Math.floor(seconds) / step),
    startOf: (bucket) => bucket * step,
    endOf: (bucket) => (bucket + 1) * step,
    ordinalOf: (bucket) => bucket,
    bucketAt: (ordinal) => ordinal,
    isBucket: Number.isInteger,
  }
}
