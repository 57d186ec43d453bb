import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { transformNamed } from '../../src/transforms/apply.ts'
import type { TransformName } from '../../src/transforms/names.ts'
import { filled } from './filled.ts'

/** As statistics.py writes it. */
interface Vector {
  readonly kind: string
  readonly counts: [value: number, times: number][]
  readonly percentiles: Readonly<Record<`p${number}`, number>>
  readonly variance: number
  readonly stddev: number
}

const vectors = readFileSync(new URL('../vectors/statistics.jsonl', import.meta.url), 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line) as Vector)

const values = { kind: null, stored: null, sumOfNone: (): 0 => 0 }

function made(name: string, data: unknown): unknown {
  return transformNamed(name as TransformName, values)(data, 60)
}

describe('as numpy computes them', () => {
  it.each([...Map.groupBy(vectors, ({ kind }) => kind)])('%s', (_kind, some) => {
    for (const { counts, percentiles, variance, stddev } of some) {
      for (const data of formsOf(counts)) {
        for (const [name, value] of Object.entries(percentiles)) expect(made(name, data)).toBe(value)
        expect(isClose(made('variance', data), variance)).toBe(true)
        expect(isClose(made('stddev', data), stddev)).toBe(true)
      }
    }
  })
})

/** The same values in another order and, if each is there only a few times, as a list. */
function formsOf(counts: Vector['counts']): unknown[] {
  const maps = [new Map(counts), new Map([...counts].reverse())]
  const isShort = counts.every(([, times]) => Number.isInteger(times) && times <= 40)
  return isShort ? [...maps, counts.flatMap(([value, times]) => new Array<number>(times).fill(value))] : maps
}

/** But for the last digits, in which the two ways of computing it differ. */
function isClose(found: unknown, expected: number): boolean {
  return Math.abs((found as number) - expected) <= Math.abs(expected) * 1e-14
}

const NAMES = ['p0', 'p25', 'p50', 'p99.9', 'p100', 'range', 'stddev', 'variance', 'distinct']

describe('of each type', () => {
  it.each(['series', 'set'])('of a %s', async (type) => {
    const { transformed } = await filled(type, 'float', [2, 4, 5, 9])
    expect(await transformed(NAMES)).toEqual({
      ...{ p0: 2, p25: 2, p50: 4, 'p99.9': 9, p100: 9 },
      ...{ range: 7, stddev: Math.sqrt(6.5), variance: 6.5, distinct: 4 },
    })
  })

  it('of a histogram, weighted by its times', async () => {
    const { transformed } = await filled('histogram', 'int', [2, 4, 4, 4, 5, 5, 7, 9])
    expect(await transformed(NAMES)).toEqual({
      ...{ p0: 2, p25: 4, p50: 4, 'p99.9': 9, p100: 9 },
      ...{ range: 7, stddev: 2, variance: 4, distinct: 5 },
    })
  })

  it('of a series: the first and the last in the order of arrival', async () => {
    const { transformed, timeseries } = await filled('series', 'boolean', [true, false, false])
    expect(await transformed(['first', 'last', 'distinct'])).toEqual({ first: true, last: false, distinct: 2 })
    await timeseries.insert('b', false)
    const options = { transform: ['first', 'last', 'count'], condense: true }
    expect(await timeseries.get(['b', 'a'], 'hour', options)).toEqual(
      new Map([[0, { first: false, last: false, count: 4 }]]),
    )
  })

  it('of nothing: null, and 0 different values', async () => {
    const none = { p50: null, stddev: null, variance: null, range: null, distinct: 0 }
    for (const type of ['series', 'set', 'histogram'])
      expect(await (await filled(type, 'float', [])).transformed(Object.keys(none))).toEqual(none)
    const { transformed } = await filled('series', 'int64', [])
    expect(await transformed(['first', 'last', 'range'])).toEqual({ first: null, last: null, range: null })
  })

  it('of bigints: values and range are bigints, the spread is exact beyond 2^53', async () => {
    const large = 2n ** 62n
    for (const type of ['series', 'set', 'histogram']) {
      const { transformed } = await filled(type, 'int64', [large, large + 1n, large + 2n, large + 5n])
      expect(await transformed(['p50', 'range', 'variance', 'stddev'])).toEqual({
        p50: large + 1n,
        range: 5n,
        variance: 3.5,
        stddev: Math.sqrt(3.5),
      })
    }
  })

  it('of ordered values, in the order of their kind', async () => {
    const decimals = ['10', '9.5', '-2', '-10.25', '100']
    const names = ['p20', 'p50', 'p80', 'p100', 'distinct']
    const expected = { p20: '-10.25', p50: '9.5', p80: '10', p100: '100', distinct: 5 }
    for (const type of ['series', 'set', 'histogram'])
      expect(await (await filled(type, 'decimal', decimals)).transformed(names)).toEqual(expected)
    const dates = await filled('series', 'datetime', [new Date(9), new Date(2), new Date(2)])
    expect(await dates.transformed(['p50', 'p100', 'distinct'])).toEqual({
      p50: new Date(2),
      p100: new Date(9),
      distinct: 2,
    })
    const texts = await filled('histogram', 'string', ['b', 'a', 'é', 'Z'])
    expect(await texts.transformed(['p25', 'p50', 'p100'])).toEqual({ p25: 'Z', p50: 'a', p100: 'é' })
    const blobs = await filled('series', 'blob', [new Uint8Array([1, 2]), new Uint8Array([1, 2]), new Uint8Array([12])])
    expect(await blobs.transformed(['distinct', 'first'])).toEqual({ distinct: 2, first: new Uint8Array([1, 2]) })
  })
})

