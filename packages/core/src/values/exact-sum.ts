import { KairosError } from '../errors.ts'

/** From here on a double joins the sum divided by SCALE, so that no step on the way to a sum overflows. */
const LARGE = 2 ** 900
/** A power of two, so that it rounds nothing. */
const SCALE = 2 ** 200
/** Of a double of 53 bits it makes two of 26 (T. J. Dekker, 1971). */
const SPLITTER = 2 ** 27 + 1

/**
 * Adds doubles exactly and rounds once, at the end: the sum of the same numbers is the same in any order, however large an intermediate sum.
 * Costs a few additions per number while two doubles can hold the sum, as they can for whole numbers and most others.
 */
export class ExactSum {
  /** The sum is both together, while there are no partials. */
  #high = 0
  #low = 0
  /** Once two doubles cannot hold the sum: doubles that do not overlap, smallest first. */
  #partials: number[] | undefined
  /** The same for large numbers, divided by SCALE. */
  #large: number[] | undefined
  /** The sum of what is not finite: Infinity, -Infinity, NaN. */
  #unbounded = 0

  add(value: number): void {
    if (Math.abs(value) < LARGE) this.#addSmall(value)
    else if (Number.isFinite(value)) this.#addLarge(value / SCALE)
    else this.#unbounded += value
  }

  /** Adds `value` `times` times, which may be a fraction. */
  addTimes(value: number, times: number): void {
    const product = value * times
    // A product of fractions may be rounded to a whole number.
    if (Number.isSafeInteger(value) && Number.isSafeInteger(times) && Number.isSafeInteger(product)) this.add(product)
    else if (Number.isNaN(product) || !Number.isFinite(value) || !Number.isFinite(times)) this.#unbounded += product
    else if (Math.abs(product) < LARGE) for (const part of exactProduct(value, times)) this.#addSmall(part)
    else if (Math.abs(value) >= Math.abs(times)) {
      for (const part of exactProduct(value / SCALE, times)) this.#addLarge(part)
    } else for (const part of exactProduct(value, times / SCALE)) this.#addLarge(part)
  }

  /** The sum, rounded to a double as one addition would be; infinite if it overflows. */
  get total(): number {
    if (this.#unbounded !== 0) return this.#unbounded
    if (this.#partials === undefined && this.#large === undefined) return this.#high + this.#low
    const small = this.#partials ?? [this.#low, this.#high]
    if (this.#large === undefined || this.#large.length === 0) return rounded(small)
    const all = [...this.#large]
    for (const partial of small) grow(all, divided(partial))
    return rounded(all) * SCALE
  }

  /**
   * The total, which must be finite if each number was.
   * @throws KAIROS_INVALID_VALUE
   */
  get finiteTotal(): number {
    const { total } = this
    if (Number.isFinite(total) || this.#unbounded !== 0) return total
    throw new KairosError('KAIROS_INVALID_VALUE', 'the sum is larger than a number can hold', {
      value: total,
    })
  }

  /** Source of the error of an addition: D. E. Knuth, 1969. */
  #addSmall(value: number): void {
    if (this.#partials !== undefined) {
      grow(this.#partials, value)
      return
    }
    const high = this.#high
    const sum = high + value
    const added = sum - high
    const error = high - (sum - added) + (value - added)
    if (error !== 0) {
      const low = this.#low + error
      if (low - error !== this.#low || low - this.#low !== error) {
        this.#partials = []
        for (const part of [this.#low, high, value]) grow(this.#partials, part)
        return
      }
      this.#low = low
    }
    this.#high = sum
  }

  #addLarge(value: number): void {
    this.#large ??= []
    grow(this.#large, value)
  }
}

/** The sum of all, rounded once. */
export function exactSum(values: Iterable<number>): number {
  const sum = new ExactSum()
  for (const value of values) sum.add(value)
  return sum.total
}

/** Adds a number to doubles that do not overlap. Source: J. R. Shewchuk, 1997; M. Hettinger, recipe of `fsum`. */
function grow(partials: number[], value: number): void {
  let rest = value
  let kept = 0
  for (let index = 0; index < partials.length; index++) {
    let small = partials[index]!
    let large = rest
    if (Math.abs(large) < Math.abs(small)) [large, small] = [small, large]
    const sum = large + small
    const error = small - (sum - large)
    if (error !== 0) partials[kept++] = error
    rest = sum
  }
  partials.length = kept
  if (rest !== 0) partials.push(rest)
}

/** The double nearest to the sum of doubles that do not overlap; of two equally near, the even one. */
function rounded(partials: readonly number[]): number {
  let index = partials.length - 1
  if (index < 0) return 0
  let sum = partials[index]!
  let error = 0
  while (index > 0 && error === 0) {
    const large = sum
    const small = partials[--index]!
    sum = large + small
    error = small - (sum - large)
  }
  // Halfway so far: what is below decides.
  if (index > 0 && error < 0 === partials[index - 1]! < 0) {
    const twice = error * 2
    const next = sum + twice
    if (twice === next - sum) return next
  }
  return sum
}

/** Divided by SCALE; a value too small for that still decides on which side of a half the sum lies. */
function divided(partial: number): number {
  const scaled = partial / SCALE
  return scaled === 0 ? Math.sign(partial) * Number.MIN_VALUE : scaled
}

/** A product as the nearest double and the exact remainder. Source: T. J. Dekker, 1971. */
function exactProduct(a: number, b: number): readonly [number, number] {
  const product = a * b
  const [aHigh, aLow] = halves(a)
  const [bHigh, bLow] = halves(b)
  return [product, aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow)]
}

function halves(value: number): readonly [number, number] {
  const spread = value * SPLITTER
  const high = spread - (spread - value)
  return [high, value - high]
}
