import { describe, expect, it } from 'vitest'
import { createTimeseries, memoryDriver, type UniqueSketch } from '../../src/index.ts'
import { failureOf } from '../support/failure.ts'

const T = 1_700_000_000
const now = () => T + 150
const intervals = { minute: { step: 60, steps: 60 }, hour: { step: 3_600, steps: 24, resolution: 60 } } as const
/** The start of T's minute, of which T is the second 20. */
const MINUTE = 1_699_999_980

function values(map: ReadonlyMap<unknown, unknown>): unknown[] {
  return [...map.values()]
}

describe('a summary', () => {
  const opened = () => createTimeseries(memoryDriver(), { type: 'summary', intervals, now })

  it('keeps six numbers, whatever the order in which values arrive', async () => {
    const speeds = opened()
    await speeds.insert('a', 5, { timestamp: T + 30 })
    await speeds.insert('a', [2, 9], { timestamp: T })
    const expected = { count: 3, sum: 16, min: 2, max: 9, last: 5, lastAt: T + 30 }
    expect(values(await speeds.get('a', 'minute', { timestamp: T }))).toEqual([expected])
    await speeds.bulkInsert([
      { name: 'b', value: 9, timestamp: T },
      { name: 'b', value: 5, timestamp: T + 30 },
      { name: 'b', value: 2, timestamp: T },
    ])
    expect(values(await speeds.get('b', 'minute', { timestamp: T }))).toEqual([expected])
  })

  it('shows the one that arrived last of values at one moment', async () => {
    const speeds = opened()
    await speeds.insert('a', [1, 2], { timestamp: T })
    expect(values(await speeds.get('a', 'minute', { timestamp: T, transform: 'last' }))).toEqual([2])
    await speeds.insert('a', 3, { timestamp: T })
    await speeds.insert('a', 4, { timestamp: T - 5 })
    expect(values(await speeds.get('a', 'minute', { timestamp: T, transform: 'last' }))).toEqual([3])
  })

  it('sums exactly', async () => {
    const speeds = opened()
    await speeds.insert('a', [0.1, 0.2, 0.3, 1e16, -1e16], { timestamp: T })
    expect(values(await speeds.get('a', 'minute', { timestamp: T, transform: 'sum' }))).toEqual([0.6])
  })

  it('joins, condenses, collapses and answers its transforms', async () => {
    const speeds = opened()
    await speeds.insert('a', [1, 3], { timestamp: T })
    await speeds.insert('b', 8, { timestamp: T + 60 })
    const options = {
      timestamp: T,
      transform: ['count', 'rate', 'sum', 'mean', 'min', 'max', 'range', 'last'],
    } as const
    expect(values(await speeds.get(['a', 'b'], 'hour', { ...options, condense: true }))).toEqual([
      { count: 3, rate: 3 / 3_600, sum: 12, mean: 4, min: 1, max: 8, range: 7, last: 8 },
    ])
    expect(values(await speeds.get('none', 'minute', options))).toEqual([
      { count: 0, rate: 0, sum: 0, mean: null, min: null, max: null, range: null, last: null },
    ])
    expect(values(await speeds.series('none', 'minute', { steps: 2 }))).toEqual([null, null])
    expect(
      values(await speeds.series(['a', 'b'], 'minute', { start: T, end: T + 60, collapse: true, transform: 'max' })),
    ).toEqual([8])
    expect(await speeds.top('hour', { by: 'max' })).toEqual([
      { name: 'b', value: 8 },
      { name: 'a', value: 3 },
    ])
    expect(await speeds.top('hour')).toEqual([
      { name: 'a', value: 2 },
      { name: 'b', value: 1 },
    ])
  })

  it('refuses sums that no number holds, of one call and in the store', async () => {
    const speeds = opened()
    const large = 1.7e308
    await failureOf(() => speeds.insert('a', [large, large], { timestamp: T }), 'KAIROS_INVALID_VALUE')
    await speeds.insert('a', large, { timestamp: T })
    await failureOf(() => speeds.insert('a', large, { timestamp: T }), 'KAIROS_STORE_FAILED')
    expect(values(await speeds.get('a', 'minute', { timestamp: T, transform: 'count' }))).toEqual([1])
  })

  it('is copied, corrected and rebuilt', async () => {
    const [one, two] = [opened(), opened()]
    await one.insert('a', [1, 2], { timestamp: T })
    await two.write(one.cells())
    expect(await two.get('a', 'minute', { timestamp: T })).toEqual(await one.get('a', 'minute', { timestamp: T }))
    await two.insert('a', 7, { timestamp: T })
    await two.write(one.cells(), { mode: 'replace' })
    expect(await two.get('a', 'hour', { timestamp: T })).toEqual(await one.get('a', 'hour', { timestamp: T }))
    const odd = { name: 'a', interval: 'minute', start: MINUTE }
    for (const wrong of [
      {},
      { count: 0 },
      { min: 3 },
      { last: Number.NaN },
      { lastAt: 1e20 },
      { sum: Number.POSITIVE_INFINITY },
    ]) {
      const value = { count: 1, sum: 2, min: 2, max: 2, last: 2, lastAt: T, ...wrong }
      if (Object.keys(wrong).length > 0) await failureOf(() => two.write([{ ...odd, value }]), 'KAIROS_INVALID_VALUE')
      else expect(await two.write([{ ...odd, value }])).toMatchObject({ stored: 1 })
    }
  })
})

