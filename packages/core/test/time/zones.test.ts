import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { describe, expect, it } from 'vitest'
import { bucketing, KairosError, type StepForm } from '../../src/index.ts'
import { longerDays } from '../../src/time/longer-days.ts'
import { canonicalZone } from '../../src/time/zone-names.ts'

const long = process.env.KAIROS_TEST_SIZE === 'long'
const ZONES = Intl.supportedValuesOf('timeZone')
const STEPS: readonly StepForm[] = ['daily', 'weekly', 'iso-weekly', 'monthly', 'quarterly', 'yearly']
const DAY = 86_400

/** Years 50 to 9950, so that forty years before or after are valid in timestamps. */
const moments = fc.oneof(
  fc.integer({ min: -60_589_296_000, max: Date.UTC(9950, 0) / 1_000 }),
  // Where rules change, zones differ or days are missing.
  fc.integer({ min: -5_000_000_000, max: 4_000_000_000 }),
)
const offsets = fc.constantFrom(0, 0, 3_600, 6 * 3_600, 82_800)

interface Vector {
  readonly zone: string
  readonly step: StepForm
  readonly offset?: number
  readonly at: number
  readonly bucket: number
  readonly start: number
  readonly end: number
  readonly before: number
  readonly after: number
}
const vectors: readonly Vector[] = readFileSync(new URL('../vectors/zones.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line))

describe('vectors that two independent implementations agree on', () => {
  it.each([...new Set(vectors.map(({ zone }) => zone))])('%s', (zone) => {
    for (const { step, offset, at, bucket, start, end, before, after } of vectors.filter(
      (each) => each.zone === zone,
    )) {
      const { toBucket, fromBucket, stepSize } = bucketing(step, { zone, offset })
      const found = {
        bucket: toBucket(at),
        start: fromBucket(bucket),
        end: fromBucket(bucket) + stepSize(at),
        before: toBucket(at, -1),
        after: toBucket(at, 1),
      }
      expect(found, `${step} at ${at}, offset ${offset}`).toEqual({ bucket, start, end, before, after })
    }
  })
})

describe('laws of every zone that the engine knows', () => {
  it.each(ZONES)('%s', (zone) => {
    fc.assert(
      fc.property(
        fc.constantFrom(...STEPS),
        offsets,
        moments,
        fc.integer({ min: -40, max: 40 }),
        (step, offset, at, n) => {
          const { toBucket, fromBucket, stepSize, buckets } = bucketing(step, { zone, offset })
          const bucket = toBucket(at)
          const [start, end] = [fromBucket(bucket), fromBucket(bucket) + stepSize(at)]
          // The bucket holds the moment, and the next one begins where it ends.
          expect(start).toBeLessThanOrEqual(at)
          expect(end).toBeGreaterThan(at)
          expect(fromBucket(toBucket(at, 1))).toBe(end)
          expect(toBucket(start)).toBe(bucket)
          expect(toBucket(end - 1)).toBe(bucket)
          // Shifts compose, and count the buckets between.
          const moved = fromBucket(toBucket(at, n))
          expect(toBucket(moved, -n)).toBe(bucket)
          expect(buckets(Math.min(start, moved), Math.max(start, moved))).toHaveLength(Math.abs(n) + 1)
        },
      ),
      { numRuns: long ? 400 : 12 },
    )
  })
})

describe('Temporal, an independent implementation', () => {
  it('begins the same days at the same instants', { timeout: 900_000 }, () => {
    const dates = fc.integer({ min: -60_000, max: 40_000 })
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), dates, (zone, days) => {
        const date = Temporal.PlainDate.from('1970-01-01').add({ days })
        const start = date.toZonedDateTime(zone).epochMilliseconds / 1_000
        const { toBucket, fromBucket } = bucketing('daily', { zone })
        expect(fromBucket(toBucket(start)), `${zone} ${date}`).toBe(start)
      }),
      { numRuns: long ? 10_000 : 500 },
    )
  })
})

