import { Temporal } from 'temporal-polyfill'
import { describe, expect, it } from 'vitest'
import { memoryDriver } from '../../src/index.ts'
import { type AnyTimeseries, createAny } from '../support/any-timeseries.ts'
import { collect } from '../support/collect.ts'
import { failureOf } from '../support/failure.ts'
import { mergingDriver } from '../support/merging-driver.ts'
import { watchedDriver } from '../support/watched-driver.ts'

const at = (moment: string): number => Date.parse(moment) / 1_000
const HOUR = 3_600
const DAY = 86_400
const NOW = at('2024-03-31T20:00Z')
const intervals = {
  minute: { step: 60 },
  hour: { step: '1h' },
  day: { step: 'daily', resolution: '1h' },
  local: { step: 'daily', zone: 'Europe/Berlin', resolution: '30min' },
}

/** Points of three days around the night in which the clocks of Berlin change. */
const points = Array.from({ length: 200 }, (_, index) => ({
  name: 'ab'[index % 2]!,
  value: (index * 7) % 5,
  timestamp: at('2024-03-29T10:00Z') + index * 1_003,
}))

async function filled(type: string, driver = memoryDriver()): Promise<AnyTimeseries> {
  const timeseries = createAny(driver, { type, intervals, now: () => NOW })
  await timeseries.bulkInsert(points)
  return timeseries
}

/** Where a local day, or a part of it, begins: by another implementation of time zones. */
function partOfDay(seconds: number, zone: string, part = DAY): number {
  const local = Temporal.Instant.fromEpochMilliseconds(seconds * 1_000).toZonedDateTimeISO(zone)
  const midnight = local.startOfDay().epochMilliseconds / 1_000
  return midnight + Math.floor((seconds - midnight) / part) * part
}

const GROUPS: readonly (readonly [object, (seconds: number) => number])[] = [
  [{ every: '6h' }, (seconds) => seconds - (seconds % (6 * HOUR))],
  [{ every: '6h', zone: 'Asia/Tokyo' }, (seconds) => partOfDay(seconds, 'Asia/Tokyo', 6 * HOUR)],
  [{ every: '6h', zone: 'Europe/Berlin' }, (seconds) => partOfDay(seconds, 'Europe/Berlin', 6 * HOUR)],
  [{ every: 'daily', zone: 'America/New_York' }, (seconds) => partOfDay(seconds, 'America/New_York')],
  [{ every: 'daily', offset: '4h' }, (seconds) => Math.floor((seconds - 4 * HOUR) / DAY) * DAY + 4 * HOUR],
  [{ every: 'iso-weekly' }, () => at('2024-03-25')],
  [{ every: 'yearly', zone: 'Asia/Tokyo' }, () => at('2023-12-31T15:00Z')],
]

const MERGED: Readonly<Record<string, (values: readonly number[]) => unknown>> = {
  count: (values) => values.reduce((sum, value) => sum + value, 0),
  series: (values) => values,
  gauge: (values) => values.at(-1) ?? null,
  set: (values) => new Set(values),
  histogram: (values) =>
    new Map(
      Array.from(
        Map.groupBy(values, (value) => value),
        ([value, all]) => [value, all.length],
      ),
    ),
}

describe.each(Object.entries(MERGED))('%s', (type, merge) => {
  it('has the values of each bucket asked for, whichever buckets are stored', async () => {
    const timeseries = await filled(type)
    for (const names of ['a', ['a', 'b']]) {
      const theirs = points.filter(({ name }) => names.includes(name))
      for (const [options, startOf] of GROUPS) {
        const groups = Map.groupBy(theirs, ({ timestamp }) => startOf(timestamp))
        const expected = Array.from(groups, ([start, some]) => [start, merge(some.map(({ value }) => value))])
        const range = { start: theirs[0]!.timestamp, end: theirs.at(-1)!.timestamp, ...options }
        for (const interval of Object.keys(intervals)) {
          // Hours of several values would show the order of the names, not that of time.
          if (type === 'series' && (interval !== 'minute' || names !== 'a')) continue
          if (type === 'gauge' && names !== 'a') continue
          const what = `${interval}, ${names}, ${JSON.stringify(options)}`
          expect([...(await timeseries.series(names, interval, range))], what).toEqual(expected)
          expect(await collect(timeseries.iterate(names, interval, options)), what).toEqual(expected)
          const [start, data] = expected[1] ?? expected[0]!
          const moment = { timestamp: (start as number) + HOUR, ...options }
          expect([...(await timeseries.get(names, interval, moment))], what).toEqual([[start, data]])
        }
      }
    }
  })

  it('and the same where the store merges', async () => {
    const driver = mergingDriver(memoryDriver())
    const [merging, plain] = [await filled(type, driver), await filled(type)]
    for (const [options] of GROUPS) {
      for (const interval of Object.keys(intervals)) {
        const range = { start: points[0]!.timestamp, end: NOW, ...options }
        const asked = [merging, plain].map((each) => each.series(['a', 'b'], interval, range))
        expect(await asked[0], `${interval}, ${JSON.stringify(options)}`).toEqual(await asked[1])
      }
    }
    if (type !== 'gauge' && type !== 'series') {
      expect(driver.merged.some(({ groups }) => 'size' in groups && groups.size > 1)).toBe(true)
      expect(driver.merged.some(({ groups }) => 'starts' in groups)).toBe(true)
    }
  })
})

