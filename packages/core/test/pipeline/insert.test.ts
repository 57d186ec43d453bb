import { describe, expect, it } from 'vitest'
import { type AnyTimeseries, createAny } from '../support/any-timeseries.ts'
import { failureOf } from '../support/failure.ts'
import { faultyDriver } from '../support/faulty-driver.ts'

const NOW = 1_000_030
const intervals = { minute: { step: 60 }, five: { step: 300, resolution: 60 } }
const config = (type: string, more = {}): object => ({ type, intervals, now: () => NOW, ...more })

describe('a value', () => {
  it('goes into its bucket of every interval, by default that of now', async () => {
    const series = createAny('memory:', config('series'))
    expect(await series.insert('a', 5)).toEqual({ stored: 2, expired: 0 })
    await series.insert('a', 6, { timestamp: null })
    await series.insert('a', 7, { timestamp: new Date(999_999_000) })
    await series.insert('a', 8, { timestamp: 0 })
    expect(await series.get('a', 'minute')).toEqual(new Map([[1_000_020, [5, 6]]]))
    expect(await series.get('a', 'five')).toEqual(
      new Map([
        [999_960, [7]],
        [1_000_020, [5, 6]],
      ]),
    )
    expect(await series.get('a', 'minute', { timestamp: 999_999 })).toEqual(new Map([[999_960, [7]]]))
    expect(await series.get('a', 'minute', { timestamp: 0 })).toEqual(new Map([[0, [8]]]))
  })

  it('may be a list or a Set of them: one write, in order of arrival', async () => {
    const driver = faultyDriver()
    const series = createAny(driver, config('series'))
    expect(await series.insert('a', [3, 1, 2])).toEqual({ stored: 6, expired: 0 })
    expect(await series.insert('a', new Set([9, 8]))).toEqual({ stored: 4, expired: 0 })
    expect(driver.batches).toHaveLength(2)
    expect(await series.get('a', 'minute')).toEqual(new Map([[1_000_020, [3, 1, 2, 9, 8]]]))
  })

  it('in an empty list writes nothing, but its name is checked', async () => {
    const driver = faultyDriver()
    const series = createAny(driver, config('series'))
    expect(await series.insert('a', [])).toEqual({ stored: 0, expired: 0 })
    expect(await series.insert('a', new Set())).toEqual({ stored: 0, expired: 0 })
    expect(driver.batches).toEqual([])
    await failureOf(() => series.insert('', []), 'KAIROS_INVALID_VALUE')
    await failureOf(() => series.bulkInsert([{ name: '', value: [] }]), 'KAIROS_INVALID_VALUE')
  })

  it('of a count is 1 by default; 0 is data', async () => {
    const counts = createAny('memory:', config('count'))
    await counts.insert('a')
    await counts.insert('a', [0.5, -3])
    await counts.insert('zero', 0)
    expect(await counts.get('a', 'minute')).toEqual(new Map([[1_000_020, -1.5]]))
    expect(await counts.get('zero', 'five')).toEqual(new Map([[1_000_020, 0]]))
    expect(await counts.get('none', 'five')).toEqual(new Map())
    expect(await counts.list()).toEqual(['a', 'zero'])
  })

  it('of no other type is left out', async () => {
    for (const type of ['series', 'histogram', 'gauge', 'set'])
      await failureOf(() => createAny('memory:', config(type)).insert('a'), 'KAIROS_INVALID_VALUE')
  })

  it('that does not fit leaves a list unwritten, the ones before it too', async () => {
    const driver = faultyDriver()
    const series = createAny(driver, config('series'))
    const list = [1, 2, 'three', 4]
    const error = await failureOf(() => series.insert('a', list), 'KAIROS_INVALID_VALUE')
    expect([error.series, error.value]).toEqual(['a', 'three'])
    expect(driver.batches).toEqual([])
    expect(list).toEqual([1, 2, 'three', 4])
  })

  it('that adds up to more than a number holds is refused', async () => {
    const counts = createAny('memory:', config('count'))
    const error = await failureOf(
      () => counts.insert('a', [Number.MAX_VALUE, Number.MAX_VALUE]),
      'KAIROS_INVALID_VALUE',
    )
    expect(error.series).toBe('a')
  })

  it('larger than the store can add, one or together, is refused before any I/O', async () => {
    const driver = faultyDriver({ maxChange: 2 ** 969 })
    const counts = createAny(driver, config('count'))
    for (const value of [2 ** 970, -(2 ** 970), [2 ** 969, 2 ** 969]])
      expect((await failureOf(() => counts.insert('a', value), 'KAIROS_INVALID_VALUE')).series).toBe('a')
    expect(driver.batches).toEqual([])
    await counts.insert('a', [2 ** 969, 2 ** 969, -(2 ** 969)])
  })

  it('is checked before any I/O where the store holds whole counts only', async () => {
    const driver = faultyDriver({ fractionalCounts: false })
    const counts = createAny(driver, config('count'))
    const error = await failureOf(() => counts.insert('a', 0.5), 'KAIROS_UNSUPPORTED')
    expect(error).toMatchObject({ driver: 'faulty', feature: 'fractionalCounts', series: 'a', value: 0.5 })
    expect(await counts.insert('a', -5)).toEqual({ stored: 2, expired: 0 })
  })
})

