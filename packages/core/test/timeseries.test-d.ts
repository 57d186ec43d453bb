import { describe, expectTypeOf, it } from 'vitest'
import type { StorageDriver } from '../src/driver.ts'
import {
  createTimeseries,
  type Extent,
  type KairosError,
  type KairosErrorDetails,
  memoryDriver,
  type QueryResult,
  type StepForm,
  type TimePoint,
  type Timeseries,
  type TimeseriesOf,
  type TopEntry,
  toPoints,
  type WriteResult,
} from '../src/index.ts'

const driver = memoryDriver()

const hits = createTimeseries(driver, {
  type: 'histogram',
  valueType: 'int',
  intervals: { minute: { step: 60, steps: 60 }, day: { step: 'daily', resolution: '1h' } },
})
const counts = createTimeseries('memory:', {
  type: 'count',
  intervals: { minute: { step: 60 }, day: { step: 'daily', resolution: '1h' } },
})
declare const yes: boolean

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

type Flat<T> = Map<number, T>
type Nested<T> = Map<number, Map<number, T>>
declare function takeFlat(days: Flat<number>): void
declare function takeNested(days: ReadonlyMap<number, ReadonlyMap<number, number>>): void

describe('what a result is wanted as does not change what it is', () => {
  it('in a function with an annotation', async () => {
    const days = async (): Promise<Nested<number>> => await counts.series('x', 'day')
    const promised = (): Promise<Nested<number>> => counts.series('x', 'day')
    const histograms = async (): Promise<Nested<Map<number, number>>> => await hits.series('x', 'day')
    const flat = async (): Promise<Flat<Map<number, number>>> => await hits.series('x', 'day', { condense: true })
    const got = async (): Promise<Flat<Map<number, number>>> => await hits.get('x', 'day')
    const entries = (): AsyncIterable<[number, Map<number, number>]> => hits.iterate('x', 'day')
    // @ts-expect-error days are nested
    const wrong = async (): Promise<Flat<number>> => await counts.series('x', 'day')
    return [days, promised, histograms, flat, got, entries, wrong]
  })

  it('in variables and arguments', async () => {
    const days: Nested<number> = await counts.series('x', 'day')
    const minutes: Flat<number> = await counts.series('x', 'minute')
    const histograms: Flat<Map<number, number>> = await hits.series('x', 'minute')
    const readonly: ReadonlyMap<number, ReadonlyMap<number, unknown>> = await hits.get('x', 'day')
    const [one, two]: [Nested<number>, Flat<number>] = await Promise.all([
      counts.series('x', 'day'),
      counts.series('x', 'minute'),
    ])
    const answer: { rows: Nested<number> } = { rows: await counts.series('x', 'day') }
    takeNested(await counts.series('x', 'day'))
    takeFlat(await counts.series('x', 'day', { condense: true }))
    takeFlat(await hits.series('x', 'day', { collapse: true, transform: 'count' }))
    // @ts-expect-error it is nested
    takeFlat(await counts.series('x', 'day'))
    return [days, minutes, histograms, readonly, one, two, answer]
  })

  it('with transforms', async () => {
    const count: Flat<number> = await hits.get('x', 'day', { transform: 'count' })
    const named: Flat<{ min: number | null; max: number | null }> = await hits.get('x', 'day', {
      transform: ['min', 'max'],
    })
    const made: Nested<{ size: number }> = await hits.series('x', 'day', { transform: (row) => ({ size: row.size }) })
    // The annotation still determines the literal types.
    const kinds: Flat<{ kind: 'many' | 'few' }> = await hits.get('x', 'day', {
      transform: (row) => ({ kind: row.size > 3 ? 'many' : 'few' }),
    })
    // @ts-expect-error a count is a number
    const wrong: Flat<string> = await hits.get('x', 'day', { transform: 'count' })
    // @ts-expect-error as without a transform
    const alsoWrong: Flat<string> = await hits.get('x', 'day')
    // @ts-expect-error and condensed
    const condensed: Flat<string> = await hits.get('x', 'day', { condense: true })
    return [count, named, made, kinds, wrong, alsoWrong, condensed]
  })

  it('with stages', async () => {
    const rows: Nested<string> = await counts.series(['a', 'b'], 'day', {
      processRow: String,
      joinRows: (texts) => texts.join(),
    })
    const condensed: Flat<number[] | Map<number, number>> = await hits.get('x', 'day', {
      condense: (hours) => [...hours.keys()],
    })
    // @ts-expect-error its rows are strings
    const wrong: Nested<number> = await counts.series('x', 'day', { processRow: String })
    return [rows, condensed, wrong]
  })
})

