import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bucketing, bucketing, type StepForm } from '../../src/index.ts'

// The laws of bucketing over the years 0001 to 9999. The process's time zone must have no effect: the same laws run in zones on both sides of
// the date line, with half hours, and with daylight saving. vitest runs tests in a process of their own, where setting TZ takes effect.
const ZONES: readonly [zone: string, offset: number][] = [
  ['UTC', 0],
  ['America/New_York', -4],
  ['Pacific/Kiritimati', 14],
  ['Pacific/Pago_Pago', -11],
  ['Asia/Kathmandu', 5.75],
  ['Europe/London', 1],
]

const FIRST = -62_135_596_800
const END = 253_402_300_800
const RELATIVE: readonly StepForm[] = [1, 7, 60, 3_600, '1h', '5h', '7d', '2w', '1m', '1y', 86_400 * 366]
const CALENDAR: readonly StepForm[] = ['daily', 'weekly', 'iso-weekly', 'monthly', 'quarterly', 'yearly']
const STEPS = [...RELATIVE, ...CALENDAR]

const moments = fc.oneof(
  fc.integer({ min: FIRST, max: END - 1 }),
  fc.double({ min: FIRST, max: END, maxExcluded: true, noNaN: true }),
  // On both sides of New Year, where calendars change most.
  fc
    .tuple(fc.integer({ min: 2, max: 9999 }), fc.integer({ min: -86_400 * 8, max: 86_400 * 8 }))
    .map(([year, offset]) => startOfYear(year) + offset),
)

function startOfYear(year: number): number {
  return new Date(0).setUTCFullYear(year, 0, 1) / 1000
}

const originalZone = process.env.TZ

describe.each(ZONES)('in the zone %s', (zone, offset) => {
  beforeAll(() => {
    process.env.TZ = zone
  })
  afterAll(() => {
    if (originalZone === undefined) delete process.env.TZ
    else process.env.TZ = originalZone
  })

  it('is really in that zone', () => {
    expect(new Date(2024, 6, 1).getTimezoneOffset()).toBe(offset === 0 ? 0 : offset * -60)
  })

  describe.each(STEPS)('of step %s', (step) => {
    const { toBucket, fromBucket, buckets, stepSize } = bucketing(step)
    const check = (law: (moment: number, other: number) => void): void =>
      fc.assert(fc.property(moments, moments, law), { numRuns: 150 })

    it('a bucket starts in itself', () => {
      check((moment) => {
        const bucket = toBucket(moment)
        // The first bucket of a relative step may start before the year 0001.
        if (fromBucket(bucket) >= FIRST) expect(toBucket(fromBucket(bucket))).toBe(bucket)
      })
    })

    it('a moment lies between the start of its bucket and that of the next', () => {
      check((moment) => {
        expect(fromBucket(toBucket(moment))).toBeLessThanOrEqual(moment)
        expect(fromBucket(toBucket(moment, 1))).toBeGreaterThan(moment)
        expect(stepSize(moment)).toBe(fromBucket(toBucket(moment, 1)) - fromBucket(toBucket(moment)))
      })
    })

    it('buckets are ordered as time is', () => {
      check((moment, other) => {
        const [earlier, later] = moment <= other ? [moment, other] : [other, moment]
        expect(toBucket(earlier)).toBeLessThanOrEqual(toBucket(later))
      })
    })

    it('shifting there and back returns', () => {
      fc.assert(
        fc.property(moments, fc.integer({ min: -5_000, max: 5_000 }), (moment, steps) => {
          const bucket = toBucket(moment)
          const start = fromBucket(toBucket(moment, steps))
          if (start < FIRST || start >= END) return
          expect(toBucket(start, -steps)).toBe(bucket)
          expect(Math.sign(toBucket(moment, steps) - bucket)).toBe(Math.sign(steps))
        }),
        { numRuns: 150 },
      )
    })

    it('buckets() are exactly those that hold a moment of the span', () => {
      fc.assert(
        fc.property(
          moments,
          fc.integer({ min: 0, max: 40 }),
          fc.double({ min: 0, max: 1, noNaN: true }),
          (start, steps, part) => {
            const lastStart = fromBucket(toBucket(start, steps))
            const end = Math.max(start, Math.min(lastStart + part * (sizeFrom({ stepSize }, lastStart) - 1), END - 1))
            const found = buckets(start, end)
            expect(found[0]).toBe(toBucket(start))
            expect(found.at(-1)).toBe(toBucket(end))
            for (let index = 1; index < found.length; index++) {
              // No gaps and no overlap: each begins where the one before ends.
              const before = fromBucket(found[index - 1]!)
              expect(fromBucket(found[index]!)).toBe(before + sizeFrom({ stepSize }, before))
            }
            expect(stepSize(start, end)).toBe(
              found.reduce((sum, bucket) => sum + sizeFrom({ stepSize }, fromBucket(bucket)), 0),
            )
          },
        ),
        { numRuns: 80 },
      )
      expect(buckets(10, 9)).toEqual([])
    })
  })

  it('calendar buckets read as the date in UTC, weeks as strftime %U has them', () => {
    const calendars = {
      daily: bucketing('daily'),
      weekly: bucketing('weekly'),
      monthly: bucketing('monthly'),
      yearly: bucketing('yearly'),
    }
    fc.assert(
      fc.property(moments, (moment) => {
        const date = new Date(Math.floor(moment) * 1000)
        const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()]
        const dayOfYear = Math.floor((Math.floor(moment) - startOfYear(year)) / 86_400)
        const week = Math.floor((dayOfYear + 7 - date.getUTCDay()) / 7)
        expect(calendars.daily.toBucket(moment)).toBe(year * 10_000 + month * 100 + day)
        expect(calendars.weekly.toBucket(moment)).toBe(year * 100 + week)
        expect(calendars.monthly.toBucket(moment)).toBe(year * 100 + month)
        expect(calendars.yearly.toBucket(moment)).toBe(year)
      }),
      { numRuns: 500 },
    )
  })
})

/** The length in seconds of the bucket that starts there. */
function sizeFrom({ stepSize }: Pick<Bucketing, 'stepSize'>, start: number): number {
  return stepSize(Math.min(Math.max(start, FIRST), END - 1))
}
