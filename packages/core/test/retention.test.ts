import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { parseConfig } from '../src/config.ts'
import type { StorageDriver } from '../src/driver.ts'
import { memoryDriver } from '../src/index.ts'
import { createRetention } from '../src/retention.ts'
import { settingsOf } from '../src/settings.ts'
import { createAny } from './support/any-timeseries.ts'
import { collect } from './support/collect.ts'
import { failureOf } from './support/failure.ts'

const at = (text: string): number => Date.parse(`${text}Z`) / 1_000

/** A timeseries whose clock the test moves. */
function clocked(type: string, intervals: object, now: number) {
  const clock = { now }
  return { clock, timeseries: createAny('memory:', { type, intervals, now: () => clock.now }) }
}

describe('what is kept', () => {
  it('is the newest steps, the current one included, up to the instant the bucket `steps` later begins', async () => {
    const { clock, timeseries } = clocked('count', { minute: { step: 60, steps: 3 } }, 600)
    await timeseries.insert('a')
    clock.now = 779.999
    expect(await timeseries.get('a', 'minute', { timestamp: 600 })).toEqual(new Map([[600, 1]]))
    expect(await timeseries.list()).toEqual(['a'])
    expect(await timeseries.expire()).toBe(0)
    clock.now = 780
    expect(await timeseries.get('a', 'minute', { timestamp: 600 })).toEqual(new Map([[600, 0]]))
    expect(await timeseries.series('a', 'minute', { start: 600, end: 780 })).toEqual(
      new Map([
        [600, 0],
        [660, 0],
        [720, 0],
        [780, 0],
      ]),
    )
    expect(await timeseries.list()).toEqual([])
    expect(await timeseries.properties('a')).toEqual({})
    expect(await collect(timeseries.iterate('a', 'minute'))).toEqual([])
    expect(await timeseries.expire()).toBe(1)
    expect(await timeseries.expire()).toBe(0)
  })

  it('follows the calendar exactly', async () => {
    const { clock, timeseries } = clocked(
      'count',
      { month: { step: 'monthly', steps: 2, resolution: 'daily' } },
      at('2024-01-31T12:00'),
    )
    await timeseries.insert('a')
    clock.now = at('2024-02-29T23:59:59.999')
    expect((await timeseries.get('a', 'month', { timestamp: at('2024-01-01T00:00') })).size).toBe(1)
    clock.now = at('2024-03-01T00:00')
    expect((await timeseries.get('a', 'month', { timestamp: at('2024-01-01T00:00') })).size).toBe(0)
  })

  it('is counted in weeks that New Year cuts in two', async () => {
    const { clock, timeseries } = clocked('count', { week: { step: 'weekly', steps: 2 } }, at('2024-12-30T00:00'))
    await timeseries.insert('a')
    clock.now = at('2025-01-04T23:59:59')
    expect(await timeseries.list()).toEqual(['a'])
    clock.now = at('2025-01-05T00:00')
    expect(await timeseries.list()).toEqual([])
  })

  it('takes no write to a bucket that has expired, one to the oldest that has not', async () => {
    const { timeseries } = clocked('series', { minute: { step: 60, steps: 3 }, hour: { step: '1h' } }, 6_000)
    expect(await timeseries.insert('a', [1, 2], { timestamp: 5_879.999 })).toEqual({ stored: 2, expired: 2 })
    expect(await timeseries.insert('a', [1, 2], { timestamp: 5_880 })).toEqual({ stored: 4, expired: 0 })
    expect(await timeseries.insert('a', 1, { timestamp: 5_879 })).toEqual({ stored: 1, expired: 1 })
    const points = [
      { name: 'a', value: 3, timestamp: 5_000 },
      { name: 'a', value: 4, timestamp: 5_940 },
      { name: 'b', value: 5, timestamp: 5_000 },
    ]
    expect(await timeseries.bulkInsert(points)).toEqual({ stored: 4, expired: 2 })
    expect(await timeseries.properties('b')).toEqual({ hour: { first: 3_600, last: 3_600 } })
  })

  it('has a full life in the future', async () => {
    const { clock, timeseries } = clocked('count', { minute: { step: 60, steps: 2 } }, 600)
    expect(await timeseries.insert('a', 1, { timestamp: 60_000 })).toEqual({ stored: 1, expired: 0 })
    expect(await timeseries.list()).toEqual(['a'])
    expect(await timeseries.properties('a')).toEqual({ minute: { first: 60_000, last: 60_000 } })
    clock.now = 60_119
    expect(await timeseries.get('a', 'minute', { timestamp: 60_000 })).toEqual(new Map([[60_000, 1]]))
    clock.now = 60_120
    expect(await timeseries.list()).toEqual([])
  })

  it('hides the expired part of a range, a condensed and a collapsed one too', async () => {
    const { clock, timeseries } = clocked('count', { five: { step: 300, steps: 2, resolution: 60 } }, 0)
    for (const timestamp of [0, 60, 300, 360, 600]) await timeseries.insert('a', 1, { timestamp })
    clock.now = 600
    expect(await timeseries.series('a', 'five', { start: 0, end: 600 })).toEqual(
      new Map([
        [0, new Map()],
        [
          300,
          new Map([
            [300, 1],
            [360, 1],
          ]),
        ],
        [600, new Map([[600, 1]])],
      ]),
    )
    expect(await timeseries.series('a', 'five', { start: 0, end: 600, condense: true })).toEqual(
      new Map([
        [0, 0],
        [300, 2],
        [600, 1],
      ]),
    )
    expect(await timeseries.series('a', 'five', { start: 0, end: 600, collapse: true })).toEqual(new Map([[0, 3]]))
    expect(await collect(timeseries.iterate('a', 'five', { condense: true }))).toEqual([
      [300, 2],
      [600, 1],
    ])
  })

  it('is judged again when the clock goes back', async () => {
    const { clock, timeseries } = clocked('count', { minute: { step: 60, steps: 1 } }, 6_000)
    await timeseries.insert('a')
    clock.now = 3_000
    expect(await timeseries.insert('a')).toEqual({ stored: 1, expired: 0 })
    expect(await timeseries.properties('a')).toEqual({ minute: { first: 3_000, last: 6_000 } })
    clock.now = 3_059
    expect(await timeseries.properties('a')).toEqual({ minute: { first: 3_000, last: 6_000 } })
    clock.now = 3_060
    expect(await timeseries.properties('a')).toEqual({ minute: { first: 6_000, last: 6_000 } })
  })
})