describe('the range', () => {
  const count = { type: 'count', now: () => NOW, intervals: { kept: { step: 60, steps: 90 }, all: { step: 60 } } }

  it('is that of the options, in whole buckets asked for', async () => {
    const counts = createAny('memory:', count)
    await counts.insert('a', 1, { timestamp: NOW - 60 })
    const starts = async (options: object, interval = 'all') =>
      [...(await counts.series('a', interval, { every: '1h', ...options })).keys()].map((start) => (start - NOW) / HOUR)
    expect(await starts({ start: NOW - 60, end: NOW })).toEqual([-1, 0])
    expect(await starts({ start: NOW - HOUR, steps: 3 })).toEqual([-1, 0, 1])
    expect(await starts({ end: NOW - 1, steps: 2 })).toEqual([-2, -1])
    expect(await starts({ steps: 2 })).toEqual([-1, 0])
    expect(await starts({})).toEqual([0])
    // The time of the interval's own 90 minutes.
    expect(await starts({}, 'kept')).toEqual([-2, -1, 0])
    expect(await starts({ start: NOW }, 'kept')).toEqual([0, 1])
  })

  it('shows what is live of a bucket that has expired in part', async () => {
    let now = NOW
    const counts = createAny('memory:', { ...count, now: () => now })
    for (let minute = 0; minute < 120; minute++) await counts.insert('a', 1, { timestamp: NOW - minute * 60 })
    expect(await counts.series('a', 'kept', { every: '1h' })).toEqual(
      new Map([
        [NOW - 2 * HOUR, 29],
        [NOW - HOUR, 60],
        [NOW, 1],
      ]),
    )
    now += 45 * 60
    expect(await collect(counts.iterate('a', 'kept', { every: '1h' }))).toEqual([
      [NOW - HOUR, 44],
      [NOW, 1],
    ])
    now += DAY
    expect(await counts.get('a', 'kept', { every: '1h', timestamp: NOW })).toEqual(new Map([[NOW, 0]]))
  })

  it.each([
    [{ steps: 20_000_000 }, 'at most 10000000 buckets of every'],
    [{ start: 0, end: NOW, every: 1 }, 'at most 10000000 buckets of every 1,'],
    [{ start: NOW, steps: 9_000, every: 'yearly' }, 'years 0001 to 9999'],
    [{ end: NOW, steps: 9_000, every: 'yearly' }, 'years 0001 to 9999'],
    [{ start: 5, end: 4 }, 'start must be at or before end'],
    [{ steps: 0 }, 'steps must be an integer'],
  ])('%j is refused', async (options, text) => {
    const counts = createAny('memory:', { ...count, intervals: { all: { step: 1 } } })
    const error = await failureOf(() => counts.series('a', 'all', { every: 2, ...options }), 'KAIROS_INVALID_RANGE')
    expect(error.message).toContain(text)
  })
})

