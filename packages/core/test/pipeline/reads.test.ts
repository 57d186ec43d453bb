import { describe, expect, it } from 'vitest'
import { memoryDriver } from '../../src/index.ts'
import { type AnyTimeseries, createAny } from '../support/any-timeseries.ts'
import { failureOf } from '../support/failure.ts'
import { watchedDriver } from '../support/watched-driver.ts'

const NOW = 7_300
const intervals = { minute: { step: 60 }, hour: { step: 3_600, resolution: 60 }, kept: { step: 60, steps: 3 } }
const map = (...entries: [unknown, unknown][]): Map<unknown, unknown> => new Map(entries)

/** `a` at 7200 and 7260, `b` at 7260 and 3600. */
async function filled(type: string, more = {}) {
  const timeseries = createAny('memory:', {
    type,
    intervals,
    now: () => NOW,
    ...(type === 'count' ? {} : { valueType: 'int' }),
    ...more,
  })
  await timeseries.bulkInsert([
    { name: 'a', value: 1, timestamp: 7_200 },
    { name: 'a', value: 2, timestamp: 7_260 },
    { name: 'b', value: 30, timestamp: 7_261 },
    { name: 'b', value: 40, timestamp: 3_600 },
  ])
  return timeseries
}

const TYPES = {
  series: { empty: [], a: [2], ab: [2, 30], ba: [30, 2], condensed: [1, 2], collapsed: [40, 1, 2, 30] },
  histogram: {
    empty: map(),
    a: map([2, 1]),
    ab: map([2, 1], [30, 1]),
    ba: map([30, 1], [2, 1]),
    condensed: map([1, 1], [2, 1]),
    collapsed: map([40, 1], [1, 1], [2, 1], [30, 1]),
  },
  count: { empty: 0, a: 2, ab: 32, ba: 32, condensed: 3, collapsed: 73 },
  gauge: { empty: null, a: 2, ab: 30, ba: 2, condensed: 2, collapsed: 30 },
  set: {
    empty: new Set(),
    a: new Set([2]),
    ab: new Set([2, 30]),
    ba: new Set([30, 2]),
    condensed: new Set([1, 2]),
    collapsed: new Set([40, 1, 2, 30]),
  },
}

describe.each(Object.entries(TYPES))('%s', (type, { empty, a, ab, ba, condensed, collapsed }) => {
  it('get: one entry of a coarse interval, one for each resolution bucket with data of a fine one', async () => {
    const timeseries = await filled(type)
    expect(await timeseries.get('a', 'minute')).toEqual(map([7_260, a]))
    expect(await timeseries.get('a', 'minute', { timestamp: 60 })).toEqual(map([60, empty]))
    expect([...(await timeseries.get('a', 'hour')).keys()]).toEqual([7_200, 7_260])
    expect(await timeseries.get('a', 'hour', { timestamp: 0 })).toEqual(map())
    expect(await timeseries.get('a', 'hour', { condense: true })).toEqual(map([7_200, condensed]))
    expect(await timeseries.get('none', 'hour', { condense: true })).toEqual(map([7_200, empty]))
  })

  it('joins names in their order; one given twice counts once', async () => {
    const timeseries = await filled(type)
    expect(await timeseries.get(['a', 'b'], 'minute')).toEqual(map([7_260, ab]))
    expect(await timeseries.get(new Set(['b', 'a']), 'minute')).toEqual(map([7_260, ba]))
    expect(await timeseries.get(['b', 'a', 'b', 'none'], 'minute')).toEqual(map([7_260, ba]))
    expect(await timeseries.get(['a'], 'minute')).toEqual(map([7_260, a]))
    expect(await timeseries.get(['none', 'neither'], 'minute')).toEqual(map([7_260, empty]))
  })

  it('series: every interval of the range, empties included; collapsed into one', async () => {
    const timeseries = await filled(type)
    expect(await timeseries.series('a', 'minute', { start: 7_140, end: 7_260 })).toEqual(
      map([7_140, empty], [7_200, (await timeseries.get('a', 'minute', { timestamp: 7_200 })).get(7_200)], [7_260, a]),
    )
    const nested = await timeseries.series('b', 'hour', { start: 0, end: NOW })
    expect([...nested].map(([start, rows]) => [start, [...(rows as Map<number, unknown>).keys()]])).toEqual([
      [0, []],
      [3_600, [3_600]],
      [7_200, [7_260]],
    ])
    expect(await timeseries.series(['a', 'b'], 'hour', { start: 0, end: NOW, collapse: true })).toEqual(
      map([0, collapsed]),
    )
    expect(await timeseries.series('none', 'hour', { start: 0, end: NOW, collapse: true })).toEqual(map([0, empty]))
  })

  it('what is read is the reader’s own', async () => {
    const timeseries = await filled(type)
    const first = await timeseries.get('a', 'minute')
    const [data] = [...first.values()]
    if (data instanceof Map || data instanceof Set) data.clear()
    if (Array.isArray(data)) data.length = 0
    first.clear()
    expect(await timeseries.get('a', 'minute')).toEqual(map([7_260, a]))
    const again = await timeseries.get('a', 'minute')
    await timeseries.insert('a', 5)
    expect(again).toEqual(map([7_260, a]))
  })
})