describe('of values that functions made', () => {
  it('that are not finite, or not numbers', () => {
    const [up, down, none] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN]
    for (const [data, expected] of [
      [[1, up], { p50: 1, p100: up, range: up, variance: none, stddev: none }],
      [[up, up], { p50: up, p100: up, range: none, variance: none, stddev: none }],
      [[down, 0, up], { p50: 0, p100: up, range: up, variance: none, stddev: none }],
      [[1, none, 2], { p50: none, p100: none, range: none, variance: none, stddev: none }],
      [[0, -0, 0], { p50: expect.closeTo(0), p100: expect.closeTo(0), range: 0, variance: 0, stddev: 0 }],
    ] as const) {
      const found = Object.fromEntries(Object.keys(expected).map((name) => [name, made(name, data)]))
      expect(found).toEqual(expected)
      const counts = new Map(data.map((value) => [value, 1]))
      expect(made('p50', counts)).toEqual(expected.p50)
    }
    expect(made('distinct', [none, none, 0, -0, 1n, 1, '1'])).toBe(5)
    const invalid = new Date(none)
    expect(made('p50', [new Date(1), invalid])).toBe(invalid)
  })

  it('without overflow, and without loss of what is small', () => {
    expect(made('stddev', [1e200, -1e200])).toBe(1e200)
    expect(made('variance', [1e200, -1e200])).toBe(Number.POSITIVE_INFINITY)
    expect(made('stddev', [1.7e308, -1.7e308])).toBe(1.7e308)
    expect(made('stddev', [1e-200, -1e-200])).toBe(1e-200)
    expect(made('stddev', [5e-324, 5e-324, 5e-324])).toBe(0)
    expect(made('stddev', [0, 1e-323])).toBe(5e-324)
    expect(made('variance', [1e16, 1e16 + 2])).toBe(1)
    expect(made('variance', [0.1, 0.1, 0.1])).toBe(0)
    expect(made('variance', [1n, 2])).toBe(0.25)
    expect(made('range', [1n, 2.5])).toBe(1.5)
  })

  it('leave out values whose times are 0 or less', () => {
    const counts = new Map([
      [1, 0],
      [2, 3],
      [3, 1],
      [9, -2],
    ])
    const names = ['min', 'max', 'p0', 'p75', 'p100', 'range', 'variance', 'distinct', 'count', 'sum']
    expect(Object.fromEntries(names.map((name) => [name, made(name, counts)]))).toEqual({
      ...{ min: 2, max: 3, p0: 2, p75: 2, p100: 3, range: 1, variance: 0.1875, distinct: 2 },
      // Sums go through all.
      ...{ count: 2, sum: -9 },
    })
    expect(made('p50', new Map([[1, -1]]))).toBe(null)
  })

  it('with times that are fractions, or beyond 2^53, by their exact sums', () => {
    const tenths = new Map([
      [3, 0.3],
      [2, 0.2],
      [1, 0.1],
    ])
    // As doubles, 0.1 and 0.2 together are a little more than half of all three.
    expect([made('p50', tenths), made('p0', tenths), made('p50.1', tenths)]).toEqual([2, 1, 3])
    const large = new Map([
      [1, 2 ** 53],
      [2, 2 ** 53 + 2],
    ])
    expect([made('p49.9', large), made('p50', large)]).toEqual([1, 2])
    expect(made('p49.999999999999', large)).toBe(1)
  })
})

it('the order of a set or a histogram does not show', () => {
  const value = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(1e16, -1e16, 0.1, 0.4))
  const shuffled = fc
    .uniqueArray(value, { minLength: 1, maxLength: 8 })
    .chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length })),
    )
  fc.assert(
    fc.property(shuffled, fc.nat(100), ([all, other], percent) => {
      for (const name of ['stddev', 'variance', 'range', `p${percent}`]) {
        expect(made(name, new Set(other))).toBe(made(name, new Set(all)))
        const times = (each: number): number => Math.abs(Math.round(each % 7)) + 1
        const counts = [all, other].map((list) => new Map(list.map((each) => [each, times(each)])))
        expect(made(name, counts[1])).toBe(made(name, counts[0]))
      }
      expect(made('p0', all)).toBe(made('min', all))
      expect(made('p100', all)).toBe(made('max', all))
    }),
    { numRuns: 300 },
  )
})
