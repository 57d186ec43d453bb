import { describe, expect, it } from 'vitest'
import { bucketing, type StepForm } from '../../src/index.ts'
import { failureOf } from '../support/failure.ts'

describe('steps', () => {
  it.each<[step: StepForm, seconds: number]>([
    [60, 60],
    ['300', 300],
    ['1s', 1],
    ['30s', 30],
    ['15min', 900],
    ['90min', 5_400],
    ['1h', 3_600],
    ['2d', 172_800],
    ['1w', 604_800],
    ['1m', 2_592_000],
    ['1y', 31_536_000],
  ])('%s is %i seconds', (step, seconds) => {
    expect(bucketing(step).stepSize(0)).toBe(seconds)
  })

  it.each([
    0,
    -60,
    1.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    '',
    '0',
    '0h',
    '1.5h',
    '-1h',
    ' 60',
    '1H',
    '1M',
    '1 h',
    '1mins',
    '15m1s',
    'hourly',
    'Daily',
    '٣',
    null,
    undefined,
    {},
    [60],
    '99999999999y',
  ])('%o is not one', async (step) => {
    const error = await failureOf(() => bucketing(step as StepForm), 'KAIROS_INVALID_CONFIG')
    expect(error.path).toBe('step')
  })

  it.each([0.5, 0.999, '500ms', '0.5s', '.5s', '1us', '0.001min', '999 ms'])(
    '%o is shorter than a second',
    async (step) => {
      const { message } = await failureOf(() => bucketing(step as StepForm), 'KAIROS_INVALID_CONFIG')
      expect(message).toBe(
        `step must be at least one second long, since no bucket is shorter, not ${JSON.stringify(step)}`,
      )
    },
  )

  it.each([1.5, '1.5s', '1500ms'])('%o is not: it is not a whole number of seconds', async (step) => {
    const { message } = await failureOf(() => bucketing(step as StepForm), 'KAIROS_INVALID_CONFIG')
    expect(message).toMatch(/^step must be whole seconds .*, not /)
  })
})

describe('timestamps', () => {
  const { toBucket } = bucketing(60)

  it('takes dates, fractions and negatives; 0 is the epoch', () => {
    expect(toBucket(new Date(90_000))).toBe(1)
    expect(toBucket(59.999)).toBe(0)
    expect(toBucket(-0.5)).toBe(-1)
    expect(Object.is(toBucket(0), 0)).toBe(true)
    expect(Object.is(toBucket(-0), 0)).toBe(true)
  })

  it('does not round up just below an edge', () => {
    // 3 * 3333333 - a hair: the quotient alone would be rounded to a whole number.
    expect(bucketing(3_333_333).toBucket(9_999_999 - 2 ** -29)).toBe(2)
    expect(bucketing(1).toBucket(1e9 - 2 ** -23)).toBe(999_999_999)
  })

  it.each([
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    new Date(Number.NaN),
    '60',
    60n,
    null,
    undefined,
    {},
    -62_135_596_801,
  ])('refuses %o', async (timestamp) => {
    const error = await failureOf(() => toBucket(timestamp as number), 'KAIROS_INVALID_VALUE')
    expect(error.value).toBe(timestamp)
  })

  it('says that a number beyond the year 9999 looks like milliseconds', async () => {
    const error = await failureOf(() => toBucket(1_700_000_000_000), 'KAIROS_INVALID_VALUE')
    expect(error.message).toContain('milliseconds')
    expect((await failureOf(() => toBucket(253_402_300_800), 'KAIROS_INVALID_VALUE')).message).toContain('milliseconds')
    expect((await failureOf(() => toBucket(-1e12), 'KAIROS_INVALID_VALUE')).message).not.toContain('milliseconds')
    expect(bucketing('yearly').toBucket(253_402_300_799.999)).toBe(9999)
    expect(bucketing('yearly').toBucket(-62_135_596_800)).toBe(1)
  })
})

describe('buckets given by the caller', () => {
  it.each([
    ['daily', 20_230_229],
    ['daily', 20_240_132],
    ['daily', 20_241_301],
    ['weekly', 202_300],
    ['weekly', 202_454],
    ['monthly', 202_413],
    ['monthly', 202_400],
    [60, 0.5],
    [60, Number.NaN],
    [60, '1'],
  ] as const)('of step %s refuses %s, which is not one', async (step, bucket) => {
    await failureOf(() => bucketing(step).fromBucket(bucket as number), 'KAIROS_INVALID_VALUE')
  })

  it('refuses shifts that are not integers, or leave the integers', async () => {
    await failureOf(() => bucketing(60).toBucket(0, 0.5), 'KAIROS_INVALID_VALUE')
    await failureOf(() => bucketing(60).toBucket(60, Number.MAX_SAFE_INTEGER), 'KAIROS_INVALID_VALUE')
    await failureOf(() => bucketing('daily').toBucket(60, Number.MAX_SAFE_INTEGER), 'KAIROS_INVALID_VALUE')
  })
})

describe('weeks', () => {
  const weekly = bucketing('weekly')
  const at = (date: string): number => Date.parse(date) / 1000

  it('start on Sunday; the days before the first one are week 00', () => {
    expect(weekly.toBucket(at('2024-01-06'))).toBe(202_400)
    expect(weekly.toBucket(at('2024-01-07'))).toBe(202_401)
    expect(weekly.fromBucket(202_400)).toBe(at('2024-01-01'))
    expect(weekly.fromBucket(202_401)).toBe(at('2024-01-07'))
  })

  it('are cut in two by New Year', () => {
    expect(weekly.buckets(at('2024-12-28'), at('2025-01-05'))).toEqual([202_451, 202_452, 202_500, 202_501])
    expect(weekly.stepSize(at('2024-12-30'))).toBe(3 * 86_400)
    expect(weekly.stepSize(at('2025-01-01'))).toBe(4 * 86_400)
  })

  it('are 53 in a year, 54 in a leap year that begins on a Saturday', () => {
    const inYear = (year: number): number => weekly.buckets(at(`${year}-01-01`), at(`${year}-12-31`)).length
    expect([2000, 2023, 2024, 2028].map(inYear)).toEqual([54, 53, 53, 54])
  })
})

it('a list of more buckets than memory holds is refused', async () => {
  const error = await failureOf(() => bucketing('1s').buckets(0, 1e9), 'KAIROS_INVALID_RANGE')
  expect(error.steps).toBe(1_000_000_001)
  expect(bucketing('daily').buckets(0, 1e9)).toHaveLength(11_575)
})
