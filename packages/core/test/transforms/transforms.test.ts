import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { failureOf } from '../support/failure.ts'
import { filled } from './filled.ts'

const BASIC = ['count', 'rate', 'sum', 'mean', 'min', 'max']
const COUNTED = ['count', 'rate', 'distinct']
const ARRIVAL = ['first', 'last']
const ORDERED = ['min', 'max', 'p0 to p100']
const NUMERIC = ['sum', 'mean', 'range', 'stddev', 'variance']

describe('what the built-in transforms give', () => {
  it.each(['series', 'set'])('of a %s of numbers', async (type) => {
    const { transformed } = await filled(type, 'float', [3, 1, 2, 6])
    expect(await transformed(BASIC)).toEqual({ count: 4, rate: 4 / 60, sum: 12, mean: 3, min: 1, max: 6 })
  })

  it('of a histogram, weighted by the counts', async () => {
    const { transformed } = await filled('histogram', 'int', [5, 1, 1, 1])
    const rate = new Map([
      [5, 1 / 60],
      [1, 3 / 60],
    ])
    expect(await transformed(BASIC)).toEqual({ count: 4, rate, sum: 8, mean: 2, min: 1, max: 5 })
  })

  it('of bigints: sum, min and max are bigints', async () => {
    const large = 2n ** 62n
    const { transformed } = await filled('series', 'int64', [large, large, -1n])
    expect(await transformed(['sum', 'min', 'max', 'mean'])).toEqual({
      sum: 2n * large - 1n,
      min: -1n,
      max: large,
      mean: Number(2n * large - 1n) / 3,
    })
    const { transformed: ofNone } = await filled('series', 'int64', [])
    expect(await ofNone(['sum', 'mean'])).toEqual({ sum: 0n, mean: null })
    const { transformed: weighted } = await filled('histogram', 'int64', [large, large, large])
    expect(await weighted('sum')).toBe(3n * large)
  })

  it('of decimals, in the order of numbers', async () => {
    const { transformed } = await filled('set', 'decimal', ['10', '9.5', '-2', '-10.25'])
    expect(await transformed(['min', 'max', 'count'])).toEqual({ min: '-10.25', max: '10', count: 4 })
  })

  it('of decimals and addresses that functions of the caller passed on', async () => {
    const { timeseries } = await filled('series', 'decimal', ['10', '9.5', '-2', '-10.25'])
    const flat = (rows: Map<number, string[]>): string[] => [...rows.values()].flat()
    const expected = { min: '-10.25', max: '10' }
    const range = { start: 0, end: 0, transform: ['min', 'max'] }
    for (const [interval, options] of [
      ['minute', { processRow: (row: string[]) => [...row] }],
      ['minute', { joinRows: (rows: string[][]) => rows.flat() }],
      ['hour', { condense: flat }],
      ['hour', { collapse: flat }],
      ['hour', { collapse: true, condense: flat }],
    ] as const) {
      const answer = await timeseries.series(['a'], interval, { ...range, ...options })
      expect([...answer.values()]).toEqual([expected])
    }
    const read = await filled('set', 'decimal', ['10', '9.5'], { readFunc: (text: string) => Number(text).toFixed(3) })
    expect(await read.transformed(['min', 'max'])).toEqual({ min: '9.500', max: '10.000' })
    const euros = await filled('set', 'decimal', ['10', '9.5'], { readFunc: (text: string) => `${text} EUR` })
    expect(await euros.transformed('max')).toBe('9.5 EUR')
    const addresses = await filled('set', 'inet', ['10.0.0.1', '9.0.0.1'], { readFunc: (text: string) => text })
    const error = await failureOf(() => addresses.transformed('max'), 'KAIROS_UNKNOWN_TRANSFORM')
    expect(error.known).toEqual(COUNTED)
  })

  it('of strings and dates', async () => {
    const strings = await filled('set', 'string', ['b', 'a', 'é'])
    expect(await strings.transformed(['min', 'max'])).toEqual({ min: 'a', max: 'é' })
    const dates = await filled('series', 'datetime', [new Date(5), new Date(2)])
    expect(await dates.transformed(['min', 'max'])).toEqual({ min: new Date(2), max: new Date(5) })
  })

  it('of a count', async () => {
    const { transformed } = await filled('count', undefined, [90])
    expect(await transformed('rate')).toBe(1.5)
  })

  it('of nothing: null for mean, min and max, 0 for the others', async () => {
    const { transformed } = await filled('series', 'float', [])
    expect(await transformed(BASIC)).toEqual({ count: 0, rate: 0, sum: 0, mean: null, min: null, max: null })
    expect(await (await filled('histogram', 'float', [])).transformed('rate')).toEqual(new Map())
    expect(await (await filled('count', undefined, [])).transformed('rate')).toBe(0)
  })

  it.each(['series', 'set', 'histogram'])('of a %s, whatever the order of its values', (type) => {
    const value = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(1e16, -1e16, 0.1, 0.4))
    const shuffled = fc
      .uniqueArray(value, { minLength: 1, maxLength: 8 })
      .chain((values) =>
        fc.tuple(
          fc.constant(values),
          fc.shuffledSubarray(values, { minLength: values.length, maxLength: values.length }),
        ),
      )
    return fc.assert(
      fc.asyncProperty(shuffled, async ([values, others]) => {
        const [one, other] = [await filled(type, 'float', values), await filled(type, 'float', others)]
        const names = ['sum', 'mean', 'min', 'max', 'count']
        expect(await other.transformed(names)).toEqual(await one.transformed(names))
      }),
      { numRuns: 200 },
    )
  })

  it('of values that are infinite, or none', async () => {
    const [up, down] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    const of = async (values: number[]): Promise<unknown> => {
      const readFunc = (index: number): number => values[index]!
      const { transformed } = await filled('series', 'int', [...values.keys()], { readFunc })
      return transformed(['sum', 'mean', 'min', 'max'])
    }
    expect(await of([1, up, 1e308, 1e308])).toEqual({ sum: up, mean: up, min: 1, max: up })
    expect(await of([down, 1])).toEqual({ sum: down, mean: down, min: down, max: 1 })
    expect(await of([up, down])).toEqual({ sum: Number.NaN, mean: Number.NaN, min: down, max: up })
    const none = { sum: Number.NaN, mean: Number.NaN, min: Number.NaN, max: Number.NaN }
    expect(await of([Number.NaN, 1, 2])).toEqual(none)
    expect(await of([2, 1, Number.NaN])).toEqual(none)
  })

  it('does not overflow where the result does not', async () => {
    const { transformed } = await filled('series', 'float', [1e308, 1e308, -1e308, 1e308])
    expect(await transformed('mean')).toBe(5e307)
    expect(await (await filled('series', 'float', [1e308, 1e308, -1e308])).transformed('sum')).toBe(1e308)
    expect(await (await filled('series', 'float', [1, 1e100, 1, -1e100])).transformed('sum')).toBe(2)
  })
})

