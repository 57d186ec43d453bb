import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AnyTimeseries, createAny } from '../support/any-timeseries.ts'
import { collect } from '../support/collect.ts'
import { failureOf } from '../support/failure.ts'
import { watchedDriver } from '../support/watched-driver.ts'

const intervals = { minute: { step: 60 }, hour: { step: '1h', resolution: 60 } }

/** A gauge of minutes, by their numbers from 1970 on. */
async function gaugeOf(values: Readonly<Record<number, number>>, more = {}): Promise<AnyTimeseries> {
  const gauge = createAny('memory:', { type: 'gauge', intervals, now: () => 6_000, ...more })
  for (const [minute, value] of Object.entries(values))
    await gauge.insert('a', value, { timestamp: Number(minute) * 60 })
  return gauge
}

/** The numbers of the minutes and what they show. */
async function shown(answer: Promise<Map<number, unknown>>): Promise<Record<number, unknown>> {
  return Object.fromEntries(Array.from(await answer, ([seconds, value]) => [seconds / 60, value]))
}

const minutes = (first: number, last: number): object => ({ start: first * 60, end: last * 60 })

/** As fills.py writes it. */
interface Vector {
  readonly step: number | 'daily'
  readonly values: readonly (readonly [seconds: number, value: number])[]
  readonly range: readonly [start: number, end: number]
  readonly options: object
  readonly expected: readonly (readonly [seconds: number, value: number | null])[]
}

describe('as pandas fills them', () => {
  it.each([60, 'daily'])('of step %s', async (step) => {
    const lines = readFileSync(new URL('../vectors/fills.jsonl', import.meta.url), 'utf8')
      .trim()
      .split('\n')
    const vectors = lines.map((line): Vector => JSON.parse(line)).filter((vector) => vector.step === step)
    expect(vectors.length).toBeGreaterThan(30)
    for (const [index, { values, range, options, expected }] of vectors.entries()) {
      const zone = step === 'daily' ? { zone: 'Europe/Berlin' } : {}
      const config = { type: 'gauge', intervals: { own: { step, ...zone } }, now: () => values.at(-1)?.[0] ?? 0 }
      const gauge = createAny('memory:', config)
      await gauge.bulkInsert(values.map(([timestamp, value]) => ({ name: 'a', value, timestamp })))
      const found = await gauge.series('a', 'own', { start: range[0], end: range[1], ...options })
      const what = `vector ${index} with ${JSON.stringify(options)}`
      expect([...found.keys()], what).toEqual(expected.map(([seconds]) => seconds))
      for (const [seconds, value] of expected) {
        if (value === null) expect(found.get(seconds), what).toBe(null)
        else expect(Math.abs((found.get(seconds) as number) / (value || 1) - (value && 1)), what).toBeLessThan(1e-9)
      }
      await gauge.close()
    }
  })
})

