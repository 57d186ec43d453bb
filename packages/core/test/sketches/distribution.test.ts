import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Bins } from '../../src/sketches/bins.ts'
import { BinnedDistribution } from '../../src/sketches/distribution.ts'
import { failureOf } from '../support/failure.ts'

/** Its declarations need those of protobufjs, which it does not install. */
const require = createRequire(import.meta.url)
const { DDSketch } = require('@datadog/sketches-js') as {
  readonly DDSketch: new (options: {
    readonly relativeAccuracy: number
  }) => { readonly mapping: { key(value: number): number; value(key: number): number } }
}

const long = process.env.KAIROS_TEST_SIZE === 'long'
const accuracies = fc.constantFrom(0.001, 0.005, 0.01, 0.02, 0.1)
/** Of all sizes. */
const positive = fc
  .tuple(fc.double({ min: 1, max: 10, noNaN: true }), fc.integer({ min: -9, max: 307 }))
  .map(([digits, exponent]) => digits * 10 ** exponent)

function distributionOf(values: readonly number[], accuracy = 0.01): BinnedDistribution {
  const bins = new Bins(accuracy)
  const counts = new Map<number, number>()
  for (const value of values) counts.set(bins.binOf(value), (counts.get(bins.binOf(value)) ?? 0) + 1)
  return new BinnedDistribution(counts, bins)
}

/** Of values one by one, as `p…` of a series. */
function exactQuantile(sorted: readonly number[], [numerator, denominator]: readonly [number, number]): number {
  return sorted[Math.max(1, Math.ceil((numerator * sorted.length) / denominator)) - 1]!
}

function within(found: number | null, value: number, accuracy: number): boolean {
  return Math.abs(found! - value) <= Math.abs(value) * accuracy * (1 + 1e-9) + 1e-9
}

describe('bins', () => {
  it('are those of @datadog/sketches-js', () => {
    fc.assert(
      fc.property(accuracies, positive, (accuracy, value) => {
        const bins = new Bins(accuracy)
        const { mapping } = new DDSketch({ relativeAccuracy: accuracy })
        const key = mapping.key(value)
        expect(bins.binOf(value)).toBe(key + 2 ** 14)
        expect(bins.binOf(-value)).toBe(-(key + 2 ** 14))
        expect(bins.valueOf(key + 2 ** 14) / mapping.value(key)).toBeCloseTo(1, 9)
      }),
      { numRuns: long ? 20_000 : 1_000 },
    )
  })

  it('are in the order of their values, and each value is within the accuracy of its bin', () => {
    fc.assert(
      fc.property(accuracies, positive, positive, fc.boolean(), (accuracy, one, size, isNegative) => {
        const bins = new Bins(accuracy)
        const other = isNegative ? -size : size
        expect(Math.sign(bins.binOf(one) - bins.binOf(other)) * Math.sign(one - other)).toBeGreaterThanOrEqual(0)
        expect(within(bins.valueOf(bins.binOf(other)), other, accuracy)).toBe(true)
      }),
      { numRuns: long ? 20_000 : 1_000 },
    )
  })

  it('take the smallest and the largest numbers', () => {
    for (const accuracy of [0.001, 0.01, 0.1]) {
      const bins = new Bins(accuracy)
      expect(bins.binOf(0)).toBe(0)
      expect(bins.binOf(-0)).toBe(0)
      expect(bins.binOf(9.999e-10)).toBe(0)
      expect(bins.binOf(1e-9)).toBeGreaterThan(0)
      expect(within(bins.valueOf(bins.binOf(Number.MAX_VALUE)), Number.MAX_VALUE, accuracy)).toBe(true)
      expect(within(bins.valueOf(bins.binOf(-Number.MAX_VALUE)), -Number.MAX_VALUE, accuracy)).toBe(true)
    }
    expect(new Bins(0.01).binOf(Number.MAX_VALUE)).toBe(16_384 + 35_488)
    expect(new Bins(0.01).binOf(1)).toBe(16_384)
  })
})

describe('a distribution', () => {
  it('has quantiles within its accuracy, at the ranks that percentiles of a series have', () => {
    const mixes = fc.array(
      fc.oneof(
        positive,
        positive.map((value) => -value),
        fc.constant(0),
        fc.integer({ min: 1, max: 5 }),
      ),
      {
        minLength: 1,
        maxLength: 300,
      },
    )
    fc.assert(
      fc.property(mixes, accuracies, (values, accuracy) => {
        const distribution = distributionOf(values, accuracy)
        const sorted = [...values].sort((a, b) => a - b)
        for (const share of [
          [0, 1],
          [1, 100],
          [7, 100],
          [1, 2],
          [9, 10],
          [99, 100],
          [999, 1_000],
          [1, 1],
        ] as const) {
          const found = distribution.quantile(share[0] / share[1])
          expect(within(found, exactQuantile(sorted, share), accuracy)).toBe(true)
        }
        expect(within(distribution.min, sorted[0]!, accuracy)).toBe(true)
        expect(within(distribution.max, sorted.at(-1)!, accuracy)).toBe(true)
        expect(distribution.count).toBe(values.length)
      }),
      { numRuns: long ? 1_000 : 100 },
    )
  })

  it('sums and means within its accuracy, without overflow on the way', () => {
    const values = Array.from({ length: 1_000 }, (_, index) => index + 1)
    expect(within(distributionOf(values).sum, 500_500, 0.01)).toBe(true)
    expect(within(distributionOf(values).mean, 500.5, 0.01)).toBe(true)
    const large = distributionOf([1.5e308, 1.5e308, 1.5e308])
    expect(large.sum).toBe(Number.POSITIVE_INFINITY)
    expect(within(large.mean, 1.5e308, 0.01)).toBe(true)
  })

  it('knows the share below a number', () => {
    const distribution = distributionOf([100, 200, 200, 300])
    expect([50, 150, 200, 250, 400].map((x) => distribution.shareBelow(x))).toEqual([0, 0.25, 0.25, 0.75, 1])
    expect(distributionOf([-5, 0, 5]).shareBelow(0)).toBeCloseTo(1 / 3)
    expect(distribution.shareBelow(Number.POSITIVE_INFINITY)).toBe(1)
    expect(distribution.shareBelow(Number.NEGATIVE_INFINITY)).toBe(0)
  })

  it('shows its bins, and is JSON', () => {
    const distribution = distributionOf([-1, 0, 0, 1, 1.001])
    const bins = distribution.bins()
    expect(bins.map(({ count }) => count)).toEqual([1, 2, 1, 1])
    expect(bins[2]).toEqual({ from: 0.9801980198019802, to: 1, count: 1 })
    expect(bins[0]).toEqual({ from: -1, to: -0.9801980198019802, count: 1 })
    expect(JSON.parse(JSON.stringify(distribution))).toEqual({ accuracy: 0.01, bins })
  })

  it('is empty without data', () => {
    const { count, sum, mean, min, max } = distributionOf([])
    expect({ count, sum, mean, min, max }).toEqual({ count: 0, sum: 0, mean: null, min: null, max: null })
    expect(distributionOf([]).quantile(0.5)).toBeNull()
    expect(distributionOf([]).shareBelow(1)).toBeNull()
    expect(distributionOf([]).bins()).toEqual([])
  })

  it.each([-0.1, 1.1, Number.NaN, '0.5', undefined])('refuses a share of %s', async (q) => {
    const error = await failureOf(() => distributionOf([1]).quantile(q as number), 'KAIROS_INVALID_CONFIG')
    expect(error.path).toBe('q')
  })
})