describe('a range of more buckets than one answer lists', () => {
  const ALL = { start: -62_135_596_800, end: 253_402_300_799 }
  const second = { step: 1 }
  const day = { step: 'daily', resolution: 60 }

  /** Far apart, so that stepping through the gap would take forever. */
  async function scattered(driver = memoryDriver(), more = {}) {
    const timeseries = createAny(driver, {
      type: 'series',
      valueType: 'int',
      intervals: { second, day, kept: { step: 1, steps: 20_000_000 } },
      now: () => NOW,
      ...more,
    })
    await timeseries.bulkInsert([
      { name: 'a', value: [1, 2], timestamp: ALL.start },
      { name: 'b', value: 3, timestamp: -1 },
      { name: 'a', value: 4, timestamp: NOW },
      { name: 'a', value: 5, timestamp: ALL.end },
    ])
    return timeseries
  }

  it.each(['second', 'day'])('of the interval %s collapses into one entry all the same', async (interval) => {
    const timeseries = await scattered()
    const read = (options: object): Promise<Map<number, unknown>> => timeseries.series(['b', 'a'], interval, options)
    expect(await read({ ...ALL, collapse: true })).toEqual(map([ALL.start, [1, 2, 3, 4, 5]]))
    expect(await read({ ...ALL, end: -86_401, collapse: true, transform: 'count' })).toEqual(map([ALL.start, 2]))
    expect(await read({ ...ALL, collapse: true, transform: (_data: unknown, seconds: number) => seconds })).toEqual(
      map([ALL.start, ALL.end + 1 - ALL.start]),
    )
    const starts = await read({ ...ALL, collapse: (rows: Map<number, unknown>) => [...rows.values()] })
    expect([...starts.values()]).toEqual([[[1, 2], [3], [4], [5]]])
    expect(await timeseries.series('none', interval, { ...ALL, collapse: true })).toEqual(map([ALL.start, []]))
  })

  it('by steps, and no further back than retention', async () => {
    const timeseries = await scattered()
    expect(await timeseries.series('a', 'second', { steps: 70_000_000_000, collapse: true })).toEqual(
      map([NOW - 70_000_000_000 + 1, [1, 2, 4]]),
    )
    expect(await timeseries.series(['a', 'b'], 'kept', { steps: 30_000_000, collapse: true })).toEqual(
      map([NOW - 30_000_000 + 1, [3, 4]]),
    )
  })

  it('is read in few and short stretches, and a signal ends it', async () => {
    const controller = new AbortController()
    const { driver, reads } = watchedDriver(async () => {
      if (reads.length === 30) controller.abort()
    })
    const timeseries = await scattered(driver)
    await timeseries.series('a', 'second', { ...ALL, collapse: true })
    expect(reads.length).toBeLessThan(20)
    expect(Math.max(...reads.map(({ range }) => range.last - range.first + 1))).toBeLessThanOrEqual(200_000)
    await timeseries.bulkInsert(
      Array.from({ length: 500 }, (_, n) => ({ name: 'a', value: 1, timestamp: n * 1_000_000 })),
    )
    const read = (): Promise<unknown> =>
      timeseries.series('a', 'second', { ...ALL, collapse: true, signal: controller.signal })
    await failureOf(read, 'KAIROS_ABORTED')
  })

  it('is refused where it is not collapsed, and says what to do', async () => {
    const timeseries = await scattered()
    for (const options of [ALL, { ...ALL, condense: true }, { steps: 10_000_001 }]) {
      const error = await failureOf(() => timeseries.series('a', 'second', options), 'KAIROS_INVALID_RANGE')
      expect(error).toMatchObject({ interval: 'second', message: expect.stringContaining('iterate()') })
      expect(error.steps).toBeGreaterThan(10_000_000)
    }
  })

  it('is refused where there are not that many', async () => {
    const timeseries = await scattered()
    const steps = ALL.end - ALL.start + 1
    const all = await timeseries.series('a', 'second', { end: ALL.end, steps, collapse: true })
    expect([...all.keys()]).toEqual([ALL.start])
    const tooMany = { end: ALL.end, steps: steps + 1, collapse: true }
    await failureOf(() => timeseries.series('a', 'second', tooMany), 'KAIROS_INVALID_RANGE')
  })
})