describe('what buckets without data show', () => {
  const data = { 2: 10, 5: 40, 9: 0 }

  it.each([
    ['none', {}, { 2: 10, 5: 40 }],
    [null, {}, { 1: null, 2: 10, 3: null, 4: null, 5: 40, 6: null }],
    [-1.5, {}, { 1: -1.5, 2: 10, 3: -1.5, 4: -1.5, 5: 40, 6: -1.5 }],
    ['previous', {}, { 1: null, 2: 10, 3: 10, 4: 10, 5: 40, 6: 40 }],
    ['previous', { maxGap: 1 }, { 1: null, 2: 10, 3: 10, 4: null, 5: 40, 6: 40 }],
    ['linear', {}, { 1: null, 2: 10, 3: 20, 4: 30, 5: 40, 6: 30 }],
    ['linear', { maxGap: 2 }, { 1: null, 2: 10, 3: 20, 4: 30, 5: 40, 6: null }],
    ['linear', { maxGap: 1 }, { 1: null, 2: 10, 3: null, 4: null, 5: 40, 6: null }],
  ])('fill: %j with %j', async (fill, more, expected) => {
    const gauge = await gaugeOf(data)
    const answer = gauge.series('a', 'minute', { ...minutes(1, 6), fill, ...more })
    expect(await shown(answer)).toEqual(expected)
    expect(JSON.parse(JSON.stringify(await answer))).toEqual(
      Object.entries(expected).map(([minute, value]) => [Number(minute) * 60, value]),
    )
  })

  it('from both sides of a range that has none itself', async () => {
    const gauge = await gaugeOf(data)
    const answer = (range: object, options: object) => shown(gauge.series('a', 'minute', { ...range, ...options }))
    expect(await answer(minutes(6, 7), { fill: 'previous' })).toEqual({ 6: 40, 7: 40 })
    expect(await answer(minutes(6, 8), { fill: 'previous', maxGap: 2 })).toEqual({ 6: 40, 7: 40, 8: null })
    expect(await answer(minutes(6, 7), { fill: 'linear', maxGap: 3 })).toEqual({ 6: 30, 7: 20 })
    expect(await answer(minutes(6, 7), { fill: 'linear', maxGap: 2 })).toEqual({ 6: null, 7: null })
    expect(await answer(minutes(11, 12), { fill: 'linear' })).toEqual({ 11: null, 12: null })
    expect(await answer(minutes(0, 1), { fill: 'linear' })).toEqual({ 0: null, 1: null })
    expect(await answer(minutes(11, 12), { fill: 'previous' })).toEqual({ 11: 0, 12: 0 })
  })

  it('with get, and nothing at all', async () => {
    const gauge = await gaugeOf(data)
    const at = (minute: number, options: object) =>
      shown(gauge.get('a', 'minute', { timestamp: minute * 60, ...options }))
    expect(await at(4, { fill: 'previous' })).toEqual({ 4: 10 })
    expect(await at(4, { fill: 'linear' })).toEqual({ 4: 30 })
    expect(await at(4, { fill: 'none' })).toEqual({})
    expect(await at(4, { fill: 7 })).toEqual({ 4: 7 })
    expect(await at(5, { fill: 7 })).toEqual({ 5: 40 })
    const nobody = gauge.series('nobody', 'minute', { ...minutes(0, 1), fill: 'previous' })
    expect(await shown(nobody)).toEqual({ 0: null, 1: null })
  })

  it('with iterate, across its windows', async () => {
    const gauge = await gaugeOf({ 0: 1, 3: 7 })
    await gauge.insert('a', 9, { timestamp: 40_000 * 60 })
    const all = async (options: object) => new Map(await collect(gauge.iterate('a', 'minute', options)))
    expect([...(await all({ fill: 'none' }))]).toEqual([
      [0, 1],
      [180, 7],
      [2_400_000, 9],
    ])
    const line = await all({ fill: 'linear' })
    expect([line.size, line.get(60), line.get(120)]).toEqual([40_001, 3, 5])
    expect(line.get(39_999 * 60)).toBeCloseTo(9 - 2 / 39_997, 12)
    const last = await all({ fill: 'previous', maxGap: 2 })
    expect([last.get(60), last.get(120), last.get(5 * 60), last.get(6 * 60)]).toEqual([1, 1, 7, null])
    expect((await all({ fill: 'linear', maxGap: 2 })).get(6 * 60)).toBe(null)
  })

  it('only while it is live', async () => {
    const gauge = await gaugeOf({ 90: 1, 98: 5 }, { intervals: { minute: { step: 60, steps: 8 } } })
    const answer = gauge.series('a', 'minute', { ...minutes(90, 99), fill: 'previous' })
    expect(Object.values(await shown(answer))).toEqual([...new Array(8).fill(null), 5, 5])
  })
})