describe('refused before any I/O', () => {
  it.each([
    ['hour', { every: '90min' }, 'of "hour"', 'read "local" or "minute" instead'],
    [
      'hour',
      { every: 'daily', zone: 'Asia/Kolkata' },
      'in Asia/Kolkata: the bucket of "hour"',
      'read "local" or "minute" instead',
    ],
    ['local', { every: 'daily', zone: 'Asia/Kathmandu' }, 'of "local"', 'read "minute" instead'],
    ['minute', { every: '90s' }, 'of "minute"', 'use a multiple of 60 seconds'],
    ['minute', { every: 30 }, 'of "minute"', 'use a multiple of 60 seconds'],
  ])('a bucket of %s that would lie in two: %j', async (interval, options, bucket, remedy) => {
    const { driver, reads, bounds } = watchedDriver()
    const counts = createAny(driver, { type: 'count', intervals, now: () => NOW })
    for (const call of [
      () => counts.get('a', interval, { timestamp: NOW - HOUR, ...options }),
      () => counts.series('a', interval, { start: NOW - DAY, end: NOW, ...options }),
      () => collect(counts.iterate('a', interval, options)),
    ]) {
      const error = await failureOf(call, 'KAIROS_INVALID_CONFIG')
      expect(error.path).toBe('every')
      expect(error.message).toContain(bucket)
      expect(error.message).toContain(remedy)
    }
    expect([reads, bounds]).toEqual([[], []])
  })

  it('names the buckets that would do where no interval has them', async () => {
    const counts = createAny('memory:', { type: 'count', intervals: { hour: { step: '1h' } }, now: () => NOW })
    const error = await failureOf(
      () => counts.series('a', 'hour', { every: 'daily', zone: 'Asia/Kathmandu' }),
      'KAIROS_INVALID_CONFIG',
    )
    expect(error.message).toBe(
      'every must have its edges where those of the stored buckets are, not "daily" in Asia/Kathmandu: the bucket of "hour" ' +
        'from 2024-03-31T18:00:00Z to 2024-03-31T19:00:00Z would lie in two; keep buckets of 900 seconds, or of what divides them',
    )
  })

  it.each([
    [{ every: 'hourly' }, 'every', 'every must be whole seconds'],
    [{ every: '7d', zone: 'Asia/Tokyo' }, 'every', 'every must divide a day in Asia/Tokyo'],
    [{ every: '2h', offset: '1h' }, 'offset', 'offset is for the steps of a calendar'],
    [{ every: 'daily', zone: 'Europe/Berln' }, 'zone', 'did you mean "Europe/Berlin"'],
    [{ zone: 'Europe/Berlin' }, 'every', 'every must be whole seconds'],
    [{ every: '2h', collapse: true }, 'collapse', 'collapse must be left out with every'],
  ])('%j', async (options, path, text) => {
    const counts = createAny('memory:', { type: 'count', intervals, now: () => NOW })
    const error = await failureOf(() => counts.series('a', 'hour', options), 'KAIROS_INVALID_CONFIG')
    expect(error).toMatchObject({ path })
    expect(error.message).toContain(text)
  })

  it('a night in which the edges move is found when it is read', async () => {
    // Pyongyang was half an hour behind from 2015-08-15 to 2018-05-05.
    const counts = createAny('memory:', { type: 'count', intervals: { hour: { step: '1h' } }, now: () => NOW })
    await counts.insert('a', 1, { timestamp: at('2014-06-01') })
    const options = { every: 'daily', zone: 'Asia/Pyongyang' }
    expect(await collect(counts.iterate('a', 'hour', options))).toEqual([[at('2014-05-31T15:00Z'), 1]])
    await counts.insert('a', 1, { timestamp: at('2016-06-01') })
    const error = await failureOf(() => collect(counts.iterate('a', 'hour', options)), 'KAIROS_INVALID_CONFIG')
    expect(error.message).toContain('2016-05-31T15:00:00Z')
  })
})

