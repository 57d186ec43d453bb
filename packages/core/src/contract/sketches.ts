/**
 * What cells of the types hold that are not in every driver: one that lists a type in its capabilities stores and merges them in this way.
 */
export interface SketchValues {
  /** Numbers of a summary: see SummaryValue. */
  readonly summary: SummaryValue
  /**
   * How many values fell into each bin: as a histogram of valueType `int`, stored and merged like one. Which values a bin covers depends on the
   * accuracy, which is part of the schema's record.
   */
  readonly distribution: ReadonlyMap<number, number>
  /**
   * A HyperLogLog of 2^precision registers. Byte 0 is the form, byte 1 the precision. Form 1: three bytes for each register that is not 0,
   * ascending: its index, two bytes, the higher first, and its rank. Form 2: one byte for each register. Merging keeps the greatest rank of each
   * register; `write` with a change that adds nothing leaves the cell as it is. Form 1 becomes form 2 when that is shorter.
   */
  readonly unique: Uint8Array
}

/** A change has the same shape as a value: one number written at a time is `{ count: 1, sum: value, min: value, … }`. */
export interface SummaryValue {
  /** Added. */
  readonly count: number
  /** Added; a sum that would not be finite is refused, as a count's. */
  readonly sum: number
  /** The least of both. */
  readonly min: number
  /** The greatest of both. */
  readonly max: number
  /** That of the greater `lastAt`; with the same `lastAt`, the change's. */
  readonly last: number
  /** Seconds since the epoch, of the value's timestamp. */
  readonly lastAt: number
}