describe('of other results', () => {
  it('of several names, joined or each by itself', async () => {
    const gauge = await gaugeOf({ 2: 10, 3: 20 })
    await gauge.insert('b', 5, { timestamp: 60 })
    const options = { ...minutes(4, 5), fill: 'previous' }
    expect(await shown(gauge.series(['a', 'b'], 'minute', options))).toEqual({ 4: 20, 5: 20 })
    const split = await gauge.series(['a', 'b', 'c'], 'minute', { ...options, split: true })
    expect(Object.fromEntries(split as Map<unknown, unknown>)).toEqual({
      a: new Map([
        [240, 20],
        [300, 20],
      ]),
      b: new Map([
        [240, 5],
        [300, 5],
      ]),
      c: new Map([
        [240, null],
        [300, null],
      ]),
    })
    const line = await gauge.get(['a', 'b'], 'minute', { timestamp: 150, split: true, fill: 'linear' })
    expect([...line.values()]).toEqual([new Map([[120, 10]]), new Map([[120, null]])])
  })

  it('that a transform makes: a result that is null is a hole as well', async () => {
    const set = createAny('memory:', { type: 'set', valueType: 'int', intervals, now: () => 6_000 })
    await set.insert('a', [1, 3], { timestamp: 60 })
    await set.insert('a', 8, { timestamp: 180 })
    const transform = (data: Set<number>): number | null => (data.has(8) ? null : data.size)
    const answer = (options: object) => shown(set.series('a', 'minute', { ...minutes(0, 3), ...options }))
    expect(await answer({ transform: 'mean', fill: 'linear' })).toEqual({ 0: null, 1: 2, 2: 5, 3: 8 })
    expect(await answer({ transform: 'count', fill: null })).toEqual({ 0: null, 1: 2, 2: null, 3: 1 })
    expect(await answer({ transform, fill: 'previous' })).toEqual({ 0: null, 1: 2, 2: 2, 3: 2 })
    expect(await answer({ transform: ['max'], fill: 'previous' })).toEqual({
      0: null,
      1: { max: 3 },
      2: { max: 3 },
      3: { max: 8 },
    })
    // The last data before the range has no result.
    expect(await shown(set.get('a', 'minute', { timestamp: 250, transform, fill: 'previous' }))).toEqual({ 4: 2 })
    expect(await answer({ fill: 'none' })).toEqual({ 1: new Set([1, 3]), 3: new Set([8]) })
  })

  it('of condensed buckets, and of other buckets than those stored', async () => {
    const count = createAny('memory:', { type: 'count', intervals, now: () => 90_000 })
    for (const [hour, value] of [
      [1, 2],
      [5, 10],
      [20, 25],
    ] as const)
      await count.insert('a', value, { timestamp: hour * 3_600 })
    const answer = async (interval: string, options: object) => [
      ...(await count.series('a', interval, { start: 2 * 3_600, end: 7 * 3_600, fill: 'linear', ...options })).values(),
    ]
    expect(await answer('hour', { condense: true })).toEqual([4, 6, 8, 10, 11, 12])
    expect(await answer('minute', { every: '2h' })).toEqual([6, 10, 11.875])
    expect(await answer('hour', { every: '2h', maxGap: 5 })).toEqual([6, 10, null])
    expect(await answer('minute', { every: '2h', fill: 'previous', start: 0, maxGap: 1 })).toEqual([2, 2, 10, 10])
    const all = await collect(count.iterate('a', 'minute', { every: '4h', fill: 'linear' }))
    expect(all.map(([, value]) => value)).toEqual([2, 10, 13.75, 17.5, 21.25, 25])
  })

  it('of the points of a query', async () => {
    const gauge = await gaugeOf({ 5: 1, 45: 9 })
    const { points, every } = (await gauge.query('a', {
      ...{ start: 0, end: 3_599, maxPoints: 12, zone: 'UTC' },
      ...{ fill: 'linear', maxGap: 10 },
    })) as { points: Map<number, unknown>; every: string }
    expect([every, ...points.values()]).toEqual(['5min', null, 1, 2, 3, 4, 5, 6, 7, 8, 9, null, null])
  })

  it('of a part of a stored bucket, whose other parts are outside the range', async () => {
    const gauge = await gaugeOf({ 5: 1, 45: 9 })
    const part = async (first: number, last: number, fill: string) =>
      shown(gauge.series('a', 'hour', { ...minutes(first, last), every: '10min', fill }))
    expect(await part(20, 40, 'previous')).toEqual({ 20: 1, 30: 1, 40: 9 })
    expect(await part(10, 30, 'linear')).toEqual({ 10: 3, 20: 5, 30: 7 })
  })

  it('by the time at which buckets begin, which days do not all share', async () => {
    const zone = 'Europe/Berlin'
    const count = createAny('memory:', { type: 'count', intervals: { day: { step: 'daily', zone } }, now: () => 0 })
    const midnight = Date.UTC(2024, 2, 29, 23) / 1_000
    await count.insert('a', 48, { timestamp: midnight })
    await count.insert('a', 95, { timestamp: midnight + 47 * 3_600 })
    const [before, between, after] = (
      await count.series('a', 'day', { start: midnight, end: midnight + 47 * 3_600, fill: 'linear' })
    ).values()
    // The day between begins after 24 of 47 hours.
    expect([before, between, after]).toEqual([48, 72, 95])
  })
})

