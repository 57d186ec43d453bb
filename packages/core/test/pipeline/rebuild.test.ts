import { describe, expect, it } from 'vitest'
import { failedWrite, type StorageDriver } from '../../src/driver.ts'
import { memoryDriver, type RebuildProgress } from '../../src/index.ts'
import { type AnyCell, type AnyTimeseries, createAny } from '../support/any-timeseries.ts'
import { collect } from '../support/collect.ts'
import { failureOf } from '../support/failure.ts'
import { watchedDriver } from '../support/watched-driver.ts'

const DAY = 86_400
/** A Monday. */
const MONDAY = Date.UTC(2024, 3, 1) / 1_000
const NOW = MONDAY + 40 * DAY
const minute = { step: 60 }

async function cellsOf(timeseries: AnyTimeseries, interval: string): Promise<Omit<AnyCell, 'cursor'>[]> {
  const cells = await collect(timeseries.cells({ intervals: [interval] }))
  return cells.map(({ cursor: _, ...cell }) => cell)
}

/** Values of some names over ten days, in the order of time. */
function points(values: readonly unknown[]) {
  return ['a', 'b ', '😀'].flatMap((name, own) =>
    Array.from({ length: 60 }, (_, index) => ({
      name,
      value: values[(index * 7 + own) % values.length],
      timestamp: MONDAY + index * 15_000 + own * 100,
    })),
  )
}

const KINDS: readonly (readonly [type: string, valueType: string | undefined, values: readonly unknown[]])[] = [
  ['count', undefined, [1, 0.1, 0.2, -3, 0]],
  ['series', 'int64', [1n, -(2n ** 63n), 7n]],
  ['gauge', 'datetime', [new Date(7), new Date(0)]],
  ['histogram', 'string', ['a', 'b', '']],
  ['set', 'int', [1, 2, 3, 4]],
]