describe('the forms of a transform', () => {
  it('a function is given the data and the seconds they cover', async () => {
    const { timeseries } = await filled('series', 'int', [1, 2])
    const transform = (data: number[], seconds: number): unknown => [data, seconds]
    expect(await timeseries.get('a', 'minute', { transform })).toEqual(new Map([[0, [[1, 2], 60]]]))
    expect(await timeseries.get('a', 'hour', { transform })).toEqual(new Map([[0, [[1, 2], 60]]]))
    expect(await timeseries.get('a', 'hour', { transform, condense: true })).toEqual(new Map([[0, [[1, 2], 3_600]]]))
    expect(await timeseries.series('a', 'minute', { start: 0, steps: 3, transform, collapse: true })).toEqual(
      new Map([[0, [[1, 2], 180]]]),
    )
  })

  it('an object names its results', async () => {
    const { transformed } = await filled('series', 'int', [1, 2])
    const result = await transformed(JSON.parse('{"__proto__":"count","top":"max"}'))
    expect(Object.entries(result as object)).toEqual([
      ['__proto__', 2],
      ['top', 2],
    ])
    expect(await transformed({ first: (data: number[]) => data[0], n: 'count' })).toEqual({ first: 1, n: 2 })
    expect(await transformed([])).toEqual({})
  })

  it('a list takes names only', async () => {
    const { transformed } = await filled('series', 'int', [1])
    expect((await failureOf(() => transformed([() => 1]), 'KAIROS_INVALID_CONFIG')).path).toBe('transform')
  })
})