describe('what it costs', () => {
  it('two calls for each side that needs them, and none for the others', async () => {
    const { driver, reads, bounds } = watchedDriver()
    const gauge = createAny(driver, { type: 'gauge', intervals, now: () => 6_000 })
    for (const minute of [3, 50, 90]) await gauge.insert('a', minute, { timestamp: minute * 60 })
    const calls = async (range: object, options: object): Promise<[number, number]> => {
      const before = [reads.length, bounds.length] as const
      await gauge.series('a', 'minute', { ...range, ...options })
      return [reads.length - before[0], bounds.length - before[1]]
    }
    expect(await calls(minutes(60, 99), { fill: 'previous' })).toEqual([2, 1])
    expect(await calls(minutes(60, 70), { fill: 'linear' })).toEqual([3, 2])
    expect(await calls(minutes(50, 90), { fill: 'linear' })).toEqual([1, 0])
    expect(await calls(minutes(50, 99), { fill: 'linear', maxGap: 5 })).toEqual([1, 0])
    for (const fill of ['none', null, 0]) expect(await calls(minutes(60, 70), { fill })).toEqual([1, 0])
    expect(reads.map(({ range }) => range.last - range.first).filter((length) => length > 49)).toEqual([])
  })

  it('few calls, and not all of the past at once, where data has no results', async () => {
    const { driver, reads } = watchedDriver()
    const gauge = createAny(driver, { type: 'gauge', intervals, now: () => 60_000 })
    await gauge.bulkInsert(
      Array.from({ length: 500 }, (_, minute) => ({ name: 'a', value: minute, timestamp: minute * 60 })),
    )
    const transform = (value: number): number | null => (value === 20 ? value : null)
    const read = gauge.get('a', 'minute', { timestamp: 500 * 60, transform, fill: 'previous' })
    expect(await shown(read)).toEqual({ 500: 20 })
    expect(reads.map(({ range }) => range.last - range.first + 1)).toEqual([1, 1, 4, 16, 64, 256, 159])
  })
})

describe('laws', () => {
  const data = fc.dictionary(fc.nat(40).map(String), fc.integer({ min: -9, max: 9 }), { maxKeys: 10 })
  const options = fc.record(
    { fill: fc.constantFrom('previous', 'linear', 'none', null, 3), maxGap: fc.integer({ min: 1, max: 12 }) },
    { requiredKeys: ['fill'] },
  )

  it('a range shows what the whole shows of it, however it is read', () =>
    fc.assert(
      fc.asyncProperty(data, options, fc.nat(40), fc.nat(10), async (values, { fill, maxGap }, first, more) => {
        const limit = fill === 'previous' || fill === 'linear' ? { maxGap } : {}
        const gauge = await gaugeOf(values)
        const read = { fill, ...limit }
        const whole = await gauge.series('a', 'minute', { ...minutes(0, 60), ...read })
        expect(whole).toEqual(modelOf(values, fill, limit.maxGap))
        const part = await gauge.series('a', 'minute', { ...minutes(first, first + more), ...read })
        const inside = [...whole].filter(([start]) => start >= first * 60 && start <= (first + more) * 60)
        expect([...part]).toEqual(inside)
        const one = await gauge.get('a', 'minute', { timestamp: first * 60, ...read })
        expect([...one]).toEqual(inside.filter(([start]) => start === first * 60))
        const numbers = Object.keys(values).map(Number)
        const extent = [...whole].filter(
          ([start]) => start >= Math.min(...numbers) * 60 && start <= Math.max(...numbers) * 60,
        )
        expect(await collect(gauge.iterate('a', 'minute', read))).toEqual(extent)
        const stages = { every: 60, condense: true }
        expect(await gauge.series('a', 'minute', { ...minutes(first, first + more), ...read, ...stages })).toEqual(part)
      }),
      { numRuns: 200 },
    ))

  /** Each bucket by itself, from all of the data. */
  function modelOf(values: Readonly<Record<string, number>>, fill: unknown, maxGap = Number.POSITIVE_INFINITY) {
    const known = Object.entries(values).map(([minute, value]) => [Number(minute), value] as const)
    const result = new Map<number, unknown>()
    for (let minute = 0; minute <= 60; minute++) {
      const left = known.filter(([at]) => at <= minute).at(-1)
      const right = known.find(([at]) => at >= minute)
      if (left?.[0] === minute) result.set(minute * 60, left[1])
      else if (fill === 'previous')
        result.set(minute * 60, left !== undefined && minute - left[0] <= maxGap ? left[1] : null)
      else if (fill === 'linear') {
        const fits = left !== undefined && right !== undefined && right[0] - left[0] - 1 <= maxGap
        result.set(minute * 60, fits ? onLine(left, right, minute) : null)
      } else if (fill !== 'none') result.set(minute * 60, fill)
    }
    return result
  }

  function onLine([from, low]: readonly [number, number], [to, high]: readonly [number, number], at: number): number {
    return low === high ? low : low + (high - low) * ((at - from) / (to - from))
  }
})