describe('a distribution', () => {
  const opened = (accuracy?: number) =>
    createTimeseries(memoryDriver(), { type: 'distribution', intervals, now, accuracy })

  it('answers percentiles within its accuracy, joined and collapsed', async () => {
    const times = opened()
    const all = Array.from({ length: 1_000 }, (_, index) => index + 1)
    for (const [index, name] of ['a', 'b', 'c', 'd'].entries())
      await times.insert(
        name,
        all.filter((value) => value % 4 === index),
        { timestamp: T + index * 10 },
      )
    const found = await times.series(['a', 'b', 'c', 'd'], 'minute', {
      start: T,
      end: T + 60,
      collapse: true,
      transform: ['p50', 'p99', 'p99.9', 'count', 'mean', 'min', 'max', 'sum'],
    })
    for (const [key, expected] of Object.entries({
      p50: 500,
      p99: 990,
      'p99.9': 999,
      count: 1_000,
      mean: 500.5,
      min: 1,
      max: 1_000,
      sum: 500_500,
    })) {
      const value = (found.values().next().value as unknown as Record<string, number>)[key]!
      expect(Math.abs(value / expected - 1), key).toBeLessThanOrEqual(0.01)
    }
    const whole = (await times.get(['a', 'b', 'c', 'd'], 'hour', { timestamp: T, condense: true })).values().next()
      .value!
    expect(whole.count).toBe(1_000)
    expect(whole.quantile(0.5)).toBe((found.values().next().value as unknown as Record<string, number>).p50)
    expect(whole.shareBelow(251)).toBeCloseTo(0.25, 1)
  })

  it('is empty without data', async () => {
    const empty = (await opened().get('none', 'minute')).values().next().value!
    expect(empty.count).toBe(0)
    expect(values(await opened().get('none', 'minute', { transform: 'p99' }))).toEqual([null])
    expect(values(await opened().get('none', 'minute', { transform: 'count' }))).toEqual([0])
  })

  it('takes times', async () => {
    const times = opened()
    await times.insert('a', 5, { times: 3, timestamp: T })
    expect(values(await times.get('a', 'minute', { timestamp: T, transform: 'count' }))).toEqual([3])
  })

  it('gives functions the distribution, and merges what they pass on', async () => {
    const times = opened()
    await times.insert('a', [1, 10], { timestamp: T })
    await times.insert('a', 100, { timestamp: T + 60 })
    const found = await times.get('a', 'hour', {
      timestamp: T,
      condense: (minutes) => [...minutes.values()].reduce((sum, { count }) => sum + count, 0),
    })
    expect(values(found)).toEqual([3])
    expect(
      values(await times.get('a', 'hour', { timestamp: T, condense: true, transform: ({ max }) => max! > 99 })),
    ).toEqual([true])
  })

  it('records its accuracy, and refuses another', async () => {
    const driver = memoryDriver()
    const times = createTimeseries(driver, { type: 'distribution', intervals, now })
    await times.insert('a', 1, { timestamp: T })
    const other = createTimeseries(driver, { type: 'distribution', intervals, now, accuracy: 0.02 })
    await failureOf(() => other.open(), 'KAIROS_CONFIG_CHANGED')
    await expect(
      createTimeseries(driver, { type: 'distribution', intervals, now, accuracy: 0.01 }).open(),
    ).resolves.toBeDefined()
  })

  it('is copied and rebuilt', async () => {
    const [one, two] = [opened(), opened()]
    await one.insert('a', [1, 2, 2, -5, 0], { timestamp: T })
    await two.write(one.cells({ intervals: ['hour'] }))
    await two.rebuild('minute', { from: 'hour', current: true, start: T, end: T })
    expect(JSON.stringify(await two.get('a', 'minute', { timestamp: T }))).toBe(
      JSON.stringify(await one.get('a', 'minute', { timestamp: T })),
    )
    for (const value of [new Map(), new Map([[0.5, 1]]), new Map([[1, 0]]), new Map([[2 ** 30, 1]])])
      await failureOf(
        () => two.write([{ name: 'a', interval: 'minute', start: MINUTE, value }]),
        'KAIROS_INVALID_VALUE',
      )
  })
})