describe('an answer of many empty buckets', () => {
  // Far in the past, so that nothing is found: the cost is only that of listing.
  const ask = async (type: string, interval: string, steps: number, options = {}): Promise<number> =>
    (await (await filled(type)).series('a', interval, { end: -1e9, steps, ...options })).size

  it.each([
    ['histogram', 'minute', 1_000_001, {}],
    ['set', 'minute', 1_000_001, {}],
    ['histogram', 'minute', 1_000_001, { transform: 'rate' }],
    ['count', 'hour', 1_000_001, {}],
    ['series', 'minute', 5_000_001, {}],
    ['series', 'hour', 1_000_001, {}],
    ['series', 'hour', 9_999_999, { transform: 'count' }],
    ['histogram', 'minute', 2_000_001, { transform: ['count', 'max'] }],
    ['histogram', 'minute', 2_500_001, { transform: { count: 'count' } }],
  ])('of a %s, %s, is refused by what its buckets cost: %i', async (type, interval, steps, options) => {
    const error = await failureOf(() => ask(type, interval, steps, options), 'KAIROS_INVALID_RANGE')
    expect(error).toMatchObject({ interval, steps })
    expect(error.message).toContain(`more than the ${steps > 9e6 ? 1_000_000 : steps - 1} that one read lists`)
  })

  it('is not refused where they cost little', async () => {
    expect(await ask('histogram', 'minute', 1_000_001, { transform: 'count' })).toBe(1_000_001)
    expect(await ask('count', 'hour', 1_000_001, { condense: true })).toBe(1_000_001)
    expect(await ask('set', 'hour', 9_000_000, { collapse: true })).toBe(1)
  })
})

describe('a range that holds far more than its answer', () => {
  const names = Array.from({ length: 100 }, (_, index) => `n${index}`)

  async function dense(type: string): Promise<{ timeseries: AnyTimeseries; most(): number }> {
    const { driver, found } = watchedDriver()
    const timeseries = createAny(driver, {
      type,
      ...(type !== 'count' && { valueType: 'int' }),
      intervals: { minute: { step: 60 }, hour: { step: 3_600, resolution: 1 } },
      now: () => NOW,
    })
    for (let minute = 0; minute < 1_200; minute++)
      await timeseries.bulkInsert(names.map((name) => ({ name, value: 1, timestamp: minute * 60 })))
    return { timeseries, most: () => Math.max(...found.map((cells) => cells.length)) }
  }

  it('is never held whole', async () => {
    const { timeseries, most } = await dense('count')
    const range = { start: 0, end: 60 * 12_000 }
    const joined = await timeseries.series(names, 'minute', range)
    expect(joined.size).toBe(12_001)
    expect([...joined].filter(([, count]) => count === 100)).toHaveLength(1_200)
    expect(await timeseries.series(names, 'minute', { ...range, collapse: true })).toEqual(map([0, 120_000]))
    const condensed = await timeseries.series(names, 'hour', { start: 0, end: 71_999, condense: true })
    expect([...condensed.values()]).toEqual(new Array(20).fill(6_000))
    expect(most()).toBeLessThanOrEqual(50_000)
  })

  it.each([
    ['histogram', map([1, 120_000])],
    ['set', new Set([1])],
    ['gauge', 1],
    ['series', new Array(120_000).fill(1)],
  ])('and gives the same: %s', async (type, all) => {
    const { timeseries } = await dense(type)
    const range = { start: 0, end: 60 * 12_000 }
    expect(await timeseries.series(names, 'minute', { ...range, collapse: true })).toEqual(map([0, all]))
    const size = (rows: Map<number, unknown>): number => rows.size
    expect(await timeseries.series(names, 'minute', { ...range, collapse: size })).toEqual(map([0, 1_200]))
    expect(await timeseries.series(names, 'minute', { ...range, collapse: true, condense: size })).toEqual(
      map([0, 1_200]),
    )
    expect((await timeseries.series(names, 'hour', { start: 0, end: 71_999 })).get(0)).toHaveProperty('size', 60)
  })
})