describe('the clock', () => {
  it.each([Number.NaN, 1.7e12, '5', new Date(), undefined])('must not say %o', async (moment) => {
    const timeseries = createAny('memory:', { type: 'count', intervals: { minute: { step: 60 } }, now: () => moment })
    expect(await failureOf(() => timeseries.insert('a'), 'KAIROS_INVALID_CONFIG')).toMatchObject({
      path: 'now',
      value: moment,
    })
  })

  it('is the system’s by default', async () => {
    const timeseries = createAny('memory:', { type: 'count', intervals: { year: { step: 'yearly', steps: 1 } } })
    expect(await timeseries.insert('a')).toEqual({ stored: 1, expired: 0 })
    expect(await timeseries.insert('a', 1, { timestamp: 0 })).toEqual({ stored: 0, expired: 1 })
  })
})

describe('what drivers receive', () => {
  const retentionOf = async (intervals: object, now?: () => number) => {
    const settings = await settingsOf(parseConfig({ type: 'count', intervals, now }))
    return { retention: createRetention(settings), interval: settings.intervals[0]! }
  }

  it('the oldest live bucket is always finite', async () => {
    const { retention } = await retentionOf({
      all: { step: 60 },
      huge: { step: 60, steps: Number.MAX_SAFE_INTEGER },
      years: { step: 'yearly', steps: 2_000_000 },
      two: { step: 'yearly', steps: 2 },
    })
    const oldest = retention.oldestLive(0)
    expect({ ...oldest }).toEqual({
      all: Number.MIN_SAFE_INTEGER,
      huge: Number.MIN_SAFE_INTEGER,
      years: Number.MIN_SAFE_INTEGER,
      two: 1969,
    })
  })

  it.each(['daily', 'weekly', 'iso-weekly', 'monthly', 'quarterly', 'yearly', '1h'])(
    'an expiry never decreases as integers grow: %s',
    async (step) => {
      const { retention, interval } = await retentionOf({ it: { step, steps: 3 } })
      const start = interval.buckets.bucketOf(at('2023-01-01T00:00'))
      fc.assert(
        fc.property(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 0, max: 300 }), (offset, more) => {
          const expiry = (bucket: number): number => retention.expiresAt(interval, bucket) ?? Number.POSITIVE_INFINITY
          const [one, two] = [expiry(start + offset), expiry(start + offset + more)]
          expect(two).toBeGreaterThanOrEqual(one)
        }),
      )
    },
  )

  it('an expiry is the instant the bucket `steps` later begins; null without steps, or after the year 9999', async () => {
    const { retention, interval } = await retentionOf({ day: { step: 'daily', steps: 2 } })
    expect(retention.expiresAt(interval, 20_240_228)).toBe(at('2024-03-01T00:00'))
    expect(retention.expiresAt(interval, 20_240_299)).toBe(at('2024-03-03T00:00'))
    expect(retention.expiresAt(interval, 99_991_231)).toBeNull()
    expect(retention.expiresAt(interval, 99_991_228)).toBe(at('9999-12-30T00:00'))
    const all = await retentionOf({ day: { step: 'daily' } })
    expect(all.retention.expiresAt(all.interval, 20_240_228)).toBeNull()
  })

  it("an expiry is in the system's clock, whatever clock the caller set", async () => {
    const { retention, interval } = await retentionOf({ minute: { step: 60, steps: 1 } }, () => 223_000_000)
    const expiry = retention.expiresAt(interval, Math.floor(223_000_000 / 60))!
    // 223,000,000 is 40 seconds into its minute: the bucket has 20 seconds to live.
    expect(expiry - Date.now() / 1_000).toBeGreaterThan(19)
    expect(expiry - Date.now() / 1_000).toBeLessThan(22)
  })

  it("an expiry is exact where the caller's clock is the system's", async () => {
    const { retention, interval } = await retentionOf({ minute: { step: 60, steps: 1 } }, () => Date.now() / 1_000)
    for (let call = 0; call < 1_000; call++) expect(retention.expiresAt(interval, 100) as number).toBe(101 * 60)
  })
})