describe('writeFunc', () => {
  it('runs first on every value, whose result must fit', async () => {
    const lengths = createAny(
      'memory:',
      config('series', { valueType: 'int', writeFunc: (text: string) => text.length }),
    )
    await lengths.insert('a', ['one', 'three'])
    await lengths.bulkInsert([{ name: 'a', value: 'x' }])
    await lengths.bulkInsert(new Map([[null, { a: ['four'] }]]))
    expect(await lengths.get('a', 'minute')).toEqual(new Map([[1_000_020, [3, 5, 1, 4]]]))
    const halves = createAny('memory:', config('series', { valueType: 'int', writeFunc: () => 0.5 }))
    expect((await failureOf(() => halves.insert('a', 1), 'KAIROS_INVALID_VALUE')).value).toBe(0.5)
  })

  it('runs on counts, the default included', async () => {
    const counts = createAny('memory:', config('count', { writeFunc: (value: number) => value * 10 }))
    await counts.insert('a')
    await counts.insert('a', 2)
    expect(await counts.get('a', 'minute')).toEqual(new Map([[1_000_020, 30]]))
  })

  it('may throw what it likes', async () => {
    const own = new RangeError('mine')
    const throwing = createAny(
      'memory:',
      config('series', {
        writeFunc: () => {
          throw own
        },
      }),
    )
    await expect(throwing.insert('a', 1)).rejects.toBe(own)
    await expect(throwing.bulkInsert([{ name: 'a', value: 1 }].values())).rejects.toBe(own)
  })
})

