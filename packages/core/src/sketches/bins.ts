/** Smaller values count as 0. */
const SMALLEST = 1e-9
/** Added to the index of a value's bin: more than the bins between 1 and SMALLEST at any accuracy. */
const OFFSET = 2 ** 14

/** The bin of the largest number at the least accuracy. */
const LAST = 2 ** 19

/** Whether it is one at some accuracy. */
export function isBin(bin: unknown): bin is number {
  return Number.isInteger(bin) && Math.abs(bin as number) < LAST
}

/**
 * The bins of a DDSketch (C. Masson, J. E. Rim, H. K. Lee, VLDB 2019): the bin of a value is part of the format of `distribution`. Bin 0 is zero; bins are in
 * the order of their values. Bin k + 2^14 covers the numbers above gamma^(k - 1) up to gamma^k, gamma being (1 + accuracy) / (1 - accuracy), and bin
 * -(k + 2^14) their negatives. The numbers k are those of other implementations with a logarithmic mapping.
 */
export class Bins {
  readonly accuracy: number
  readonly #gamma: number
  /** Indexes per factor of 2. */
  readonly #density: number

  constructor(accuracy: number) {
    const excess = (2 * accuracy) / (1 - accuracy)
    this.accuracy = accuracy
    this.#gamma = 1 + excess
    this.#density = Math.LN2 / Math.log1p(excess)
  }

  binOf(value: number): number {
    const size = Math.abs(value)
    if (size < SMALLEST) return 0
    const bin = Math.ceil(Math.log2(size) * this.#density) + OFFSET
    return value < 0 ? -bin : bin
  }

  /** The number that is within `accuracy` of all that a bin covers. */
  valueOf(bin: number): number {
    return this.#at(bin, 0, 2 / (1 + this.#gamma))
  }

  /** Its limits: what is above `from` and at most `to`, or, of negatives, from `from` and below `to`. */
  limitsOf(bin: number): readonly [from: number, to: number] {
    if (bin === 0) return [-SMALLEST, SMALLEST]
    return bin > 0 ? [this.#at(bin, 1, 1), this.#at(bin, 0, 1)] : [this.#at(bin, 0, 1), this.#at(bin, 1, 1)]
  }

  #at(bin: number, below: number, factor: number): number {
    if (bin === 0) return 0
    const size = 2 ** ((Math.abs(bin) - OFFSET - below) / this.#density) * factor
    // Of the largest numbers the bin reaches further than doubles do.
    return Math.sign(bin) * Math.min(size, Number.MAX_VALUE)
  }
}
