import { Temporal } from 'temporal-polyfill'
import { describe, expect, it } from 'vitest'
import { parseConfig } from '../src/config.ts'
import { KairosError, memoryDriver } from '../src/index.ts'
import { settingsOf } from '../src/settings.ts'
import { createAny } from './support/any-timeseries.ts'

const at = (moment: string): number => Date.parse(moment) / 1_000
const HOUR = 3_600

async function recordOf(interval: object, config: object = {}): Promise<unknown> {
  const { intervals } = await settingsOf(parseConfig({ type: 'count', intervals: { day: interval }, ...config }))
  return JSON.parse(intervals[0]!.record)
}

describe('zone and offset of an interval', () => {
  it('are part of its record, in a form that is the same on every engine', async () => {
    expect(await recordOf({ step: 'daily', zone: 'Europe/Kiev', offset: '6h', resolution: '1h' })).toEqual({
      version: 1,
      step: 'daily',
      resolution: HOUR,
      zone: 'Europe/Kyiv',
      offset: 21_600,
    })
    const plain = await recordOf({ step: 'daily' })
    for (const same of [{ zone: 'UTC' }, { zone: 'Etc/UTC', offset: 0 }, { offset: '0s' }])
      expect(await recordOf({ step: 'daily', ...same })).toEqual(plain)
  })

  it('come from the timeseries for the steps of a calendar that name none', async () => {
    const zone = 'Asia/Kathmandu'
    expect(await recordOf({ step: 'monthly' }, { zone })).toMatchObject({ zone })
    expect(await recordOf({ step: 'monthly', zone: 'UTC' }, { zone })).not.toHaveProperty('zone')
    expect(await recordOf({ step: 60 }, { zone })).toEqual({ version: 1, step: 60 })
  })

  it.each([
    [{ step: 'daily', zone: 'Europe/Berln' }, 'intervals.day.zone', "did you mean 'Europe/Berlin'"],
    [{ step: 'daily', zone: 7 }, 'intervals.day.zone', 'must be an IANA time zone'],
    [{ step: 'daily', zone: '+02:00' }, 'intervals.day.zone', 'must be an IANA time zone'],
    [{ step: '1h', zone: 'Europe/Berlin' }, 'intervals.day.zone', 'for the steps of a calendar'],
    [{ step: 86_400, offset: '6h' }, 'intervals.day.offset', 'for the steps of a calendar'],
    [{ step: 'daily', offset: '1d' }, 'intervals.day.offset', 'below a day'],
    [{ step: 'daily', offset: -1 }, 'intervals.day.offset', 'below a day'],
    [{ step: 'daily', zone: 'Europe/Berlin', resolution: '7h' }, 'intervals.day.resolution', 'divide'],
  ])('%j is refused', async (interval, path, text) => {
    const error = await recordOf(interval).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(KairosError)
    expect(error).toMatchObject({ code: 'KAIROS_INVALID_CONFIG', path })
    expect(String(error).replaceAll('"', "'")).toContain(text)
  })

  it('of the timeseries is checked too', () => {
    const config = { type: 'count', zone: 'Mars/Olympus', intervals: { m: { step: 60 } } }
    expect(() => parseConfig(config)).toThrow('zone must be an IANA time zone')
  })
})