describe('rebuild', () => {
  it.each(KINDS)(
    'makes of a finer interval what inserts made, again and again: %s of %s',
    async (type, valueType, values) => {
      const intervals = {
        minute,
        day: { step: 'daily', resolution: '1h' },
        week: { step: '7d' },
        month: { step: 'monthly' },
      }
      const timeseries = createAny('memory:', { type, valueType, intervals, now: () => NOW })
      await timeseries.bulkInsert(points(values))
      for (const [interval, from] of [
        ['day', 'minute'],
        ['week', 'minute'],
        ['month', 'day'],
      ] as const) {
        const before = await cellsOf(timeseries, interval)
        const wrong = before.map((cell, index) => ({ ...cell, value: index % 2 === 0 ? null : before[0]!.value }))
        await timeseries.write(wrong, { mode: 'replace' })
        for (const round of [1, 2]) {
          await timeseries.rebuild(interval, { from })
          const after = await cellsOf(timeseries, interval)
          expect(after, `${interval}, round ${round}`).toEqual(before)
        }
      }
    },
  )

  it('gives an interval that was added later its past', async () => {
    const driver = memoryDriver()
    const old = createAny(driver, { type: 'series', intervals: { minute }, now: () => NOW })
    await old.bulkInsert(points([1, 2, 3]))
    const both = { type: 'series', intervals: { minute, day: { step: 'daily' } }, now: () => NOW }
    const [timeseries, expected] = [createAny(driver, both), createAny('memory:', both)]
    await expected.bulkInsert(points([1, 2, 3]))
    // What it got since then is in both.
    for (const each of [timeseries, expected]) await each.insert('a', 9, { timestamp: MONDAY + 3 * DAY })
    const { stored, ...rest } = await timeseries.rebuild('day', { from: 'minute' })
    const cells = await cellsOf(timeseries, 'day')
    expect({ stored, ...rest }).toEqual({ stored: 33, incomplete: 0, first: MONDAY, last: MONDAY + 10 * DAY })
    // Arrival is only known within a bucket: the late value comes where its minute does.
    const sorted = (list: typeof cells) =>
      list.map((cell) => ({ ...cell, value: [...(cell.value as number[])].sort() }))
    expect(sorted(cells)).toEqual(sorted(await cellsOf(expected, 'day')))
  })

  it('keeps the order of arrival within a bucket, and that of time between them', async () => {
    const intervals = { minute, hour: { step: 3_600 } }
    const config = { intervals, now: () => 7_200 }
    const series = createAny('memory:', { type: 'series', ...config })
    const gauges = createAny('memory:', { type: 'gauge', ...config })
    for (const [timestamp, value] of [
      [120, 1],
      [61, 2],
      [119, 3],
      [60, 4],
      [130, 5],
    ] as const) {
      await series.insert('a', value, { timestamp })
      await gauges.insert('a', value, { timestamp })
    }
    for (const timeseries of [series, gauges]) await timeseries.rebuild('hour', { from: 'minute' })
    expect(await series.get('a', 'hour', { timestamp: 0 })).toEqual(new Map([[0, [2, 3, 4, 1, 5]]]))
    expect(await gauges.get('a', 'hour', { timestamp: 0 })).toEqual(new Map([[0, 5]]))
  })

  it('knows zones and resolutions', async () => {
    const zone = 'Europe/Berlin'
    const night = Date.UTC(2024, 9, 26, 22) / 1_000
    const intervals = {
      quarter: { step: 900 },
      day: { step: 'daily', zone, resolution: '1h' },
      gas: { step: 'daily', zone, offset: '6h', resolution: 1_800 },
      week: { step: 'iso-weekly', zone, resolution: 'daily' },
      month: { step: 'monthly', zone },
      kathmandu: { step: 'daily', zone: 'Asia/Kathmandu' },
    }
    const counts = createAny('memory:', { type: 'count', intervals, now: () => night + 60 * DAY })
    await counts.bulkInsert(
      Array.from({ length: 400 }, (_, index) => ({ name: 'a', timestamp: night - DAY + index * 1_234 })),
    )
    for (const [interval, from] of [
      ['day', 'quarter'],
      ['gas', 'quarter'],
      ['kathmandu', 'quarter'],
      ['week', 'day'],
      ['month', 'week'],
      ['month', 'day'],
    ] as const) {
      const before = await cellsOf(counts, interval)
      await counts.deleteAll()
      await counts.bulkInsert(
        Array.from({ length: 400 }, (_, index) => ({ name: 'a', timestamp: night - DAY + index * 1_234 })),
      )
      await counts.write(
        before.map((cell) => ({ ...cell, value: 77 })),
        { mode: 'replace' },
      )
      await counts.rebuild(interval, { from })
      expect(await cellsOf(counts, interval), `${interval} from ${from}`).toEqual(before)
    }
  })

  it('refuses a source whose buckets lie in two, before it reads or writes', async () => {
    const { driver, reads, bounds } = watchedDriver()
    const zone = 'Asia/Kathmandu'
    const intervals = {
      minute,
      hour: { step: 3_600 },
      fiveMinutes: { step: 300 },
      sevenMinutes: { step: 420 },
      day: { step: 'daily' },
      local: { step: 'daily', zone, resolution: '1h' },
      week: { step: 'weekly' },
      isoWeek: { step: 'iso-weekly' },
      month: { step: 'monthly' },
      hours: { step: 'daily', resolution: '1h' },
    }
    const counts = createAny(driver, { type: 'count', intervals, now: () => NOW })
    for (const [interval, from] of [
      ['minute', 'hour'],
      ['hour', 'sevenMinutes'],
      ['day', 'sevenMinutes'],
      ['day', 'week'],
      ['week', 'isoWeek'],
      ['month', 'week'],
      ['local', 'hour'],
      ['local', 'day'],
      ['day', 'local'],
      ['hours', 'day'],
    ] as const) {
      const error = await failureOf(() => counts.rebuild(interval, { from }), 'KAIROS_INVALID_CONFIG')
      expect(error.path, `${interval} from ${from}`).toBe('from')
      expect(error.message).toMatch(/lies in two/)
    }
    expect([reads, bounds]).toEqual([[], []])
    await counts.rebuild('local', { from: 'fiveMinutes' })
    await counts.rebuild('hour', { from: 'hours' })
  })

  it('finds a zone that had other rules only where data is, and does not replace that bucket', async () => {
    const intervals = {
      hour: { step: 3_600 },
      day: { step: 'daily', zone: 'Asia/Kathmandu' },
      paris: { step: 'daily', zone: 'Europe/Paris' },
    }
    const counts = createAny('memory:', { type: 'count', intervals, now: () => NOW })
    // Until 1911, Paris was 9 minutes and 21 seconds ahead of Greenwich.
    const old = Date.UTC(1900, 0, 1, 23, 55) / 1_000
    await counts.insert('a', 1, { timestamp: old })
    await counts.insert('a', 1, { timestamp: MONDAY })
    const error = await failureOf(() => counts.rebuild('paris', { from: 'hour' }), 'KAIROS_INVALID_CONFIG')
    expect(error).toMatchObject({ path: 'from', stored: 0 })
    expect(await counts.rebuild('paris', { from: 'hour', start: MONDAY })).toMatchObject({ stored: 1 })
    await failureOf(() => counts.rebuild('paris', { from: 'hour', start: old, end: old }), 'KAIROS_INVALID_CONFIG')
  })

  it('never replaces a bucket of which the source has expired in part', async () => {
    let now = 0
    const intervals = { minute: { ...minute, steps: 150 }, hour: { step: 3_600 } }
    const counts = createAny('memory:', { type: 'count', intervals, now: () => now })
    for (let hour = 0; hour < 5; hour++) {
      now = hour * 3_600 + 1_800
      await counts.insert('a', 1, { timestamp: now - 600 })
      await counts.insert('a', 1)
    }
    const hours = await cellsOf(counts, 'hour')
    await counts.write(
      hours.map((cell) => ({ ...cell, value: 7 })),
      { mode: 'replace' },
    )
    // Minutes are live from 2:01 on, so that hour 3 is the only one that is over and whole.
    const result = await counts.rebuild('hour', { from: 'minute' })
    expect(result).toEqual({ stored: 1, incomplete: 0, first: 3 * 3_600, last: 3 * 3_600 })
    expect((await cellsOf(counts, 'hour')).map(({ value }) => value)).toEqual([7, 7, 7, 2, 7])
    expect(await counts.rebuild('hour', { from: 'minute', end: 2 * 3_600 })).toEqual({ stored: 0, incomplete: 0 })
  })

  it('never replaces a bucket whose source expires while it is read', async () => {
    let now = 2 * 3_600
    const { driver } = watchedDriver(async () => {
      now += 120
    })
    const intervals = { minute: { ...minute, steps: 121 }, hour: { step: 3_600 } }
    const counts = createAny(driver, { type: 'count', intervals, now: () => now })
    for (const timestamp of [10, 3_610]) await counts.insert('a', 1, { timestamp })
    await counts.write([{ name: 'a', interval: 'hour', start: 0, value: 5 }], { mode: 'replace' })
    expect(await counts.rebuild('hour', { from: 'minute' })).toMatchObject({ stored: 1, first: 3_600 })
    expect((await cellsOf(counts, 'hour')).map(({ value }) => value)).toEqual([5, 1])
  })

  it('never replaces a bucket in which the source was added', async () => {
    const driver = memoryDriver()
    const day = { step: 'daily' }
    const old = createAny(driver, { type: 'count', intervals: { day }, now: () => NOW })
    const at = (days: number, hours: number) => ({ timestamp: MONDAY + days * DAY + hours * 3_600 })
    for (const name of ['a', 'b']) for (const days of [0, 1]) await old.insert(name, 5, at(days, 2))
    const counts = createAny(driver, { type: 'count', intervals: { minute, day }, now: () => NOW })
    for (const name of ['a', 'b', 'new']) for (const days of [1, 2]) await counts.insert(name, 1, at(days, 20))
    const values = async () => (await cellsOf(counts, 'day')).map(({ name, value }) => [name, value])
    const before = await values()
    expect(await counts.rebuild('day', { from: 'minute' })).toMatchObject({ stored: 4, incomplete: 2 })
    expect(await values()).toEqual(before)
    // Where the minutes go further back than the stretch, they were there.
    expect(await counts.rebuild('day', { from: 'minute', start: at(2, 0).timestamp })).toMatchObject({
      stored: 3,
      incomplete: 0,
    })
    expect(await values()).toEqual(before)
  })

  it('leaves out buckets that are not over, unless they are asked for', async () => {
    const intervals = { minute, hour: { step: 3_600 } }
    const counts = createAny('memory:', { type: 'count', intervals, now: () => 7_199 })
    for (const timestamp of [0, 3_600, 7_200]) await counts.insert('a', 1, { timestamp })
    const wrong = (await cellsOf(counts, 'hour')).map((cell) => ({ ...cell, value: 9 }))
    const values = async () => (await cellsOf(counts, 'hour')).map(({ value }) => value)
    await counts.write(wrong, { mode: 'replace' })
    await counts.rebuild('hour', { from: 'minute' })
    expect(await values()).toEqual([1, 9, 9])
    await counts.rebuild('hour', { from: 'minute', current: true, end: 7_199 })
    expect(await values()).toEqual([1, 1, 9])
    await counts.rebuild('hour', { from: 'minute', current: true })
    expect(await values()).toEqual([1, 1, 1])
  })

  it('writes no bucket that has expired', async () => {
    const intervals = { minute, hour: { step: 3_600, steps: 3 } }
    const driver = memoryDriver()
    const counts = createAny(driver, { type: 'count', intervals, now: () => 5 * 3_600 })
    await counts.bulkInsert(Array.from({ length: 6 }, (_, hour) => ({ name: 'a', timestamp: hour * 3_600 })))
    expect(await counts.rebuild('hour', { from: 'minute' })).toMatchObject({ stored: 2, first: 3 * 3_600 })
    const earlier = createAny(driver, { type: 'count', intervals, now: () => 3_600 })
    expect((await cellsOf(earlier, 'hour')).map(({ start }) => start / 3_600)).toEqual([3, 4, 5])
  })

  it('deletes what the source does not hold, within the buckets for which it holds something', async () => {
    const intervals = { minute, day: { step: 'daily', resolution: '1h' } }
    const counts = createAny('memory:', { type: 'count', intervals, now: () => NOW })
    for (const days of [0, 1])
      for (const hours of [3, 5, 8]) await counts.insert('a', 1, { timestamp: MONDAY + days * DAY + hours * 3_600 })
    await counts.delete('a', { interval: 'minute', start: MONDAY + 5 * 3_600, end: MONDAY + 6 * 3_600 })
    await counts.delete('a', { interval: 'minute', start: MONDAY + DAY })
    expect(await counts.rebuild('day', { from: 'minute' })).toEqual({
      stored: 3,
      incomplete: 0,
      first: MONDAY,
      last: MONDAY,
    })
    const left = (await cellsOf(counts, 'day')).map(({ resolutionStart }) => (resolutionStart! - MONDAY) / 3_600)
    expect(left).toEqual([3, 8, 27, 29, 32])
  })

  it('of some names and a stretch of time', async () => {
    const intervals = { minute, day: { step: 'daily' } }
    const counts = createAny('memory:', { type: 'count', intervals, now: () => NOW })
    const names = ['a', 'ab', 'b']
    await counts.bulkInsert(
      names.flatMap((name) => [0, 1, 2, 3].map((day) => ({ name, timestamp: MONDAY + day * DAY }))),
    )
    const wrong = (await cellsOf(counts, 'day')).map((cell) => ({ ...cell, value: 9 }))
    const right = async (options: object) => {
      await counts.write(wrong, { mode: 'replace' })
      await counts.rebuild('day', { from: 'minute', ...options })
      return (await cellsOf(counts, 'day')).flatMap(({ name, start, value }) =>
        value === 1 ? [`${name}${(start - MONDAY) / DAY}`] : [],
      )
    }
    expect(await right({ names: 'ab' })).toEqual(['ab0', 'ab1', 'ab2', 'ab3'])
    expect(await right({ prefix: 'a', start: MONDAY + 1.5 * DAY, end: MONDAY + 2 * DAY })).toEqual([
      'a1',
      'a2',
      'ab1',
      'ab2',
    ])
    expect(await right({ names: new Set(['nobody', 'b']), end: MONDAY })).toEqual(['b0'])
    expect(await right({ start: NOW })).toEqual([])
  })

  it('of many names and long ranges, a part at a time, with progress', async () => {
    const { driver, reads, found } = watchedDriver()
    const intervals = { second: { step: 1 }, minute: { step: 60 } }
    const counts = createAny(driver, { type: 'count', intervals, now: () => NOW })
    const dense = Array.from({ length: 60_000 }, (_, second) => ({ name: 'dense', timestamp: second }))
    const many = Array.from({ length: 1_200 }, (_, index) => ({ name: `n${index}`, timestamp: index }))
    await counts.bulkInsert([...dense, ...many])
    const before = await cellsOf(counts, 'minute')
    await counts.write(
      before.map((cell) => ({ ...cell, value: 0 })),
      { mode: 'replace' },
    )
    reads.length = 0
    found.length = 0
    const heard: RebuildProgress[] = []
    const result = await counts.rebuild('minute', {
      from: 'second',
      onProgress: (progress: RebuildProgress) => heard.push(progress),
    })
    expect(result.stored).toBe(2_200)
    expect(heard.at(-1)).toEqual({ name: 'n999', stored: 2_200 })
    expect(Math.max(...found.map(({ length }) => length))).toBeLessThanOrEqual(25_000)
    expect(reads.length).toBeLessThan(60)
    expect(await cellsOf(counts, 'minute')).toEqual(before)
  })

  it('a value of 50,000 and more', async () => {
    const series = createAny('memory:', {
      type: 'series',
      intervals: { minute, day: { step: 'daily' } },
      now: () => NOW,
    })
    const values = Array.from({ length: 60_000 }, (_, index) => ({
      name: 'a',
      value: index,
      timestamp: MONDAY + index,
    }))
    await series.bulkInsert(values)
    const before = await cellsOf(series, 'day')
    await series.rebuild('day', { from: 'minute' })
    await series.rebuild('day', { from: 'minute' })
    expect(await cellsOf(series, 'day')).toEqual(before)
  })

  it('is repeated where an answer was lost', async () => {
    const driver = memoryDriver()
    let lost = 0
    const losing: StorageDriver = {
      ...driver,
      async open(schema, options) {
        const { store, records } = await driver.open(schema, options)
        return {
          records,
          store: {
            ...store,
            async replace(batch) {
              const receipt = await store.replace!(batch)
              if (lost++ < 2)
                throw failedWrite<(typeof batch.cells)[number]>('cut', { retry: 'now', maybeApplied: batch.cells })
              return receipt
            },
          },
        }
      },
    }
    const counts = createAny(losing, { type: 'count', intervals: { minute, hour: { step: 3_600 } }, now: () => NOW })
    for (const timestamp of [0, 60, 120]) await counts.insert('a', 1, { timestamp })
    expect(await counts.rebuild('hour', { from: 'minute' })).toMatchObject({ stored: 1 })
    expect(lost).toBe(3)
    expect(await counts.get('a', 'hour', { timestamp: 0 })).toEqual(new Map([[0, 3]]))
  })

  it('refuses a store that cannot replace, options that it does not know, and a sum that is too large', async () => {
    const memory = memoryDriver()
    const { replace: _, ...capabilities } = memory.capabilities
    const intervals = { minute, hour: { step: 3_600 } }
    const config = { type: 'count', intervals, now: () => NOW }
    const error = await failureOf(
      () => createAny({ ...memory, id: 'poor', capabilities }, config).rebuild('hour', { from: 'minute' }),
      'KAIROS_UNSUPPORTED',
    )
    expect(error).toMatchObject({
      driver: 'poor',
      feature: 'replace',
      message: 'rebuild is not supported by the poor store',
    })
    const counts = createAny(memory, config)
    const rebuild = (options: unknown) => counts.rebuild('hour', options)
    await failureOf(() => rebuild(undefined), 'KAIROS_UNKNOWN_INTERVAL')
    await failureOf(() => rebuild({ from: 'second' }), 'KAIROS_UNKNOWN_INTERVAL')
    await failureOf(() => counts.rebuild('second', { from: 'minute' }), 'KAIROS_UNKNOWN_INTERVAL')
    for (const wrong of [
      { from: 'hour' },
      { to: 'minute' },
      { current: 1 },
      { onProgress: 1 },
      { prefix: 1 },
      { patience: 0 },
    ])
      await failureOf(() => rebuild({ from: 'minute', ...wrong }), 'KAIROS_INVALID_CONFIG')
    await failureOf(() => rebuild({ from: 'minute', start: 2, end: 1 }), 'KAIROS_INVALID_RANGE')
    await failureOf(() => rebuild({ from: 'minute', names: [''] }), 'KAIROS_INVALID_VALUE')
    await counts.write(
      [0, 60].map((start) => ({ name: 'a', interval: 'minute', start, value: Number.MAX_VALUE })),
      { mode: 'replace' },
    )
    const large = await failureOf(() => rebuild({ from: 'minute' }), 'KAIROS_INVALID_VALUE')
    expect(large).toMatchObject({ series: 'a', interval: 'hour', stored: 0 })
  })

  it('ends by its signal and by close', async () => {
    const intervals = { second: { step: 1 }, minute }
    for (const way of ['signal', 'close']) {
      const abort = new AbortController()
      let ended: Promise<void> | undefined
      const { driver, reads } = watchedDriver(async () => {
        if (reads.length !== 3) return
        if (way === 'signal') abort.abort()
        else ended = counts.close()
      })
      const counts = createAny(driver, { type: 'count', intervals, now: () => NOW })
      await counts.bulkInsert(Array.from({ length: 30_000 }, (_, second) => ({ name: 'a', timestamp: second })))
      await failureOf(
        () => counts.rebuild('minute', { from: 'second', signal: abort.signal }),
        way === 'signal' ? 'KAIROS_ABORTED' : 'KAIROS_CLOSED',
      )
      expect(reads).toHaveLength(3)
      await ended
    }
  })
})