describe('rolling copies', () => {
  const at = async (counts: AnyTimeseries, interval: string): Promise<unknown> =>
    counts.series('a', interval, { start: NOW - 900, end: NOW + 900 })

  it('go to the start of the buckets after, in each interval by its own steps', async () => {
    const counts = createAny('memory:', config('count'))
    expect(await counts.insert('a', 1, { intervals: 2 })).toEqual({ stored: 6, expired: 0 })
    const minutes = [...((await at(counts, 'minute')) as Map<number, number>)].filter(([, count]) => count > 0)
    expect(minutes).toEqual([
      [1_000_020, 1],
      [1_000_080, 1],
      [1_000_140, 1],
    ])
    const fives = [...((await at(counts, 'five')) as Map<number, Map<number, number>>)].filter(
      ([, inner]) => inner.size > 0,
    )
    expect(fives).toEqual([
      [999_900, new Map([[1_000_020, 1]])],
      [1_000_200, new Map([[1_000_200, 1]])],
      [1_000_500, new Map([[1_000_500, 1]])],
    ])
  })

  it('go before it where the number is negative', async () => {
    const counts = createAny('memory:', config('count'))
    await counts.bulkInsert([{ name: 'a' }], { intervals: -1 })
    const minutes = [...((await at(counts, 'minute')) as Map<number, number>)].filter(([, count]) => count > 0)
    expect(minutes).toEqual([
      [999_960, 1],
      [1_000_020, 1],
    ])
    expect(await counts.get('a', 'five', { timestamp: 999_899 })).toEqual(new Map([[999_600, 1]]))
  })

  it('are each judged by their own bucket', async () => {
    const kept = createAny('memory:', { type: 'count', intervals: { minute: { step: 60, steps: 3 } }, now: () => NOW })
    expect(await kept.insert('a', 1, { intervals: -5 })).toEqual({ stored: 3, expired: 3 })
    expect(await kept.insert('a', 1, { timestamp: NOW - 240, intervals: 5 })).toEqual({ stored: 4, expired: 2 })
  })

  it('leave no trace on the next value', async () => {
    const counts = createAny('memory:', config('count'))
    const points = [
      { name: 'a', timestamp: NOW },
      { name: 'a', timestamp: NOW },
      { name: 'b', timestamp: NOW + 60 },
    ]
    await counts.bulkInsert(points, { intervals: 1 })
    expect(await counts.series('a', 'minute', { start: NOW, steps: 3 })).toEqual(
      new Map([
        [1_000_020, 2],
        [1_000_080, 2],
        [1_000_140, 0],
      ]),
    )
    expect(await counts.series('b', 'minute', { start: NOW, steps: 3 })).toEqual(
      new Map([
        [1_000_020, 0],
        [1_000_080, 1],
        [1_000_140, 1],
      ]),
    )
  })

  it.each([[10_000], [-10_000]])('outside the years 0001 to 9999 are refused: %i years', async (rolling) => {
    const counts = createAny('memory:', { type: 'count', intervals: { year: { step: 'yearly' } }, now: () => NOW })
    const error = await failureOf(() => counts.insert('a', 1, { intervals: rolling }), 'KAIROS_INVALID_VALUE')
    expect(error).toMatchObject({ name: 'KairosError', series: 'a', value: rolling })
  })

  it('that have expired are counted, and never visited', async () => {
    const driver = faultyDriver()
    const intervals = {
      kept: { step: 60, steps: 3 },
      all: { step: 3_600, resolution: 60 },
      month: { step: 'monthly', steps: 2 },
    }
    const counts = createAny(driver, { type: 'count', intervals, now: () => NOW })
    expect(await counts.insert('a', 1, { intervals: -10 })).toEqual({ stored: 3 + 11 + 2, expired: 8 + 9 })
    expect(await counts.insert('a', 1, { intervals: 4, timestamp: NOW - 300 })).toEqual({
      stored: 2 + 5 + 5,
      expired: 3,
    })
    expect([...(await counts.series('a', 'kept')).values()]).toEqual([2, 2, 1])
  })

  it('of a large list are made part by part, and hear the signal in between', async () => {
    const driver = faultyDriver()
    const counts = createAny(driver, { type: 'count', intervals: { minute: { step: 60 } }, now: () => NOW })
    const points = Array.from({ length: 120 }, (_, index) => ({ name: `n${index}` }))
    expect(await counts.bulkInsert(points, { intervals: 9_999 })).toEqual({ stored: 1_200_000, expired: 0 })
    expect(Math.max(...driver.batches.map(({ cells }) => cells.length))).toBeLessThanOrEqual(10_000)
    expect([...(await counts.get('n119', 'minute', { timestamp: NOW + 9_999 * 60 })).values()]).toEqual([1])
    const controller = new AbortController()
    const before = driver.batches.length
    driver.faults.push(async ({ cells }, write) => {
      await write(cells)
      controller.abort()
    })
    const { signal } = controller
    await failureOf(() => counts.bulkInsert(points, { intervals: 9_999, signal }), 'KAIROS_ABORTED')
    expect(driver.batches.length).toBe(before + 1)
    // Still checked completely before anything is written.
    await failureOf(
      () => counts.bulkInsert([...points, { name: 'a', value: 'x' }], { intervals: 9_999 }),
      'KAIROS_INVALID_VALUE',
    )
    expect(driver.batches.length).toBe(before + 1)
  })

  it.each([0.5, '2', null, Number.NaN, 10_001, -20_000_000])('are not counted by %o', async (rolling) => {
    const counts = createAny('memory:', config('count'))
    expect((await failureOf(() => counts.insert('a', 1, { intervals: rolling }), 'KAIROS_INVALID_CONFIG')).path).toBe(
      'intervals',
    )
  })
})