describe('every', () => {
  it('makes results flat, of merged data', () => {
    expectTypeOf(counts.series('home', 'day', { every: '6h' })).resolves.toEqualTypeOf<Map<number, number>>()
    expectTypeOf(counts.series('home', 'minute', { every: 'daily', zone: 'Asia/Tokyo' })).resolves.toEqualTypeOf<
      Map<number, number>
    >()
    expectTypeOf(hits.get('home', 'day', { every: 'iso-weekly', offset: '4h' })).resolves.toEqualTypeOf<
      Map<number, Map<number, number>>
    >()
    expectTypeOf(hits.iterate('home', 'day', { every: 7200, transform: 'max' })).toEqualTypeOf<
      AsyncIterableIterator<[number, number | null]>
    >()
    expectTypeOf(counts.series('home', 'day', { every: yes ? '6h' : undefined })).resolves.toEqualTypeOf<
      Map<number, number> | Map<number, Map<number, number>>
    >()
    expectTypeOf(counts.series('home', 'day', { every: undefined })).resolves.toEqualTypeOf<
      Map<number, Map<number, number>>
    >()
  })

  it('types the stages after it', () => {
    const read = hits.series('home', 'day', {
      every: 'monthly',
      condense: (hours) => {
        expectTypeOf(hours).toEqualTypeOf<ReadonlyMap<number, Map<number, number>>>()
        return hours.size
      },
      transform: (data, seconds) => {
        expectTypeOf(data).toEqualTypeOf<number | Map<number, number>>()
        return `${seconds}`
      },
    })
    expectTypeOf(read).resolves.toEqualTypeOf<Map<number, string>>()
    // @ts-expect-error not a step
    hits.series('home', 'day', { every: 'hourly' })
    // @ts-expect-error it merges already
    hits.series('home', 'day', { every: '6h', collapse: true })
    hits.series('home', 'day', { every: '6h', collapse: false })
    hits.series('home', 'day', { every: undefined, collapse: true })
    // @ts-expect-error nor to iterate
    hits.iterate('home', 'day', { every: '1M' })
  })
})

describe('query', () => {
  it('gives points and what was chosen', async () => {
    const answer = await counts.query('home', { start: 0, zone: 'Asia/Tokyo' })
    expectTypeOf(answer).toEqualTypeOf<QueryResult<'minute' | 'day', Map<number, number>>>()
    expectTypeOf(answer.every).toExtend<StepForm | null>()
    if (answer.every !== null) counts.series('home', answer.interval, { every: answer.every })
    const { points } = await hits.query(['a', 'b'], { start: new Date(), split: true, transform: ['max', 'count'] })
    expectTypeOf(points).toEqualTypeOf<Map<string, Map<number, { max: number | null; count: number }>>>()
    const condensed = await hits.query('a', { start: 0, condense: (rows) => rows.size })
    expectTypeOf(condensed.points).toEqualTypeOf<Map<number, number | Map<number, number>>>()
  })

  it('is asked with a start, and in no step', () => {
    // @ts-expect-error where the points begin is not known
    counts.query('home', { maxPoints: 5 })
    // @ts-expect-error it chooses the step
    counts.query('home', { start: 0, every: '1h' })
    // @ts-expect-error a count has no sum
    counts.query('home', { start: 0, transform: 'sum' })
  })
})

describe('top', () => {
  it('gives names and numbers', () => {
    expectTypeOf(counts.top('day')).resolves.toEqualTypeOf<TopEntry<number>[]>()
    expectTypeOf(counts.top('minute', { by: 'rate', prefix: 'a', limit: 3 })).resolves.toEqualTypeOf<
      TopEntry<number>[]
    >()
    expectTypeOf(hits.top('day', { by: 'mean', names: ['a'] })).resolves.toEqualTypeOf<TopEntry<number>[]>()
    expectTypeOf(hits.top('day', { by: 'p99' })).resolves.toEqualTypeOf<TopEntry<number>[]>()
    const bigints = createTimeseries(driver, {
      type: 'series',
      valueType: 'int64',
      intervals: { minute: { step: 60 } },
    })
    expectTypeOf(bigints.top('minute', { by: 'sum' })).resolves.toEqualTypeOf<TopEntry<bigint>[]>()
    expectTypeOf(bigints.top('minute')).resolves.toEqualTypeOf<TopEntry<number>[]>()
    const gauge = createTimeseries(driver, { type: 'gauge', intervals: { minute: { step: 60 } } })
    const last = gauge.top('minute', {
      by: (value, seconds) => {
        expectTypeOf(value).toEqualTypeOf<number | null>()
        expectTypeOf(seconds).toEqualTypeOf<number>()
        return value
      },
    })
    expectTypeOf(last).resolves.toEqualTypeOf<TopEntry<number>[]>()
  })

  it('ranks by numbers only', () => {
    // @ts-expect-error the rate of a histogram is a Map
    hits.top('day', { by: 'rate' })
    // @ts-expect-error a count has no mean
    counts.top('day', { by: 'mean' })
    // @ts-expect-error week is not configured
    counts.top('week')
    const texts = createTimeseries(driver, { type: 'set', valueType: 'string', intervals: { minute: { step: 60 } } })
    texts.top('minute', { by: 'distinct' })
    // @ts-expect-error a text is not a number
    texts.top('minute', { by: 'max' })
  })
})

