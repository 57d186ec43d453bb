import { describe, expectTypeOf, it } from 'vitest'
import type { StorageDriver } from '../src/driver.ts'
import { createTimeseries, type Extent, memoryDriver, type TimeseriesOf, type WriteResult } from '../src/index.ts'

const driver = memoryDriver()

const hits = createTimeseries(driver, {
  type: 'histogram',
  valueType: 'int',
  intervals: { minute: { step: 60, steps: 60 }, day: { step: 'daily', resolution: '1h' } },
})
const counts = createTimeseries('memory:', { type: 'count', intervals: { minute: { step: 60 } } })

describe('results follow from the configuration', () => {
  it('get', () => {
    expectTypeOf(hits.get('home', 'minute')).resolves.toEqualTypeOf<Map<number, Map<number, number>>>()
    expectTypeOf(hits.get(['a', 'b'], 'day')).resolves.toEqualTypeOf<Map<number, Map<number, number>>>()
    expectTypeOf(hits.get(new Set(['a']), 'day', { condense: true })).resolves.toEqualTypeOf<
      Map<number, Map<number, number>>
    >()
    expectTypeOf(counts.get('home', 'minute', { timestamp: new Date() })).resolves.toEqualTypeOf<Map<number, number>>()
  })

  it('series: nested where the interval has a resolution and nothing condenses it', () => {
    expectTypeOf(hits.series('home', 'minute')).resolves.toEqualTypeOf<Map<number, Map<number, number>>>()
    expectTypeOf(hits.series('home', 'day')).resolves.toEqualTypeOf<Map<number, Map<number, Map<number, number>>>>()
    expectTypeOf(hits.series('home', 'day', { condense: true })).resolves.toEqualTypeOf<
      Map<number, Map<number, number>>
    >()
    expectTypeOf(hits.series('home', 'day', { collapse: true, start: 0, end: 5 })).resolves.toEqualTypeOf<
      Map<number, Map<number, number>>
    >()
    expectTypeOf(hits.series('home', 'day', { condense: false })).resolves.toEqualTypeOf<
      Map<number, Map<number, Map<number, number>>>
    >()
  })

  it('iterate, list, properties and the rest', () => {
    expectTypeOf(hits.iterate('home', 'day')).toEqualTypeOf<AsyncIterableIterator<[number, Map<number, number>]>>()
    expectTypeOf(hits.iterate('home', 'day', { transform: 'count' })).toEqualTypeOf<
      AsyncIterableIterator<[number, number]>
    >()
    expectTypeOf(hits.properties('home')).resolves.toEqualTypeOf<{ minute?: Extent; day?: Extent }>()
    expectTypeOf(hits.list()).resolves.toEqualTypeOf<string[]>()
    expectTypeOf(hits.insert('home', 5)).resolves.toEqualTypeOf<WriteResult>()
    expectTypeOf(hits.expire()).resolves.toEqualTypeOf<number>()
    expectTypeOf(hits.open()).resolves.toEqualTypeOf<typeof hits>()
  })

  it('each type reads as its own', () => {
    const intervals = { minute: { step: 60 } } as const
    const series = createTimeseries(driver, { type: 'series', valueType: 'int64', intervals })
    expectTypeOf(series.get('a', 'minute')).resolves.toEqualTypeOf<Map<number, bigint[]>>()
    const gauge = createTimeseries(driver, { type: 'gauge', valueType: 'datetime', intervals })
    expectTypeOf(gauge.get('a', 'minute')).resolves.toEqualTypeOf<Map<number, Date | null>>()
    const set = createTimeseries(driver, { type: 'set', valueType: 'boolean', intervals })
    expectTypeOf(set.get('a', 'minute')).resolves.toEqualTypeOf<Map<number, Set<boolean>>>()
    const floats = createTimeseries(driver, { type: 'series', intervals })
    expectTypeOf(floats.get('a', 'minute')).resolves.toEqualTypeOf<Map<number, number[]>>()
  })
})

