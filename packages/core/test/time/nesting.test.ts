import { describe, expect, it } from 'vitest'
import { calculatorOf } from '../../src/time/calculators.ts'
import { fanOut } from '../../src/time/nesting.ts'
import { parseStep, type Step } from '../../src/time/step.ts'

const NESTING: readonly [step: number | string, resolution: number | string, most: number][] = [
  [3_600, 60, 60],
  ['1d', '1h', 24],
  ['daily', 3_600, 24],
  ['weekly', 86_400, 7],
  ['monthly', 3_600, 744],
  ['yearly', 1, 31_622_400],
  ['7d', 'daily', 7],
  ['weekly', 'daily', 7],
  ['monthly', 'daily', 31],
  ['yearly', 'daily', 366],
  ['yearly', 'weekly', 54],
  ['yearly', 'monthly', 12],
  ['yearly', 'quarterly', 4],
  ['quarterly', 'monthly', 3],
  ['quarterly', 'daily', 92],
  ['iso-weekly', 'daily', 7],
  ['iso-weekly', 3_600, 168],
]

const OTHERS: readonly [step: number | string, resolution: number | string][] = [
  [60, 60],
  [60, 7],
  [60, 3_600],
  ['daily', 86_400],
  ['daily', 'daily'],
  [86_400, 'daily'],
  ['36h', 'daily'],
  ['weekly', 604_800],
  ['monthly', 'weekly'],
  ['yearly', 'iso-weekly'],
  ['quarterly', 'weekly'],
  ['weekly', 'monthly'],
  ['monthly', 'monthly'],
  ['yearly', 'yearly'],
  ['1y', 'monthly'],
  ['30d', 'weekly'],
  ['monthly', 7 * 3_600],
  ['daily', 172_800],
]

const parse = (step: number | string): Step => parseStep(step)!

describe('nesting', () => {
  it.each(NESTING)('a step of %s holds at most this many of %s: %i', (step, resolution, most) => {
    expect(fanOut(parse(step), parse(resolution))).toBe(most)
  })

  it.each(OTHERS)('a step of %s does not hold %s', (step, resolution) => {
    expect(fanOut(parse(step), parse(resolution))).toBeNull()
  })

  it.each(NESTING)('no bucket of a step of %s is cut by one of %s', (step, resolution) => {
    const outer = calculatorOf(parse(step))
    const inner = calculatorOf(parse(resolution))
    for (const moment of [0, 951_782_400, 1_704_067_199, 1_735_689_600, -62_135_596_800 + 86_400 * 800]) {
      const start = outer.startOf(outer.bucketOf(moment))
      expect(inner.startOf(inner.bucketOf(start))).toBe(start)
    }
  })
})
