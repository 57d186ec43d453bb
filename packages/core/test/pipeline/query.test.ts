import { describe, expect, it } from 'vitest'
import { memoryDriver } from '../../src/index.ts'
import { createAny } from '../support/any-timeseries.ts'
import { failureOf } from '../support/failure.ts'
import { mergingDriver } from '../support/merging-driver.ts'
import { watchedDriver } from '../support/watched-driver.ts'

const at = (moment: string): number => Date.parse(moment) / 1_000
const DAY = 86_400
const NOW = at('2024-03-31T20:00Z')
const intervals = {
  minute: { step: 60, steps: 7 * 1_440 },
  hour: { step: '1h', steps: 400 * 24 },
  day: { step: 'daily', steps: 4_000 },
}
const config = { type: 'count', intervals, now: () => NOW }

const points = Array.from({ length: 400 }, (_, index) => ({
  name: 'ab'[index % 2]!,
  value: (index * 7) % 5,
  timestamp: NOW - index * 1_003,
}))

describe('chooses the finest interval that reaches the start, in the smallest usual step', () => {
  const cases: readonly (readonly [
    days: number,
    options: object,
    interval: string,
    every: string | null,
    points: number,
  ])[] = [
    [1 / 24, {}, 'minute', null, 61],
    [1, {}, 'minute', '5min', 289],
    [1, { maxPoints: 100 }, 'minute', '15min', 97],
    [6, {}, 'minute', '30min', 289],
    [6, { maxPoints: 288 }, 'hour', null, 145],
    // Days are 1,440 minutes, more than a point may cost, and of hours 24.
    [6, { maxPoints: 10 }, 'hour', 'daily', 7],
    [7, {}, 'hour', null, 169],
    [30, {}, 'hour', '2h', 361],
    [365, {}, 'hour', 'daily', 366],
    [365, { zone: 'Europe/Berlin' }, 'hour', 'daily', 366],
    [365, { maxPoints: 60 }, 'day', 'iso-weekly', 53],
    // None costs so little in Berlin, whose days only hours can show.
    [365, { maxPoints: 60, zone: 'Europe/Berlin' }, 'hour', 'iso-weekly', 53],
    [3_000, {}, 'day', 'iso-weekly', 429],
    // None reaches so far.
    [9_000, {}, 'day', 'monthly', 296],
    [9_000, { maxPoints: 5 }, 'day', 'yearly', 26],
  ]
  it.each(cases)('%d days back, %j: %s, every %s', async (days, options, interval, every, size) => {
    const counts = createAny('memory:', config)
    await counts.bulkInsert(points)
    const answer = await counts.query('a', { start: NOW - days * DAY, ...options })
    expect({ ...answer, points: answer.points.size }).toEqual({
      interval,
      every,
      zone: (options as { zone?: string }).zone ?? 'UTC',
      points: size,
    })
    const sum = points.filter(({ name, timestamp }) => name === 'a' && timestamp >= [...answer.points.keys()][0]!)
    expect([...answer.points.values()].reduce((total: number, count) => total + (count as number), 0)).toBe(
      sum.reduce((total, { value }) => total + value, 0),
    )
  })

  it('and shows what series shows', async () => {
    for (const driver of [memoryDriver(), mergingDriver(memoryDriver())]) {
      for (const type of ['count', 'series', 'histogram', 'set', 'gauge']) {
        const timeseries = createAny(driver, { ...config, type })
        await timeseries.bulkInsert(points)
        for (const options of [
          { start: NOW - 3 * DAY, end: NOW - DAY, zone: 'Asia/Tokyo', maxPoints: 20 },
          { start: NOW - DAY / 2 },
        ]) {
          const { interval, every, ...answer } = await timeseries.query(['a', 'b'], options)
          const range = { end: NOW, ...options, maxPoints: undefined, ...(every !== null && { every }) }
          const { maxPoints: _, ...own } = range
          expect(answer.points).toEqual(await timeseries.series(['a', 'b'], interval, own))
          const split = await timeseries.query(['b', 'none'], { ...options, split: true })
          expect(split.points).toEqual(await timeseries.series(['b', 'none'], interval, { ...own, split: true }))
        }
      }
    }
  })
})