describe('buckets of a zone', () => {
  const intervals = {
    day: { step: 'daily', resolution: '1h', steps: 400 },
    month: { step: 'monthly', resolution: 'daily' },
  }
  const create = (zone: string, now: number, own: object = intervals, type = 'count') =>
    createAny(memoryDriver(), { type, zone, intervals: own, now: () => now })

  it('a night in which the clock is set back has 25 hours, each apart', async () => {
    const counts = create('Europe/Berlin', at('2024-10-28T00:00:00Z'))
    const midnight = at('2024-10-26T22:00:00Z')
    for (let hour = 0; hour < 25; hour++) await counts.insert('a', hour + 1, { timestamp: midnight + hour * HOUR + 59 })
    const day = new Map(Array.from({ length: 25 }, (_, hour) => [midnight + hour * HOUR, hour + 1]))
    expect(await counts.get('a', 'day', { timestamp: at('2024-10-27T12:00:00Z') })).toEqual(day)
    const whole = await counts.series('a', 'day', { start: midnight, end: midnight, condense: true })
    expect(whole).toEqual(new Map([[midnight, 325]]))
    const rates = await counts.get('a', 'day', { timestamp: midnight, condense: true, transform: 'rate' })
    expect(rates).toEqual(new Map([[midnight, 325 / (25 * HOUR)]]))
    const month = await counts.get('a', 'month', { timestamp: midnight })
    expect(month).toEqual(new Map([[midnight, 325]]))
  })

  it('a night in which it is set forward has 23, and the last part of a day may be shorter', async () => {
    const counts = create('Europe/Berlin', at('2024-04-01T12:00:00Z'), { day: { step: 'daily', resolution: '6h' } })
    const midnight = at('2024-03-30T23:00:00Z')
    await counts.insert('a', 1, { timestamp: midnight + 22.9 * HOUR })
    await counts.insert('a', 2, { timestamp: midnight + 23 * HOUR })
    expect(await counts.series('a', 'day', { start: midnight, end: midnight + 24 * HOUR })).toEqual(
      new Map([
        [midnight, new Map([[midnight + 18 * HOUR, 1]])],
        [midnight + 23 * HOUR, new Map([[midnight + 23 * HOUR, 2]])],
      ]),
    )
    const rates = await counts.get('a', 'day', { timestamp: midnight, transform: 'rate' })
    expect(rates).toEqual(new Map([[midnight + 18 * HOUR, 1 / (5 * HOUR)]]))
  })

  it('a day that came twice has 48 hours or so, and one that never came is passed over', async () => {
    const counts = create('Pacific/Apia', at('2012-01-02T00:00:00Z'))
    const start = at('2011-12-29T10:00:00Z')
    for (let day = 0; day < 3; day++) await counts.insert('a', day + 1, { timestamp: start + day * 24 * HOUR + 1 })
    const days = await counts.series('a', 'day', { start, end: start + 48 * HOUR, condense: true })
    // The 29th, the 31st and New Year: there was no 30th.
    expect([...days]).toEqual([
      [start, 1],
      [start + 24 * HOUR, 2],
      [start + 48 * HOUR, 3],
    ])
    const twice = create('Pacific/Kwajalein', at('1969-10-05T00:00:00Z'))
    const first = at('1969-09-29T13:00:00Z')
    for (let hour = 0; hour < 47; hour++) await twice.insert('a', 1, { timestamp: first + hour * HOUR })
    expect((await twice.get('a', 'day', { timestamp: first })).size).toBe(47)
  })

  it('begin so long after midnight by the wall clock', async () => {
    const gas = { day: { step: 'daily', offset: '6h', resolution: '1h' } }
    const counts = create('Europe/Berlin', at('2024-04-02T00:00:00Z'), gas)
    const start = at('2024-03-30T05:00:00Z')
    await counts.insert('a', 1, { timestamp: start })
    await counts.insert('a', 2, { timestamp: start + 22.5 * HOUR })
    await counts.insert('a', 3, { timestamp: start + 23 * HOUR })
    const days = await counts.series('a', 'day', { start, end: start + 24 * HOUR, condense: true })
    expect([...days]).toEqual([
      [start, 3],
      [start + 23 * HOUR, 3],
    ])
  })

  it('are those of Temporal for thousands of values in bulk, read in every way', async () => {
    const zone = 'America/St_Johns'
    const end = at('2025-01-01T00:00:00Z')
    const counts = create(zone, end)
    const expected = new Map<number, number>()
    const points: object[] = []
    for (let index = 0; index < 5_000; index++) {
      const timestamp = end - 1 - index * 6_000
      points.push({ name: index % 2 === 0 ? 'a' : 'b', value: 1, timestamp })
      const day = Temporal.Instant.fromEpochMilliseconds(timestamp * 1_000)
        .toZonedDateTimeISO(zone)
        .startOfDay()
      const start = day.epochMilliseconds / 1_000
      expected.set(start, (expected.get(start) ?? 0) + 1)
    }
    await counts.bulkInsert(points)
    const ascending = new Map([...expected].sort(([a], [b]) => a - b))
    const range = { start: end - 1 - 4_999 * 6_000, end: end - 1, condense: true }
    expect(await counts.series(['a', 'b'], 'day', range)).toEqual(ascending)
    const iterated = new Map<number, unknown>()
    for await (const [start, count] of counts.iterate(['a', 'b'], 'day', { condense: true })) iterated.set(start, count)
    expect(iterated).toEqual(ascending)
    const hours = await counts.series(['a', 'b'], 'day', { start: range.start, end: range.end })
    expect([...hours.values()].flatMap((day) => [...(day as Map<number, number>).values()])).toHaveLength(5_000)
  })

  it('expire by local days', async () => {
    let now = at('2024-03-31T10:00:00Z')
    const counts = createAny(memoryDriver(), {
      type: 'count',
      zone: 'Europe/Berlin',
      intervals: { day: { step: 'daily', steps: 2, resolution: '1h' } },
      now: () => now,
    })
    await counts.insert('a')
    now = at('2024-04-01T21:59:59Z')
    expect(await counts.list()).toEqual(['a'])
    now = at('2024-04-01T22:00:00Z')
    expect(await counts.list()).toEqual([])
  })

  it('list failed cells by the start of their resolution bucket', async () => {
    const memory = memoryDriver()
    const midnight = at('2024-10-26T22:00:00Z')
    const counts = createAny(
      {
        ...memory,
        async open(...given: Parameters<typeof memory.open>) {
          const opened = await memory.open(...given)
          return { ...opened, store: { ...opened.store, write: () => Promise.reject(new Error('no')) } }
        },
      },
      { type: 'count', zone: 'Europe/Berlin', intervals: { day: { step: 'daily', resolution: '1h' } } },
    )
    const failure = (await counts.insert('a', 1, { timestamp: midnight + 24.5 * HOUR }).catch((error) => error)) as {
      maybeApplied: readonly { resolutionStart: number }[]
    }
    expect(failure.maybeApplied.map(({ resolutionStart }) => resolutionStart)).toEqual([midnight + 24 * HOUR])
  })
})