describe('split', () => {
  it('gives each name its result', () => {
    expectTypeOf(counts.series(['a', 'b'], 'minute', { split: true })).resolves.toEqualTypeOf<
      Map<string, Map<number, number>>
    >()
    expectTypeOf(counts.series(['a', 'b'], 'day', { split: true })).resolves.toEqualTypeOf<
      Map<string, Map<number, Map<number, number>>>
    >()
    expectTypeOf(hits.get(['a', 'b'], 'day', { split: true, transform: 'count' })).resolves.toEqualTypeOf<
      Map<string, Map<number, number>>
    >()
    expectTypeOf(counts.series('a', 'day', { split: yes, every: '2h' })).resolves.toEqualTypeOf<
      Map<string, Map<number, number>> | Map<number, number>
    >()
    expectTypeOf(counts.get('a', 'minute', { split: false })).resolves.toEqualTypeOf<Map<number, number>>()
    // @ts-expect-error an iteration has one order for all names
    counts.iterate('a', 'minute', { split: true })
  })
})

describe('options that only the program knows', () => {
  it('give both', () => {
    type Day = Map<number, number>
    expectTypeOf(hits.series('x', 'day', { condense: yes })).resolves.toEqualTypeOf<Flat<Day> | Nested<Day>>()
    expectTypeOf(hits.series('x', 'day', { collapse: yes })).resolves.toEqualTypeOf<Flat<Day> | Nested<Day>>()
    expectTypeOf(hits.series('x', yes ? 'day' : 'minute')).resolves.toEqualTypeOf<Flat<Day> | Nested<Day>>()
    expectTypeOf(hits.get('x', 'day', { transform: yes ? 'count' : undefined })).resolves.toEqualTypeOf<
      Flat<number | Day>
    >()
    expectTypeOf(hits.get('x', 'day', { transform: yes ? 'rate' : 'max' })).resolves.toEqualTypeOf<
      Flat<Day | number | null>
    >()
    expectTypeOf(hits.get('x', 'day', { transform: undefined })).resolves.toEqualTypeOf<Flat<Day>>()
  })

  it('a resolution that may be there', () => {
    const resolution = yes ? 60 : undefined
    const maybe = createTimeseries('memory:', { type: 'count', intervals: { hour: { step: 3_600, resolution } } })
    expectTypeOf(maybe.series('a', 'hour')).resolves.toEqualTypeOf<Flat<number> | Nested<number>>()
    const none = createTimeseries('memory:', {
      type: 'count',
      intervals: { hour: { step: 3_600, resolution: undefined } },
    })
    expectTypeOf(none.series('a', 'hour')).resolves.toEqualTypeOf<Flat<number>>()
  })
})

