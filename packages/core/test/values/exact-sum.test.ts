import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ExactSum, exactSum } from '../../src/values/exact-sum.ts'

/** Every finite double is a whole number of these. */
const UNIT = 1_074n

/** A double in units of 2^-1074, exactly. */
function unitsOf(value: number): bigint {
  const bits = new DataView(new ArrayBuffer(8))
  bits.setFloat64(0, value)
  const word = bits.getBigUint64(0)
  const exponent = (word >> 52n) & 0x7ffn
  const fraction = word & 0xfffffffffffffn
  const units = exponent === 0n ? fraction : (fraction | (1n << 52n)) << (exponent - 1n)
  return word >> 63n === 1n ? -units : units
}

/** The double nearest to this many units; of two equally near, the even one. */
function doubleOf(units: bigint): number {
  if (units < 0n) return -doubleOf(-units)
  const excess = BigInt(units.toString(2).length - 53)
  if (excess <= 0n) return Number(units) * Number.MIN_VALUE
  const half = 1n << (excess - 1n)
  const rest = units & ((1n << excess) - 1n)
  let kept = units >> excess
  if (rest > half || (rest === half && (kept & 1n) === 1n)) kept++
  // In two steps, since 2^(excess - 1074) may be subnormal even if the result is not.
  const power = Number(excess - UNIT)
  return Number(kept) * 2 ** Math.trunc(power / 2) * 2 ** (power - Math.trunc(power / 2))
}

const finite = fc.double({ noNaN: true, noDefaultInfinity: true })
const near = fc.oneof(finite, fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.maxSafeInteger())

describe('the exact sum', () => {
  it('is the double next to what the numbers add up to', () => {
    fc.assert(
      fc.property(fc.array(near, { maxLength: 40 }), (values) => {
        const exact = doubleOf(values.reduce((sum, value) => sum + unitsOf(value), 0n))
        expect(exactSum(values)).toBe(exact + 0)
      }),
      { numRuns: 2_000 },
    )
  })

  it('of values that count several times is that of their products', () => {
    const times = fc.oneof(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }))
    fc.assert(
      fc.property(fc.array(fc.tuple(near, times), { maxLength: 20 }), (pairs) => {
        const sum = new ExactSum()
        for (const [value, count] of pairs) sum.addTimes(value, count)
        const exact = pairs.reduce((total, [value, count]) => total + unitsOf(value) * BigInt(count), 0n)
        expect(sum.total).toBe(doubleOf(exact) + 0)
      }),
      { numRuns: 2_000 },
    )
  })

  it('of a value that counts a fraction of times is exact as well', () => {
    const sum = new ExactSum()
    sum.addTimes(1e15, 0.1)
    sum.add(-1e14)
    // What 0.1 is more than a tenth.
    expect(sum.total).toBe(0.005551115123125783)
  })

  it('shows no order, and nothing that was large on the way', () => {
    expect(exactSum([0.1, 0.2, 0.3])).toBe(exactSum([0.3, 0.2, 0.1]))
    expect(exactSum(new Array(70).fill(0.4))).toBe(28)
    expect(exactSum([1e308, 1e308, 1, -1e308, -1e308])).toBe(1)
    expect(exactSum([1e16, 1, -1e16])).toBe(1)
    expect(exactSum([])).toBe(0)
  })

  it('overflows only where the sum does', () => {
    expect(exactSum([Number.MAX_VALUE, Number.MAX_VALUE])).toBe(Number.POSITIVE_INFINITY)
    expect(exactSum([-1e308, -1e308])).toBe(Number.NEGATIVE_INFINITY)
    expect(exactSum([Number.MAX_VALUE, 2 ** 969])).toBe(Number.MAX_VALUE)
    expect(exactSum([Number.MAX_VALUE, 2 ** 970])).toBe(Number.POSITIVE_INFINITY)
  })

  it('of an infinity is infinite, of two that differ no number', () => {
    expect(exactSum([1, Number.POSITIVE_INFINITY, 0.5])).toBe(Number.POSITIVE_INFINITY)
    expect(exactSum([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])).toBeNaN()
    const sum = new ExactSum()
    sum.addTimes(Number.POSITIVE_INFINITY, 3)
    expect(sum.total).toBe(Number.POSITIVE_INFINITY)
  })

  it('may be asked for between two additions', () => {
    const sum = new ExactSum()
    sum.add(0.5)
    expect(sum.total).toBe(0.5)
    sum.add(1e300)
    expect(sum.total).toBe(1e300)
    sum.add(-1e300)
    expect(sum.total).toBe(0.5)
  })
})