describe('the range of series', () => {
  const starts = async (options: object, interval = 'minute'): Promise<number[]> => [
    ...(await (await filled('count')).series('a', interval, options)).keys(),
  ]

  it('lies between both ends; or counts steps from one of them, or up to now', async () => {
    expect(await starts({ start: 60, end: 179 })).toEqual([60, 120])
    expect(await starts({ start: 60, end: 179, steps: 99 })).toEqual([60, 120])
    expect(await starts({ start: 60, end: 60 })).toEqual([60])
    expect(await starts({ start: new Date(60_000), steps: 2 })).toEqual([60, 120])
    expect(await starts({ end: 179, steps: 2 })).toEqual([60, 120])
    expect(await starts({ steps: 2 })).toEqual([7_200, 7_260])
    expect(await starts({})).toEqual([7_260])
    expect(await starts({}, 'kept')).toEqual([7_140, 7_200, 7_260])
    expect(await starts({ start: 7_200 }, 'kept')).toEqual([7_200, 7_260, 7_320])
    expect(await starts({ start: undefined, end: undefined, steps: undefined })).toEqual([7_260])
  })

  it('may leave the years at its ends', async () => {
    expect(await starts({ start: 253_402_300_799, steps: 2 })).toEqual([253_402_300_740, 253_402_300_800])
    expect((await starts({ end: -62_135_596_800, steps: 2 })).length).toBe(2)
  })

  it.each([
    [
      { start: 61, end: 60 },
      { start: 61, end: 60 },
    ],
    [
      { start: 60.5, end: 60.4 },
      { start: 60.5, end: 60.4 },
    ],
    [{ steps: 0 }, { steps: 0 }],
    [{ steps: -1 }, { steps: -1 }],
    [{ steps: 1.5 }, { steps: 1.5 }],
    [{ steps: '2' }, { steps: '2' }],
    [{ start: 0, end: 60, steps: 0 }, { steps: 0 }],
    [{ steps: Number.MAX_SAFE_INTEGER }, {}],
    [{ start: -62_135_596_800, end: 253_402_300_799 }, {}],
  ])('%o is not one', async (options, details) => {
    expect(await failureOf(() => starts(options), 'KAIROS_INVALID_RANGE')).toMatchObject(details)
  })

  it.each([{ start: Number.NaN }, { end: null }, { start: '2024' }, { end: 1.7e12 }])(
    '%o are not moments',
    async (options) => {
      await failureOf(() => starts(options), 'KAIROS_INVALID_VALUE')
    },
  )
})

describe('readFunc', () => {
  it('runs last on each value: items, keys, members, and the gauge where there is one', async () => {
    const seen: unknown[] = []
    const readFunc = (value: number): number => {
      seen.push(value)
      return value % 2
    }
    expect(await (await filled('series', { readFunc })).get('a', 'hour', { condense: true })).toEqual(
      map([7_200, [1, 0]]),
    )
    const histogram = await filled('histogram', { readFunc })
    await histogram.insert('a', [1, 3, 5, 2], { timestamp: 7_200 })
    // Counts of keys that become equal are added.
    expect(await histogram.get('a', 'minute', { timestamp: 7_200 })).toEqual(map([7_200, map([1, 4], [0, 1])]))
    const set = await filled('set', { readFunc })
    await set.insert('a', [1, 3, 5], { timestamp: 7_200 })
    expect(await set.get('a', 'minute', { timestamp: 7_200 })).toEqual(map([7_200, new Set([1])]))
    const gauge = await filled('gauge', { readFunc })
    seen.length = 0
    expect(await gauge.get('a', 'minute', { timestamp: 60 })).toEqual(map([60, null]))
    expect(seen).toEqual([])
    expect(await gauge.get('a', 'minute')).toEqual(map([7_260, 0]))
  })

  it('may give undefined: that is a value', async () => {
    const gauge = await filled('gauge', { readFunc: () => undefined })
    expect(await gauge.get('a', 'minute')).toEqual(map([7_260, undefined]))
    const series = await filled('series', { readFunc: () => undefined })
    expect(await series.get('a', 'minute')).toEqual(map([7_260, [undefined]]))
  })

  it('may throw what it likes', async () => {
    const own = new RangeError('mine')
    const series = await filled('series', {
      readFunc() {
        throw own
      },
    })
    await expect(series.get('a', 'minute')).rejects.toBe(own)
  })
})