describe('every timeseries is one', () => {
  const all = [
    hits,
    counts,
    createTimeseries(driver, { type: 'gauge', valueType: 'text', intervals: { i: { step: 1 } } }),
  ]

  it('in a function, a list, a Map', async () => {
    const closeAll = async (...timeseries: Timeseries[]): Promise<void> => {
      for (const each of timeseries) await each.close()
    }
    closeAll(hits, counts)
    closeAll(...all)
    const byName = new Map<string, Timeseries>([
      ['hits', hits],
      ['counts', counts],
    ])
    const record: Record<string, Timeseries> = { hits, counts }
    return [byName, record]
  })

  it('which can be used', () => {
    const some: Timeseries = hits
    expectTypeOf(some.list()).resolves.toEqualTypeOf<string[]>()
    expectTypeOf(some.insert('a', 'whatever')).resolves.toEqualTypeOf<WriteResult>()
    expectTypeOf(some.properties('a')).resolves.toExtend<{ [name: string]: Extent | undefined }>()
    expectTypeOf(some.get('a', 'any', { transform: 'count' })).resolves.toExtend<Map<number, unknown>>()
    // @ts-expect-error a name is a string
    some.delete(5)
  })

  it('but not one of another shape', () => {
    // @ts-expect-error a histogram is not a count
    const wrong: typeof counts = hits
    return wrong
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

  it('follow from the data that reach them', () => {
    const bigints = createTimeseries(driver, {
      type: 'series',
      valueType: 'int64',
      intervals: { minute: { step: 60 } },
    })
    const processRow = (): string[] => []
    expectTypeOf(bigints.get('a', 'minute', { processRow, transform: ['max', 'count'] })).resolves.toEqualTypeOf<
      Map<number, { max: string | bigint | null; count: number }>
    >()
    expectTypeOf(
      bigints.get('a', 'minute', { processRow: (): number[] => [], transform: 'sum' }),
    ).resolves.toEqualTypeOf<Map<number, number | bigint>>()
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

describe('a condense with collapse: true', () => {
  it('is given what it can take, once', () => {
    const collapsed = hits.series('a', 'day', {
      condense: (hours) => {
        expectTypeOf(hours).toEqualTypeOf<ReadonlyMap<number, Map<number, number>>>()
        return [...hours.keys()]
      },
      collapse: true,
    })
    expectTypeOf(collapsed).resolves.toEqualTypeOf<Map<number, number[] | Map<number, number>>>()
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
    // @ts-expect-error a count takes no readFunc
    createTimeseries(driver, { type: 'count', intervals, readFunc: (value) => value })
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
    // @ts-expect-error a point has no count: it would be a 1
    counts.bulkInsert([{ name: 'home', count: 12 }])
    // @ts-expect-error nor a time
    hits.bulkInsert([{ name: 'home', value: 1, time: 5 }])
    counts.bulkInsert([{ name: 'home', timestamp: 5 }].values())
    counts.bulkInsert(new Set([{ name: 'home' }]) as Iterable<{ name: string }>)
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
    // @ts-expect-error a typo in an option
    createTimeseries(driver, { type: 'count', intervals, retention: 5 })
    // @ts-expect-error an invalid step
    createTimeseries(driver, { type: 'count', intervals: { minute: { step: '1hour' } } })
    // @ts-expect-error nor for a resolution
    createTimeseries(driver, { type: 'count', intervals: { minute: { step: 60, resolution: '10sec' } } })
    // @ts-expect-error steps are a number
    createTimeseries(driver, { type: 'count', intervals: { minute: { step: 60, steps: '5' } } })
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

  it('intervals made at run time, by name or not', () => {
    const resolution: StepForm = '1h'
    const made = { minute: { step: 60 }, day: { step: 'daily', resolution } } as const
    expectTypeOf(
      createTimeseries(driver, { type: 'count', intervals: made }).series('a', 'day'),
    ).resolves.toEqualTypeOf<Nested<number>>()
    const plain: { [name: string]: { step: number } } = { minute: { step: 60 } }
    createTimeseries(driver, { type: 'count', intervals: plain }).insert('a')
    // @ts-expect-error a string does not determine the step
    createTimeseries(driver, { type: 'count', intervals: { minute: { step: String(60) } } })
  })

  it('steps', () => {
    createTimeseries(driver, {
      type: 'count',
      intervals: {
        a: { step: 60 },
        b: { step: '300' },
        c: { step: '15min', resolution: '30s' },
        d: { step: '1h' },
        e: { step: 'monthly', resolution: 'daily', steps: 12 },
      },
    })
    expectTypeOf<'1m' | '2w' | '1y' | '7d' | 'weekly' | 'yearly'>().toExtend<StepForm>()
    expectTypeOf<'1M'>().not.toExtend<StepForm>()
    expectTypeOf<'hourly'>().not.toExtend<StepForm>()
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
    own.series('a', 'minute', { session: 'x', fetch: undefined })
    own.iterate('a', 'minute', { session: 'x' })
    own.list({ session: 'x' })
    own.properties('a', { session: 'x' })
    own.delete('a', { pipeline: { exec() {} } })
    own.deleteAll({ pipeline: { exec() {} } })
    own.expire('a', { pipeline: { exec() {} } })
    // @ts-expect-error listing takes no pipeline
    own.list({ pipeline: { exec() {} } })
    // @ts-expect-error deleting takes no session
    own.delete('a', { session: 'x' })
    // @ts-expect-error a session is a string
    own.properties('a', { session: 5 })
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

it('a KairosError says what a source threw, and any of its fields may be absent', () => {
  expectTypeOf<KairosError['sourceError']>().toBeUnknown()
  expectTypeOf<KairosError['stored']>().toEqualTypeOf<number | undefined>()
  const told: KairosErrorDetails = { sourceError: new Error('the file ended'), stored: 5, expired: 0 }
  expectTypeOf(told).toExtend<Partial<KairosError>>()
})

it('points have the time that is asked for, and the data', async () => {
  const answer = await hits.series('home', 'minute')
  expectTypeOf(toPoints(answer)).toEqualTypeOf<TimePoint<number, Map<number, number>>[]>()
  expectTypeOf(toPoints(answer, { time: 'iso' })).toEqualTypeOf<TimePoint<string, Map<number, number>>[]>()
  expectTypeOf(toPoints(await counts.series('home', 'minute'), { time: 'ms' })).toEqualTypeOf<
    { time: number; value: number }[]
  >()
  // @ts-expect-error minutes are not written
  toPoints(answer, { time: 'min' })
})