describe('days of a zone', () => {
  it('have 23, 24 and 25 hours, and 24.5 on Lord Howe', () => {
    const berlin = bucketing('daily', { zone: 'Europe/Berlin' })
    const hours = (date: string): number => berlin.stepSize(new Date(date)) / 3_600
    expect(['2024-03-31', '2024-04-01', '2024-10-27'].map(hours)).toEqual([23, 24, 25])
    const lordHowe = bucketing('daily', { zone: 'Australia/Lord_Howe' })
    expect(lordHowe.stepSize(new Date('2024-04-06T20:00:00Z')) / 3_600).toBe(24.5)
  })

  it('that never were are not buckets: Samoa went from the 29th of December 2011 to the 31st', () => {
    const { toBucket, fromBucket, buckets } = bucketing('daily', { zone: 'Pacific/Apia' })
    const before = fromBucket(20111229)
    expect(toBucket(before, 1)).toBe(20111231)
    expect(toBucket(before, 2)).toBe(20120101)
    expect(toBucket(fromBucket(20111231), -1)).toBe(20111229)
    expect(buckets(before, before + 2 * DAY)).toEqual([20111229, 20111231, 20120101])
    expect(() => fromBucket(20111230)).toThrow('20111230 is not a bucket')
  })

  it('begin so long after midnight as the offset says, by the wall clock', () => {
    const gas = bucketing('daily', { zone: 'Europe/Berlin', offset: '6h' })
    // 6 o'clock in summer is 4 in UTC; the night in which clocks go forward is an hour shorter.
    expect(gas.fromBucket(20240401)).toBe(Date.UTC(2024, 3, 1, 4) / 1_000)
    expect(gas.stepSize(new Date('2024-03-30T12:00:00Z')) / 3_600).toBe(23)
  })
})

describe('a zone', () => {
  it('goes by its old name and its new one, in any case of letters', () => {
    const starts = ['Europe/Kiev', 'Europe/Kyiv', 'europe/kyiv'].map((zone) =>
      bucketing('daily', { zone }).fromBucket(20240229),
    )
    expect(new Set(starts).size).toBe(1)
  })

  it.each([
    ['Europe/Berln', /zone must be an IANA time zone .* not "Europe\/Berln"; did you mean "Europe\/Berlin"\?/],
    ['+05:30', /zone must be an IANA time zone/],
    [3, /zone must be an IANA time zone .* not 3$/],
  ])('that is %s is refused', (zone, message) => {
    expect(() => bucketing('daily', { zone: zone as string })).toThrow(message)
  })

  it('is for the steps of a calendar', () => {
    expect(() => bucketing('1h', { zone: 'Europe/Berlin' })).toThrow(/zone is for the steps of a calendar/)
    expect(() => bucketing(60, { offset: 60 })).toThrow(/offset is for the steps of a calendar/)
    // Named for clarity, it changes nothing.
    expect(bucketing('1h', { zone: 'UTC' }).toBucket(3_600)).toBe(1)
  })

  it.each([-1, DAY, '24h', 1.5, 'noon'])('takes no offset of %s', (offset) => {
    try {
      bucketing('daily', { offset })
      expect.unreachable()
    } catch (error) {
      expect(KairosError.is(error) && error.path).toBe('offset')
    }
  })
})

if (long) {
  it.each(ZONES)('no day is longer than is reckoned with in %s', (zone) => {
    const far = canonicalZone(zone)!
    let moment = Temporal.Instant.from('1840-01-01T00:00Z').toZonedDateTimeISO(zone)
    while (moment.year < 2040) {
      const next = moment.getTimeZoneTransition('next')
      if (next === null) break
      const before = next.subtract({ nanoseconds: 1 }).offsetNanoseconds
      expect((before - next.offsetNanoseconds) / 1e9, next.toString()).toBeLessThanOrEqual(longerDays(far))
      moment = next
    }
  })
}