describe('transforms', () => {
  it('names, lists, objects and functions give their own types', () => {
    expectTypeOf(hits.get('home', 'minute', { transform: 'max' })).resolves.toEqualTypeOf<Map<number, number | null>>()
    expectTypeOf(hits.get('home', 'minute', { transform: 'rate' })).resolves.toEqualTypeOf<
      Map<number, Map<number, number>>
    >()
    expectTypeOf(hits.get('home', 'minute', { transform: ['min', 'max'] })).resolves.toEqualTypeOf<
      Map<number, { min: number | null; max: number | null }>
    >()
    expectTypeOf(
      hits.get('home', 'minute', { transform: { top: 'max', size: (row) => row.size } }),
    ).resolves.toEqualTypeOf<Map<number, { readonly top: number | null; readonly size: number }>>()
    expectTypeOf(counts.get('home', 'minute', { transform: 'rate' })).resolves.toEqualTypeOf<Map<number, number>>()
  })

  it('a function is given the data and the seconds', () => {
    hits.get('home', 'minute', {
      transform: (row, seconds) => {
        expectTypeOf(row).toEqualTypeOf<Map<number, number>>()
        expectTypeOf(seconds).toEqualTypeOf<number>()
        return row.size / seconds
      },
    })
    expectTypeOf(hits.get('home', 'minute', { transform: (row) => row.size })).resolves.toEqualTypeOf<
      Map<number, number>
    >()
    expectTypeOf(hits.series('home', 'day', { transform: (row) => `${row.size}` })).resolves.toEqualTypeOf<
      Map<number, Map<number, string>>
    >()
    expectTypeOf(hits.series('home', 'day', { collapse: true, transform: ['count'] })).resolves.toEqualTypeOf<
      Map<number, { count: number }>
    >()
  })

  it('bigints, strings and others have what their values can do', () => {
    const intervals = { minute: { step: 60 } } as const
    const bigints = createTimeseries(driver, { type: 'series', valueType: 'int64', intervals })
    expectTypeOf(bigints.get('a', 'minute', { transform: ['sum', 'mean', 'min'] })).resolves.toEqualTypeOf<
      Map<number, { sum: bigint; mean: number | null; min: bigint | null }>
    >()
    const strings = createTimeseries(driver, { type: 'set', valueType: 'string', intervals })
    expectTypeOf(strings.get('a', 'minute', { transform: 'max' })).resolves.toEqualTypeOf<Map<number, string | null>>()
    // @ts-expect-error strings have no sum
    strings.get('a', 'minute', { transform: 'sum' })
    const addresses = createTimeseries(driver, { type: 'set', valueType: 'inet', intervals })
    // @ts-expect-error addresses are only counted
    addresses.get('a', 'minute', { transform: 'min' })
    const gauges = createTimeseries(driver, { type: 'gauge', intervals })
    // @ts-expect-error a gauge has none
    gauges.get('a', 'minute', { transform: 'count' })
    // @ts-expect-error a count has no sum
    counts.get('a', 'minute', { transform: 'sum' })
    // @ts-expect-error nor in a list
    counts.get('a', 'minute', { transform: ['rate', 'sum'] })
    // @ts-expect-error nor in an object
    counts.get('a', 'minute', { transform: { x: 'sum' } })
    // @ts-expect-error there is no median
    hits.get('a', 'minute', { transform: 'median' })
  })
})

describe("the caller's own stages", () => {
  it('type what comes after them', () => {
    const read = hits.series(['a', 'b'], 'day', {
      processRow: (row: unknown) => String(row),
      joinRows: (rows) => {
        expectTypeOf(rows).toEqualTypeOf<readonly string[]>()
        return rows.length
      },
    })
    expectTypeOf(read).resolves.toEqualTypeOf<Map<number, Map<number, number>>>()
    const condensed = hits.get('a', 'day', { condense: (rows) => rows.size })
    const collapsed = hits.series('a', 'day', {
      condense: (rows) => [...rows.keys()],
      collapse: (rows) => {
        expectTypeOf(rows).toEqualTypeOf<ReadonlyMap<number, number[] | Map<number, number>>>()
        return new Date()
      },
      transform: (data, seconds) => {
        expectTypeOf(data).toEqualTypeOf<Date | Map<number, number>>()
        return seconds
      },
    })
    expectTypeOf(collapsed).resolves.toEqualTypeOf<Map<number, number>>()
    // Without data the type's own empty value is given.
    expectTypeOf(condensed).resolves.toEqualTypeOf<Map<number, number | Map<number, number>>>()
  })
})

describe('readFunc and writeFunc', () => {
  it('change what is read and accepted', async () => {
    const intervals = { minute: { step: 60 } } as const
    const levels = createTimeseries(driver, {
      type: 'series',
      valueType: 'int',
      intervals,
      readFunc: (value) => {
        expectTypeOf(value).toEqualTypeOf<number>()
        return { level: value }
      },
      writeFunc: (value: { level: number }) => value.level,
    })
    await levels.insert('a', { level: 5 })
    expectTypeOf(levels.get('a', 'minute')).resolves.toEqualTypeOf<Map<number, { level: number }[]>>()
    // @ts-expect-error only what writeFunc takes
    levels.insert('a', 5)
    // @ts-expect-error objects are only counted
    levels.get('a', 'minute', { transform: 'sum' })
    const texts = createTimeseries(driver, {
      type: 'histogram',
      valueType: 'int',
      intervals,
      readFunc: (value) => `${value}`,
    })
    expectTypeOf(texts.get('a', 'minute', { transform: 'max' })).resolves.toEqualTypeOf<Map<number, string | null>>()
    // @ts-expect-error writeFunc's result must fit the valueType
    createTimeseries(driver, { type: 'series', valueType: 'int', intervals, writeFunc: (value: string) => value })
  })
})

