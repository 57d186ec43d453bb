/** What a bucket of a `summary` holds; null without data. */
export interface Summary {
  /** How many values. */
  count: number
  sum: number
  min: number
  max: number
  /** The value with the latest timestamp; of several, the one that arrived last. */
  last: number
  /** Its timestamp, in Unix seconds. */
  lastAt: number
}

/** A bin of a distribution: how many values lie above `from` and up to `to`; of negative values, from `from` and below `to`. */
export interface DistributionBin {
  from: number
  to: number
  count: number
}

/**
 * How the values of a bucket are distributed: what a `distribution` reads as, even without data. Every value that it returns is within `accuracy`
 * of the true one, relatively: 99 to 101 for 100 with the default of 0.01. Values below 1e-9 in size count as 0.
 * @example `(await times.get('checkout', 'day')).values().next().value.quantile(0.99) // 812.3`
 */
export interface Distribution {
  readonly accuracy: number
  /** How many values: exact. */
  readonly count: number
  /** 0 without data. */
  readonly sum: number
  /** Null without data, as `min` and `max` are. */
  readonly mean: number | null
  readonly min: number | null
  readonly max: number | null
  /**
   * The smallest value for which at least this share of the values, from 0 to 1, is as small or smaller, as the transforms `p0` to `p100` are; null without data.
   * @throws KAIROS_INVALID_CONFIG for a share that is not from 0 to 1
   */
  quantile(q: number): number | null
  /**
   * The share of the values, from 0 to 1, that lie below the bin of `x`: exactly the share below some number within twice `accuracy` of `x`; null without data.
   * @throws KAIROS_INVALID_CONFIG for what is not a number
   */
  shareBelow(x: number): number | null
  /** Those with values, ascending. */
  bins(): DistributionBin[]
  /** For JSON: `{ accuracy, bins }`. */
  toJSON(): object
}

/**
 * An estimate of how many distinct values were written: what your functions get from a `unique`, whose reads otherwise return `count()` itself. The standard
 * error is 1.04 / sqrt(2^precision), 1.6 % with the default precision of 12.
 * @example `await visitors.series('home', 'hour', { collapse: (hours) => [...hours.values()].reduce((all, hour) => all.merge(hour)).count() })`
 */
export interface UniqueSketch {
  readonly precision: number
  /** The estimate, a whole number; 0 without data. */
  count(): number
  /**
   * Another sketch, of the values of both.
   * @throws KAIROS_INVALID_CONFIG for what is not a sketch of the same precision
   */
  merge(other: UniqueSketch): UniqueSketch
  /** For JSON: the estimate. */
  toJSON(): number
}