describe('is refused', () => {
  it.each([
    [
      { fill: 'linaer' },
      `fill must be 'none', 'previous', 'linear', null or a finite number, not "linaer"; did you mean "linear"?`,
    ],
    [{ fill: Number.NaN }, "fill must be 'none', 'previous', 'linear', null or a finite number, not NaN"],
    [{ fill: 5n }, "fill must be 'none', 'previous', 'linear', null or a finite number, not 5n"],
    [{ fill: 'previous', maxGap: 0 }, 'maxGap must be a whole number of buckets from 1, not 0'],
    [{ maxGap: 3 }, "maxGap must be used with fill: 'previous' or 'linear', which it limits"],
    [{ fill: null, maxGap: 3 }, "maxGap must be used with fill: 'previous' or 'linear', which it limits"],
    [{ fill: null, collapse: true }, 'fill must be left out with collapse, which makes one entry of the whole range'],
  ])('%o', async (options, message) => {
    const gauge = await gaugeOf({})
    const error = await failureOf(() => gauge.series('a', 'minute', options), 'KAIROS_INVALID_CONFIG')
    expect(error.message).toBe(message)
  })

  it('where resolution buckets show', async () => {
    const gauge = await gaugeOf({})
    for (const read of [
      gauge.get('a', 'hour', { fill: null }),
      gauge.series('a', 'hour', { fill: 'none' }),
      collect(gauge.iterate('a', 'hour', { fill: 'previous' })),
    ]) {
      const error = await failureOf(() => read, 'KAIROS_INVALID_CONFIG')
      expect(error.message).toBe(
        'fill must be used where the result is flat, not with the resolution buckets of "hour"; use condense or every',
      )
    }
  })

  it.each([
    ['set', 'int', {}, 'a set'],
    ['gauge', 'string', {}, 'a gauge'],
    ['gauge', 'int64', {}, 'a gauge'],
    ['set', 'int', { transform: ['max'] }, 'an object of transforms'],
  ])('linear for a %s of %s with %o', async (type, valueType, more, found) => {
    const timeseries = createAny('memory:', { type, valueType, intervals, now: () => 0 })
    const read = () => timeseries.series('a', 'minute', { fill: 'linear', ...more })
    const error = await failureOf(read, 'KAIROS_INVALID_CONFIG')
    expect(error.message).toBe(
      `fill: 'linear' must be used where the result is a number, not ${found}; use a transform that makes one`,
    )
  })

  it('linear for results that turn out not to be numbers', async () => {
    const texts = createAny('memory:', { type: 'set', valueType: 'string', intervals, now: () => 0 })
    await texts.insert('a', 'x')
    const options = { transform: 'max', fill: 'linear', ...minutes(0, 1) }
    const error = await failureOf(() => texts.series('a', 'minute', options), 'KAIROS_INVALID_CONFIG')
    expect(error.message).toContain('not "x"')
  })
})