describe('mistakes that do not compile', () => {
  it('intervals', () => {
    // @ts-expect-error week is not configured
    hits.get('home', 'week')
    // @ts-expect-error nor for series
    hits.series('home', 'week')
    // @ts-expect-error nor to iterate
    hits.iterate('home', 'week')
  })

  it('values', () => {
    // @ts-expect-error a histogram of int takes numbers
    hits.insert('home', '5')
    // @ts-expect-error in lists too
    hits.insert('home', [1, '5'])
    // @ts-expect-error a value is required
    hits.insert('home')
    counts.insert('home')
    // @ts-expect-error a count is a number
    counts.insert('home', 5n)
    // @ts-expect-error in a Map too
    hits.bulkInsert(new Map([[null, { home: ['5'] }]]))
    // @ts-expect-error a point of a histogram has a value
    hits.bulkInsert([{ name: 'home' }])
    counts.bulkInsert([{ name: 'home' }])
  })

  it('options', () => {
    // @ts-expect-error a typo
    hits.get('home', 'minute', { timestmap: 5 })
    // @ts-expect-error series has no timestamp
    hits.series('home', 'minute', { timestamp: 5 })
    // @ts-expect-error get does not collapse
    hits.get('home', 'minute', { collapse: true })
    // @ts-expect-error memory has no options of its own
    hits.insert('home', 5, { pipeline: {} })
    // @ts-expect-error memory takes no fetch
    hits.get('home', 'minute', { fetch: () => [] })
    // @ts-expect-error a signal is an AbortSignal
    hits.list({ signal: 5 })
  })

  it('configurations', () => {
    const intervals = { minute: { step: 60 } } as const
    // @ts-expect-error an unknown type
    createTimeseries(driver, { type: 'sum', intervals })
    // @ts-expect-error an unknown valueType
    createTimeseries(driver, { type: 'series', valueType: 'double', intervals })
    // @ts-expect-error a count takes no valueType
    createTimeseries(driver, { type: 'count', valueType: 'int', intervals })
    // @ts-expect-error a histogram holds no text
    createTimeseries(driver, { type: 'histogram', valueType: 'text', intervals })
    // @ts-expect-error no intervals
    createTimeseries(driver, { type: 'count' })
    // @ts-expect-error a typo in an interval
    createTimeseries(driver, { type: 'count', intervals: { minute: { step: 60, keep: 5 } } })
  })
})

describe('what may be given in many shapes', () => {
  it('points', () => {
    hits.bulkInsert(new Map([[null, { home: [1, 2] }]]))
    hits.bulkInsert(new Map([[new Date(), new Map([['home', new Set([1])]])]]))
    hits.bulkInsert([
      { name: 'home', value: 1 },
      { name: 'home', value: [1, 2], timestamp: null },
    ])
    hits.bulkInsert(new Set([{ name: 'home', value: 1, timestamp: 5 }]), { intervals: -1 })
    hits.bulkInsert(
      (async function* () {
        yield { name: 'home', value: 1, timestamp: new Date() }
      })(),
    )
  })

  it('undefined options, as exactOptionalPropertyTypes would refuse', () => {
    const start: number | undefined = undefined as number | undefined
    hits.series('home', 'minute', { start, transform: undefined, signal: undefined })
    createTimeseries(driver, {
      type: 'series',
      valueType: undefined,
      intervals: { minute: { step: 60, resolution: undefined } },
    })
  })
})

interface Pipeline {
  exec(): void
}

describe("a driver's own options", () => {
  const redis = memoryDriver() as StorageDriver<{
    write: { pipeline?: Pipeline }
    read: { session?: string }
    fetch: (pipeline: Pipeline) => void
  }>
  const own = createTimeseries(redis, { type: 'count', intervals: { minute: { step: 60 } } })

  it('appear on the calls', () => {
    own.insert('a', 1, { pipeline: { exec() {} }, timestamp: 5 })
    own.bulkInsert([{ name: 'a' }], { pipeline: { exec() {} } })
    own.get('a', 'minute', { session: 'x', fetch: (pipeline) => pipeline.exec() })
    // @ts-expect-error not a pipeline
    own.insert('a', 1, { pipeline: 5 })
    // @ts-expect-error a read takes no pipeline
    own.get('a', 'minute', { pipeline: { exec() {} } })
  })
})

describe('TimeseriesOf', () => {
  it('names the type of a configuration', () => {
    const config = {
      type: 'histogram',
      valueType: 'int',
      intervals: { minute: { step: 60, steps: 60 }, day: { step: 'daily', resolution: '1h' } },
    } as const
    expectTypeOf(createTimeseries(driver, config)).toEqualTypeOf<TimeseriesOf<typeof config>>()
    const read = {
      type: 'series',
      intervals: { minute: { step: 60 } },
      readFunc: (value: number) => `${value}`,
    } as const
    expectTypeOf<TimeseriesOf<typeof read>>().toEqualTypeOf(createTimeseries(driver, read))
  })

  it('a configuration made at run time: any interval, flat or nested', () => {
    const intervals: Record<string, { step: number; resolution?: number }> = {}
    const loose = createTimeseries('memory:', { type: 'count', intervals })
    expectTypeOf(loose.series('a', 'anything')).resolves.toEqualTypeOf<
      Map<number, number> | Map<number, Map<number, number>>
    >()
  })
})