describe("the caller's own stages", () => {
  it('run in order, each on what the one before made, and only where there are data', async () => {
    const timeseries = await filled('series')
    const log: unknown[] = []
    const options = {
      start: 0,
      end: NOW,
      processRow(row: number[]) {
        log.push(['processRow', row])
        return row.join('+')
      },
      joinRows(rows: string[]) {
        log.push(['joinRows', rows])
        return rows.join('|')
      },
      condense(rows: Map<number, string>) {
        log.push(['condense', [...rows]])
        return [...rows.values()].join(' ')
      },
      collapse(rows: Map<number, string>) {
        log.push(['collapse', [...rows]])
        return [...rows.values()].join(', ')
      },
      transform(data: string, seconds: number) {
        log.push(['transform', seconds])
        return data.toUpperCase()
      },
    }
    expect(await timeseries.series(['a', 'b'], 'hour', options)).toEqual(map([0, '40, 1 2|30']))
    expect(log).toEqual([
      ['processRow', [1]],
      ['processRow', [2]],
      ['processRow', [40]],
      ['processRow', [30]],
      ['joinRows', ['40']],
      ['joinRows', ['1']],
      ['joinRows', ['2', '30']],
      ['condense', [[3_600, '40']]],
      [
        'condense',
        [
          [7_200, '1'],
          [7_260, '2|30'],
        ],
      ],
      [
        'collapse',
        [
          [3_600, '40'],
          [7_200, '1 2|30'],
        ],
      ],
      ['transform', 10_800],
    ])
  })

  it('joinRows runs where a list was given, be it of one name; never for one name alone, nor for none that has data', async () => {
    const timeseries = await filled('count')
    const joinRows = (rows: number[]): string => `joined ${rows}`
    expect(await timeseries.get('a', 'minute', { joinRows })).toEqual(map([7_260, 2]))
    expect(await timeseries.get(['a'], 'minute', { joinRows })).toEqual(map([7_260, 'joined 2']))
    expect(await timeseries.get(['b', 'a'], 'minute', { joinRows })).toEqual(map([7_260, 'joined 30,2']))
    expect(await timeseries.get(['x', 'y'], 'minute', { joinRows })).toEqual(map([7_260, 0]))
  })

  it('condense serves collapse: true, on all of the range at once: it never meets what it made', async () => {
    const timeseries = await filled('count')
    const seen: unknown[] = []
    const condense = (rows: Map<number, number>): { sum: number } => {
      seen.push([...rows])
      return { sum: [...rows.values()].reduce((sum, count) => sum + count.valueOf(), 0) }
    }
    expect(await timeseries.series('b', 'hour', { steps: 2, condense, collapse: true })).toEqual(
      map([3_600, { sum: 70 }]),
    )
    expect(await timeseries.series(['a', 'b'], 'minute', { start: 0, end: NOW, condense, collapse: true })).toEqual(
      map([0, { sum: 73 }]),
    )
    const transform = (data: { sum: number }, seconds: number): number => data.sum / seconds
    expect(await timeseries.series('a', 'hour', { steps: 2, condense, collapse: true, transform })).toEqual(
      map([3_600, 3 / 7_200]),
    )
    expect(seen).toEqual([
      [
        [3_600, 40],
        [7_260, 30],
      ],
      [
        [3_600, 40],
        [7_200, 1],
        [7_260, 32],
      ],
      [
        [7_200, 1],
        [7_260, 2],
      ],
    ])
    expect(await timeseries.series('none', 'hour', { steps: 2, condense, collapse: true })).toEqual(map([3_600, 0]))
  })

  it('condense runs on a coarse interval too', async () => {
    const timeseries = await filled('count')
    const condense = (rows: Map<number, unknown>): string => `(${[...rows.values()]})`
    expect(await timeseries.series('a', 'minute', { steps: 3, condense })).toEqual(
      map([7_140, 0], [7_200, '(1)'], [7_260, '(2)']),
    )
    expect(await timeseries.series('a', 'hour', { steps: 2, condense: false, collapse: false })).toEqual(
      map([3_600, map()], [7_200, map([7_200, 1], [7_260, 2])]),
    )
  })

  it('processRow takes the place of decoding and of readFunc', async () => {
    const dates = createAny('memory:', {
      type: 'series',
      valueType: 'datetime',
      intervals,
      now: () => NOW,
      readFunc: () => 'never',
    })
    await dates.insert('a', new Date(5))
    expect(await dates.get('a', 'minute', { processRow: (row: unknown) => row })).toEqual(map([7_260, [5]]))
  })

  it('that make something else of the data ask for the next one', async () => {
    const timeseries = await filled('series')
    const processRow = (): string => 'text'
    expect(
      (await failureOf(() => timeseries.get(['a', 'b'], 'minute', { processRow }), 'KAIROS_INVALID_CONFIG')).path,
    ).toBe('joinRows')
    expect(
      (await failureOf(() => timeseries.get('a', 'hour', { processRow, condense: true }), 'KAIROS_INVALID_CONFIG'))
        .path,
    ).toBe('condense')
    expect(
      (await failureOf(() => timeseries.series('a', 'minute', { processRow, collapse: true }), 'KAIROS_INVALID_CONFIG'))
        .path,
    ).toBe('collapse')
  })

  it.each(['processRow', 'joinRows', 'condense', 'collapse', 'transform'])(
    '%s may throw what it likes',
    async (stage) => {
      const own = new RangeError('mine')
      const timeseries = await filled('series')
      const options = {
        [stage]: () => {
          throw own
        },
      }
      await expect(timeseries.series(['a', 'b'], 'hour', options)).rejects.toBe(own)
    },
  )

  it.each(['processRow', 'joinRows', 'condense', 'collapse'])('%s is a function', async (stage) => {
    const timeseries = await filled('series')
    expect(
      (await failureOf(() => timeseries.series('a', 'hour', { [stage]: 'x' }), 'KAIROS_INVALID_CONFIG')).path,
    ).toBe(stage)
  })
})