describe('where steps of the zone do not fit', () => {
  it('takes an interval that they fit into, and else says whose days it shows', async () => {
    const counts = createAny('memory:', config)
    const week = { start: NOW - 6 * DAY, maxPoints: 10, zone: 'Asia/Kolkata' }
    expect(await counts.query('a', week)).toMatchObject({ interval: 'minute', every: 'daily', zone: 'Asia/Kolkata' })
    expect(await counts.query('a', { ...week, start: NOW - 30 * DAY, maxPoints: 10 })).toMatchObject({
      interval: 'day',
      every: 'iso-weekly',
      zone: 'UTC',
    })
    const berlin = { day: { step: 'daily', zone: 'Europe/Berlin' } }
    const days = createAny('memory:', { ...config, intervals: berlin })
    expect(await days.query('a', { start: NOW - 3 * DAY })).toMatchObject({ every: null, zone: 'Europe/Berlin' })
    expect(await days.query('a', { start: NOW - 3 * DAY, zone: 'Europe/Berlin' })).toMatchObject({ every: null })
    expect((await days.query('a', { start: NOW - 3 * DAY, zone: 'Asia/Tokyo' })).points.size).toBe(4)
  })

  it('shows the finest buckets of an interval with a resolution flat, empty ones among them', async () => {
    const counts = createAny('memory:', {
      ...config,
      intervals: { day: { step: 'daily', resolution: '1h' } },
      zone: 'Asia/Tokyo',
    })
    await counts.insert('a', 3)
    expect(await counts.query('a', { start: NOW - 7_200 })).toEqual({
      interval: 'day',
      every: null,
      zone: 'Asia/Tokyo',
      points: new Map([
        [NOW - 7_200, 0],
        [NOW - 3_600, 0],
        [NOW, 3],
      ]),
    })
  })
})

it('passes stages and options on, in one read', async () => {
  const { driver, reads } = watchedDriver()
  const series = createAny(driver, { ...config, type: 'series' })
  await series.bulkInsert(points)
  const options = { start: NOW - 6 * DAY, maxPoints: 50 }
  const { points: means } = await series.query(['a', 'b'], { ...options, transform: ['count', 'max'] })
  expect(reads).toHaveLength(1)
  expect([...means.values()].at(-1)).toEqual({ count: 8, max: 4 })
  const condense = (rows: ReadonlyMap<number, number[]>) => [...rows.keys()].length
  const { points: sizes, every } = await series.query('a', { ...options, condense })
  expect(every).toBe('3h')
  expect(Math.max(...[...sizes.values()].filter((size) => typeof size === 'number'))).toBe(3)
})

it('explains its choice', async () => {
  const { why } = await createAny('memory:', config).query('a', {
    start: NOW - 365 * DAY,
    maxPoints: 60,
    zone: 'Europe/Berlin',
    explain: true,
  })
  expect(why).toEqual([
    '"minute" keeps only what is from 2024-03-24T20:01:00Z on',
    '"hour" gives 53 points in Europe/Berlin with every "iso-weekly", of about 168 stored buckets each',
    '"day" has no buckets in Europe/Berlin that give at most 60 points',
    'none of them costs at most 50 stored buckets a point; of the coarsest: "hour" gives 53 points in Europe/Berlin with every "iso-weekly", of about 168 stored buckets each',
  ])
})

it.each([
  [{ start: NOW, maxPoints: 0 }, 'KAIROS_INVALID_CONFIG', 'maxPoints must be an integer of at least 1'],
  [{ start: NOW, explain: 1 }, 'KAIROS_INVALID_CONFIG', 'explain must be true or false'],
  [{ start: NOW, zone: 'Europe/Berln' }, 'KAIROS_INVALID_CONFIG', 'did you mean "Europe/Berlin"'],
  [{ start: NOW, every: '1h' }, 'KAIROS_INVALID_CONFIG', 'every is not an option of this call'],
  [{ start: NOW, transform: 'sum' }, 'KAIROS_UNKNOWN_TRANSFORM', 'has no transform'],
  [{}, 'KAIROS_INVALID_RANGE', 'start must be given'],
  [undefined, 'KAIROS_INVALID_RANGE', 'start must be given'],
  [{ start: NOW + 60 }, 'KAIROS_INVALID_RANGE', 'start must be at or before end'],
] as const)('%j is refused', async (options, code, text) => {
  const error = await failureOf(() => createAny('memory:', config).query('a', options), code)
  expect(error.message).toContain(text)
})
