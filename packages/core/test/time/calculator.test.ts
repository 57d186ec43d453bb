import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shiftBucket } from '../../src/time/calculator.ts'
import { calculatorOf } from '../../src/time/calculators.ts'
import type { Step } from '../../src/time/step.ts'

// Stores that pack buckets ask about the last integer of a pack, which may not be a bucket (20240299). The answers must never decrease.
describe.each<Step>(['daily', 'weekly', 'monthly', 'yearly', 60])(
  'the calculator of %s, over integers that are not buckets',
  (step) => {
    const { startOf, ordinalOf, bucketAt, isBucket } = calculatorOf(step)
    const integers =
      step === 'daily' ? fc.integer({ min: 10_000, max: 99_991_299 }) : fc.integer({ min: 100, max: 999_999 })

    it('rounds up to the next bucket', () => {
      fc.assert(
        fc.property(integers, (integer) => {
          const next = bucketAt(ordinalOf(integer))
          expect(next).toBeGreaterThanOrEqual(integer)
          expect(isBucket(next)).toBe(true)
          // None was skipped.
          expect(shiftBucket(calculatorOf(step), next, -1)).toBeLessThan(integer)
          expect(isBucket(integer)).toBe(next === integer)
          expect(startOf(integer)).toBe(startOf(next))
        }),
        { numRuns: 2_000 },
      )
    })

    it('never decreases', () => {
      fc.assert(
        fc.property(integers, fc.integer({ min: 1, max: 200 }), (integer, more) => {
          expect(startOf(integer + more)).toBeGreaterThanOrEqual(startOf(integer))
          expect(ordinalOf(integer + more)).toBeGreaterThanOrEqual(ordinalOf(integer))
        }),
        { numRuns: 2_000 },
      )
    })
  },
)

it('clamps nothing: month 0 is January 1, an overflow the next bucket', () => {
  const { bucketAt, ordinalOf } = calculatorOf('daily')
  const rounded = (bucket: number): number => bucketAt(ordinalOf(bucket))
  expect([20_240_005, 20_240_101, 20_240_230, 20_241_232, 20_241_301].map(rounded)).toEqual([
    20_240_101, 20_240_101, 20_240_301, 20_250_101, 20_250_101,
  ])
})