describe('a transform that the type lacks', () => {
  it.each([
    ['gauge', 'float', 'max', []],
    ['count', undefined, 'sum', ['rate']],
    ['series', 'string', 'sum', [...COUNTED, ...ARRIVAL, ...ORDERED]],
    ['set', 'inet', 'min', COUNTED],
    ['set', 'inet', 'p50', COUNTED],
    ['set', 'float', 'first', [...COUNTED, ...ORDERED, ...NUMERIC]],
    ['histogram', 'boolean', 'mean', COUNTED],
    ['series', 'float', 'median', [...COUNTED, ...ARRIVAL, ...ORDERED, ...NUMERIC]],
    ['series', 'float', 'constructor', [...COUNTED, ...ARRIVAL, ...ORDERED, ...NUMERIC]],
  ])('of a %s of %s: %s', async (type, valueType, name, known) => {
    const { transformed } = await filled(type, valueType, [])
    for (const transform of [name, ['rate', name], { x: name }]) {
      // Before any I/O, and even without data.
      const error = await failureOf(
        () => transformed(type === 'gauge' && Array.isArray(transform) ? [name] : transform),
        'KAIROS_UNKNOWN_TRANSFORM',
      )
      expect(error.transform).toBe(name)
      expect([...error.known!].sort()).toEqual([...known].sort())
    }
  })

  it.each([null, 5, Symbol('x')])('is also %o', async (transform) => {
    await failureOf(async () => (await filled('series', 'int', [])).transformed(transform), 'KAIROS_UNKNOWN_TRANSFORM')
  })
})

describe('after a readFunc', () => {
  it('transforms are what its values have', async () => {
    const lengths = await filled('series', 'string', ['a', 'abc'], { readFunc: (text: string) => text.length })
    expect(await lengths.transformed(BASIC)).toEqual({ count: 2, rate: 2 / 60, sum: 4, mean: 2, min: 1, max: 3 })
    const texts = await filled('series', 'int', [10, 9], { readFunc: String })
    expect(await texts.transformed('min')).toBe('10')
    const error = await failureOf(() => texts.transformed('sum'), 'KAIROS_UNKNOWN_TRANSFORM')
    expect(error).toMatchObject({
      transform: 'sum',
      known: ['count', 'rate', 'distinct', 'first', 'last', 'min', 'max', 'p0 to p100'],
    })
    const objects = await filled('series', 'int', [1], { readFunc: (value: number) => ({ value }) })
    await failureOf(() => objects.transformed('max'), 'KAIROS_UNKNOWN_TRANSFORM')
    expect(await objects.transformed('count')).toBe(1)
  })

  it('the sum of no data is what the sum of some would be', async () => {
    const sumOfNone = async (valueType: string, readFunc: unknown): Promise<unknown> =>
      (await filled('series', valueType, [], { readFunc })).transformed('sum')
    expect(await sumOfNone('int', BigInt)).toBe(0n)
    expect(await sumOfNone('decimal', BigInt)).toBe(0n)
    expect(await sumOfNone('int64', (value: bigint) => value * 2n)).toBe(0n)
    expect(await sumOfNone('int64', Number)).toBe(0)
    expect(await sumOfNone('int', (value: number) => value / 2)).toBe(0)
    const looksUp = (value: bigint): bigint => new Map<bigint, bigint>().get(value)!.valueOf()
    expect(await sumOfNone('int64', looksUp)).toBe(0n)
    const { timeseries } = await filled('series', 'int64', [])
    const condense = (rows: Map<number, bigint[]>): bigint[] => [...rows.values()].flat()
    expect(await timeseries.get('a', 'hour', { condense, transform: 'sum' })).toEqual(new Map([[0, 0n]]))
  })

  it('bigints and numbers together sum to a number', async () => {
    const mixed = await filled('series', 'int', [1, 2], { readFunc: (value: number) => (value === 1 ? 1n : 2) })
    expect(await mixed.transformed(['sum', 'mean'])).toEqual({ sum: 3, mean: 1.5 })
    const bigints = await filled('series', 'int', [1, 2], { readFunc: BigInt })
    expect(await bigints.transformed(['sum', 'mean'])).toEqual({ sum: 3n, mean: 1.5 })
  })
})

it('data that functions of the caller made something else of take a function', async () => {
  const { timeseries } = await filled('series', 'int', [1])
  const options = { condense: () => 'one', transform: 'count' }
  expect((await failureOf(() => timeseries.get('a', 'hour', options), 'KAIROS_INVALID_CONFIG')).path).toBe('transform')
})