describe('the stages', () => {
  it("uses the timeseries' own zone where the question names none", async () => {
    const counts = createAny('memory:', {
      type: 'count',
      zone: 'Asia/Tokyo',
      intervals: { hour: { step: '1h' } },
      now: () => NOW,
    })
    await counts.insert('a', 2, { timestamp: at('2024-03-31T14:59Z') })
    expect(await counts.get('a', 'hour', { every: 'daily', timestamp: at('2024-03-31T01:00Z') })).toEqual(
      new Map([[at('2024-03-30T15:00Z'), 2]]),
    )
    expect(await counts.get('a', 'hour', { every: 'daily', zone: 'UTC' })).toEqual(new Map([[at('2024-03-31'), 2]]))
  })

  it('transform gets the seconds of the bucket asked for, and condense the finest buckets in it', async () => {
    const counts = await filled('count')
    const range = {
      start: at('2024-03-30T12:00Z'),
      end: at('2024-03-31T12:00Z'),
      every: 'daily',
      zone: 'Europe/Berlin',
    }
    const seconds = await counts.series('a', 'hour', { ...range, transform: (_data: number, length: number) => length })
    expect([...seconds.values()]).toEqual([DAY, 23 * HOUR])
    const condense = (hours: Map<number, number>) => [hours.size, [...hours.keys()][0]]
    expect([...(await counts.series('a', 'day', { ...range, condense })).values()]).toEqual([
      [24, at('2024-03-29T23:00Z')],
      [19, at('2024-03-30T23:00Z')],
    ])
  })

  it('processRow and joinRows come before it', async () => {
    const counts = createAny('memory:', { type: 'count', intervals, now: () => NOW })
    await counts.bulkInsert([
      { name: 'a', value: 1 },
      { name: 'b', value: 5 },
      { name: 'b', value: 7, timestamp: NOW - HOUR },
    ])
    const options = {
      every: 'daily',
      processRow: (row: number) => row * 10,
      joinRows: (rows: number[]) => Math.max(...rows),
    }
    expect(await counts.get(['a', 'b'], 'hour', options)).toEqual(new Map([[at('2024-03-31'), 120]]))
    const error = await failureOf(
      () => counts.get('a', 'hour', { every: 'daily', processRow: () => 'text' }),
      'KAIROS_INVALID_CONFIG',
    )
    expect(error.path).toBe('condense')
  })

  it('split merges each name by itself', async () => {
    for (const driver of [memoryDriver(), mergingDriver(memoryDriver())]) {
      const counts = await filled('count', driver)
      const range = { start: points[0]!.timestamp, end: NOW, every: 'daily', zone: 'Asia/Tokyo' }
      const split = await counts.series(['b', 'a', 'none'], 'hour', { ...range, split: true })
      expect([...split.keys()]).toEqual(['b', 'a', 'none'])
      for (const [name, result] of split) expect(result).toEqual(await counts.series(name, 'hour', range))
    }
  })
})

describe('a long range', () => {
  const year = { start: at('2023-01-01'), end: at('2023-12-31T23:59Z') }

  it('is read in windows, in whose buckets sums are rounded once and condense gets all', async () => {
    const { driver, reads, found } = watchedDriver()
    const counts = createAny(driver, { type: 'count', intervals: { minute: { step: 60 } }, now: () => NOW })
    const many = Array.from({ length: 60_000 }, (_, index) => ({
      name: `n${index % 3}`,
      value: [1e16, 1, -1e16, 0.1][index % 4]!,
      timestamp: year.start + index * 525,
    }))
    await counts.bulkInsert(many)
    const names = ['n0', 'n1', 'n2']
    const sums = await counts.series(names, 'minute', { ...year, every: 'yearly' })
    expect([...sums]).toEqual([[year.start, 15_000 + 0.1 * 15_000]])
    expect(reads.length).toBeGreaterThan(2)
    expect(Math.max(...found.map(({ length }) => length))).toBeLessThan(55_000)
    const sizes = await counts.series(names, 'minute', {
      ...year,
      every: 'monthly',
      joinRows: (rows: number[]) => rows.length,
      condense: (minutes: Map<number, number>) => [...minutes.values()].reduce((sum, each) => sum + each, 0),
    })
    const inMonths = Map.groupBy(many, ({ timestamp }) => new Date(timestamp * 1_000).getUTCMonth())
    expect([...sizes.values()].slice(0, inMonths.size)).toEqual(Array.from(inMonths.values(), ({ length }) => length))
    expect(sizes.size).toBe(12)
  })

  it('of a single name is read in windows too', async () => {
    const { driver, reads } = watchedDriver()
    const counts = createAny(driver, { type: 'count', intervals: { minute: { step: 60 } }, now: () => NOW })
    for (const timestamp of [year.start, year.end]) await counts.insert('a', 2, { timestamp })
    const range = { start: year.start - 2 * 365 * DAY, end: year.end, every: 'yearly' }
    expect([...(await counts.series('a', 'minute', range)).values()]).toEqual([0, 0, 4])
    // From the first minute that has data on, and growing.
    expect(Math.max(...reads.map(({ range: { first, last } }) => last - first))).toBeLessThan(300_000)
  })

  it('with gaps is iterated in parts', async () => {
    const counts = createAny('memory:', { type: 'count', intervals: { minute: { step: 60 } }, now: () => NOW })
    for (const timestamp of [year.start + 30, year.end]) await counts.insert('a', 2, { timestamp })
    const entries = await collect(counts.iterate('a', 'minute', { every: '5min' }))
    expect(entries).toHaveLength(365 * 288)
    expect([entries[0], entries.at(-1)]).toEqual([
      [year.start, 2],
      [year.end - 240, 2],
    ])
    expect(entries.every(([start], index) => start === year.start + index * 300)).toBe(true)
    expect(await collect(counts.iterate('none', 'minute', { every: '5min' }))).toEqual([])
  })
})