describe('options', () => {
  it.each(['timestmap', 'interval', '__proto__', 'pipeline'])('refuses the unknown %s', async (key) => {
    const counts = createAny('memory:', config('count'))
    const options = Object.fromEntries([[key, 1]])
    expect((await failureOf(() => counts.insert('a', 1, options), 'KAIROS_INVALID_CONFIG')).path).toBe(key)
    expect((await failureOf(() => counts.bulkInsert([], options), 'KAIROS_INVALID_CONFIG')).path).toBe(key)
  })

  it('bulkInsert has no timestamp of its own', async () => {
    await failureOf(
      () => createAny('memory:', config('count')).bulkInsert([], { timestamp: 5 }),
      'KAIROS_INVALID_CONFIG',
    )
  })

  it.each([null, 5, [], 'x', new Map()])('are an object, not %o', async (options) => {
    await failureOf(() => createAny('memory:', config('count')).insert('a', 1, options), 'KAIROS_INVALID_CONFIG')
  })

  it('delivery is once or nothing, and only where the store can', async () => {
    const counts = createAny(faultyDriver({ exactlyOnce: false }), config('count'))
    expect((await failureOf(() => counts.insert('a', 1, { delivery: 'twice' }), 'KAIROS_INVALID_CONFIG')).path).toBe(
      'delivery',
    )
    expect(await failureOf(() => counts.insert('a', 1, { delivery: 'once' }), 'KAIROS_UNSUPPORTED')).toMatchObject({
      driver: 'faulty',
      feature: 'exactlyOnce',
    })
  })

  it.each([5, {}, null])('the signal is an AbortSignal, not %o', async (signal) => {
    const counts = createAny('memory:', config('count'))
    expect((await failureOf(() => counts.insert('a', 1, { signal }), 'KAIROS_INVALID_CONFIG')).path).toBe('signal')
  })
})

describe('names', () => {
  const NAMES = [
    '__proto__',
    'constructor',
    'a:b',
    '*',
    ' ',
    'a ',
    'A',
    'é',
    'e\u0301',
    '{x}',
    "'; drop table",
    '\0',
    '😀',
    '\uffff',
  ]

  it.each(NAMES)('%o is a name like others', async (name) => {
    const series = createAny('memory:', config('series'))
    await series.insert(name, 1)
    await series.bulkInsert(new Map([[null, Object.fromEntries([[name, [2]]])]]))
    await series.bulkInsert([{ name, value: 3 }])
    expect(await series.get(name, 'minute')).toEqual(new Map([[1_000_020, [1, 2, 3]]]))
    expect(
      await series.get(
        NAMES.filter((other) => other !== name),
        'minute',
      ),
    ).toEqual(new Map([[1_000_020, []]]))
    expect(await series.list()).toEqual([name])
    expect(Object.keys(await series.properties(name))).toEqual(['five', 'minute'])
    await series.delete(name)
    expect(await series.list()).toEqual([])
  })

  it.each(['', '\ud800', 'a\udc00b', 5, null, undefined, Symbol('a'), ['a'], {}])('%o is not one', async (name) => {
    const counts = createAny('memory:', config('count'))
    for (const call of [
      () => counts.insert(name),
      () => counts.bulkInsert([{ name }]),
      () => counts.get(typeof name === 'object' && Array.isArray(name) ? [name] : name, 'minute'),
      () => counts.properties(name),
      () => counts.delete(name),
    ]) {
      const error = await failureOf(call, 'KAIROS_INVALID_VALUE')
      expect(error.name).toBe('KairosError')
      expect('value' in error).toBe(true)
    }
  })

  it('and keys that the store cannot hold are refused before any I/O', async () => {
    const driver = faultyDriver({ maxStringLength: 5, maxNameBytes: 12, maxKeyBytes: 4 })
    const set = createAny(driver, config('set', { valueType: 'string' }))
    expect(await set.insert('😀😀😀', '😀')).toEqual({ stored: 2, expired: 0 })
    await failureOf(() => set.insert('sixsix', 'a'), 'KAIROS_INVALID_VALUE')
    await failureOf(() => set.insert('😀😀😀a', 'a'), 'KAIROS_INVALID_VALUE')
    await failureOf(() => set.insert('a', '😀a'), 'KAIROS_INVALID_VALUE')
    const texts = createAny(driver, config('series', { valueType: 'text' }))
    expect(await texts.insert('a', 'as long as you like')).toEqual({ stored: 2, expired: 0 })
    const strings = createAny(faultyDriver({ maxStringLength: 5 }), config('gauge', { valueType: 'string' }))
    expect((await failureOf(() => strings.insert('a', 'sixsix'), 'KAIROS_INVALID_VALUE')).value).toBe('sixsix')
  })
})