describe('a unique', () => {
  const opened = (precision?: number) => createTimeseries(memoryDriver(), { type: 'unique', intervals, now, precision })

  it('reads as the number of distinct values, joined, condensed and collapsed', async () => {
    const visitors = opened()
    await visitors.insert('home', ['ada', 'grace', 'ada'], { timestamp: T })
    await visitors.insert('shop', new Set(['ada', 'alan']), { timestamp: T + 60 })
    await visitors.insert('home', 'grace', { timestamp: T })
    expect(values(await visitors.get('home', 'minute', { timestamp: T }))).toEqual([2])
    expect(values(await visitors.get(['home', 'shop'], 'hour', { timestamp: T, condense: true }))).toEqual([3])
    const range = { start: T, end: T + 60, collapse: true } as const
    expect(values(await visitors.series(['home', 'shop'], 'minute', range))).toEqual([3])
    expect(values(await visitors.series('home', 'minute', { start: T, end: T + 60 }))).toEqual([2, 0])
    expect(values(await visitors.series('home', 'minute', { start: T, end: T + 60, fill: 'previous' }))).toEqual([2, 2])
    expect([...(await visitors.get('home', 'hour', { timestamp: T })).values()]).toEqual([2])
    expect(await visitors.top('hour')).toEqual([
      { name: 'home', value: 2 },
      { name: 'shop', value: 2 },
    ])
  })

  it('gives functions a sketch, also without data', async () => {
    const visitors = opened()
    await visitors.insert('home', ['ada', 'grace'], { timestamp: T })
    await visitors.insert('home', ['ada', 'alan'], { timestamp: T + 60 })
    const united = (minutes: ReadonlyMap<number, UniqueSketch>): UniqueSketch =>
      [...minutes.values()].reduce((all, minute) => all.merge(minute))
    expect(values(await visitors.get('home', 'hour', { timestamp: T, condense: united }))).toEqual([3])
    expect(values(await visitors.get('none', 'minute', { transform: (sketch) => sketch.count() + 1 }))).toEqual([1])
    await failureOf(() => visitors.get('home', 'minute', { transform: 'count' as never }), 'KAIROS_UNKNOWN_TRANSFORM')
  })

  it('takes any valueType', async () => {
    const driver = memoryDriver()
    const days = createTimeseries(driver, { type: 'unique', valueType: 'datetime', intervals, now })
    await days.insert('a', [new Date(1), new Date(1), new Date(2)], { timestamp: T })
    expect(values(await days.get('a', 'minute', { timestamp: T }))).toEqual([2])
    const cell = (await days.cells().next()).value!
    expect(cell.value).toBeInstanceOf(Uint8Array)
  })

  it('records its precision', async () => {
    const driver = memoryDriver()
    await createTimeseries(driver, { type: 'unique', intervals, now }).insert('a', 'x')
    await failureOf(
      () => createTimeseries(driver, { type: 'unique', intervals, now, precision: 14 }).open(),
      'KAIROS_CONFIG_CHANGED',
    )
  })

  it('is copied and rebuilt', async () => {
    const [one, two] = [opened(8), opened(8)]
    await one.insert(
      'a',
      Array.from({ length: 500 }, (_, index) => `visitor ${index}`),
      { timestamp: T },
    )
    await two.write(one.cells({ intervals: ['hour'] }))
    await two.rebuild('minute', { from: 'hour', current: true, start: T, end: T })
    expect(await two.get('a', 'minute', { timestamp: T })).toEqual(await one.get('a', 'minute', { timestamp: T }))
    await failureOf(
      () => two.write([{ name: 'a', interval: 'minute', start: MINUTE, value: new Uint8Array([1, 9, 0, 1, 1]) }]),
      'KAIROS_INVALID_VALUE',
    )
  })
})

describe('joins of 50 names and 1,440 buckets', () => {
  it('equal the sketch of all values', async () => {
    const day = { minute: { step: 60 }, day: { step: 86_400 } }
    const at = { timestamp: T }
    const midnight = T - (T % 86_400)
    const points = Array.from({ length: 2_880 }, (_, index) => ({
      name: `name ${index % 50}`,
      timestamp: midnight + (index % 1_440) * 60,
      value: (index * 7_919) % 5_003,
    }))
    const clock = () => midnight + 86_399
    const range = { start: midnight, end: midnight + 86_399, collapse: true } as const
    const names = Array.from({ length: 50 }, (_, index) => `name ${index}`)
    const all = points.map((point) => ({ ...point, name: 'all' }))
    for (const config of [
      { type: 'summary' },
      { type: 'distribution' },
      { type: 'unique', valueType: 'int' },
    ] as const) {
      const timeseries = createTimeseries(memoryDriver(), { ...config, intervals: day, now: clock })
      await timeseries.bulkInsert([...points, ...all] as never)
      const joined = await timeseries.series(names, 'minute', range)
      const whole = await timeseries.get('all', 'day', at)
      if (config.type === 'summary') {
        const plain = (data: unknown) => ({ ...(data as object), last: 0 })
        expect(plain(joined.get(midnight))).toEqual(plain(whole.get(midnight)))
      } else expect(JSON.stringify(joined)).toBe(JSON.stringify(whole))
    }
  })
})