describe('bad questions', () => {
  it('an interval that is not configured', async () => {
    const timeseries = await filled('count')
    for (const interval of ['week', 'constructor', '__proto__', undefined, 5, Symbol('x')]) {
      const error = await failureOf(() => timeseries.get('a', interval), 'KAIROS_UNKNOWN_INTERVAL')
      expect(error).toMatchObject({ interval: String(interval), known: ['hour', 'kept', 'minute'] })
    }
  })

  it('no names at all', async () => {
    const timeseries = await filled('count')
    for (const names of [[], new Set()]) await failureOf(() => timeseries.get(names, 'minute'), 'KAIROS_INVALID_VALUE')
    await failureOf(() => timeseries.get(['a', ''], 'minute'), 'KAIROS_INVALID_VALUE')
  })

  it('options of another read, or of none', async () => {
    const timeseries = await filled('count')
    for (const options of [{ start: 0 }, { collapse: true }, { condence: true }])
      await failureOf(() => timeseries.get('a', 'minute', options), 'KAIROS_INVALID_CONFIG')
    await failureOf(() => timeseries.series('a', 'minute', { timestamp: 0 }), 'KAIROS_INVALID_CONFIG')
    await failureOf(() => timeseries.iterate('a', 'minute', { start: 0 }).next(), 'KAIROS_INVALID_CONFIG')
  })

  it('a fetch where the driver takes none', async () => {
    const timeseries = await filled('count')
    expect(
      await failureOf(() => timeseries.get('a', 'minute', { fetch: () => [] }), 'KAIROS_UNSUPPORTED'),
    ).toMatchObject({ driver: 'memory', feature: 'customFetch' })
  })
})