describe('a store that expires by a clock of its own', () => {
  /** A driver whose store has a clock, and records the expiries it received. */
  function clocked(clock: () => number) {
    const memory = memoryDriver()
    const expiries: (number | null)[] = []
    const driver: StorageDriver = {
      ...memory,
      async open(schema, options) {
        const { store, records } = await memory.open(schema, options)
        return {
          records,
          clock: clock(),
          store: {
            ...store,
            write(batch) {
              for (const { interval, bucket } of batch.cells)
                expiries.push(schema.intervals[interval]!.expiresAt(bucket))
              return store.write(batch)
            },
          },
        }
      },
    }
    return { driver, expiries }
  }
  const config = { type: 'count', intervals: { minute: { step: 60, steps: 2 } } }

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'], now: at('2001-09-09T01:46:40') * 1_000 })
  })
  afterEach(() => {
    vi.restoreAllMocks()
    vi.useRealTimers()
  })

  it.each([
    ['years ahead', 800_000_000, 1],
    ['years behind', -800_000_000, 1],
    ['ten seconds ahead', 10, 1],
    ['four seconds ahead, which does not warn', 4, 0],
  ])(
    '%s: expiries are by its clock, and a difference of more than five seconds is reported',
    async (_what, skew, warnings) => {
      const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
      const { driver, expiries } = clocked(() => Date.now() / 1_000 + skew)
      await createAny(driver, config).insert('a')
      const end = Math.floor(Date.now() / 60_000) * 60 + 120
      expect(expiries).toEqual([end + skew])
      expect(warned).toHaveBeenCalledTimes(warnings)
      if (warnings > 0)
        expect(warned.mock.calls[0]![0]).toContain(`${Math.abs(skew)} s ${skew > 0 ? 'ahead of' : 'behind'}`)
    },
  )

  it.each([1.9, -1.9, 0])('that differs by %d s is taken for the same', async (skew) => {
    const { driver, expiries } = clocked(() => Date.now() / 1_000 + skew)
    await createAny(driver, config).insert('a')
    expect(expiries).toEqual([Math.floor(Date.now() / 60_000) * 60 + 120])
  })

  it('a clock that the caller sets causes no warning, and is compared with the store’s', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const { driver, expiries } = clocked(() => Date.now() / 1_000 + 1_000)
    await createAny(driver, { ...config, now: () => 600 }).insert('a')
    expect(expiries).toEqual([720 - 600 + Math.ceil(Date.now() / 1_000 + 1_000)])
    expect(warned).not.toHaveBeenCalled()
  })

  it('a system clock that is set back after opening does not make what is written expire early', async () => {
    const { driver, expiries } = clocked(() => Date.now() / 1_000)
    const counts = createAny(driver, config)
    await counts.open()
    const before = Date.now() / 1_000
    vi.advanceTimersByTime(30_000)
    vi.setSystemTime(1_000_000)
    await counts.insert('a')
    // Half a minute has passed for the store, but the bucket of 1970 still has its whole life ahead.
    expect(expiries[0]).toBeGreaterThanOrEqual(before + 30 + 60)
    expect(expiries[0]).toBeLessThanOrEqual(before + 30 + 121)
  })

  it('a machine that slept: the system’s clock has gone on, and counts', async () => {
    const { driver, expiries } = clocked(() => Date.now() / 1_000 + 100)
    const counts = createAny(driver, config)
    await counts.open()
    vi.setSystemTime(Date.now() + 3_600_000)
    await counts.insert('a')
    expect(expiries).toEqual([Math.floor(Date.now() / 60_000) * 60 + 120 + 100])
  })
})
