import { describe, expectTypeOf, it } from 'vitest'
import { createTimeseries, type Distribution, type Summary, type UniqueSketch } from '../../src/index.ts'

const intervals = { minute: { step: 60 } } as const
const sensors = createTimeseries('memory:', { type: 'summary', intervals })
const times = createTimeseries('memory:', { type: 'distribution', accuracy: 0.02, intervals })
const visitors = createTimeseries('memory:', { type: 'unique', precision: 14, intervals })

describe('a summary', () => {
  it('takes numbers, and reads as six numbers or null', () => {
    sensors.insert('a', [1, 2])
    // @ts-expect-error not a number
    sensors.insert('a', 'one')
    expectTypeOf(sensors.get('a', 'minute')).resolves.toEqualTypeOf<Map<number, Summary | null>>()
  })

  it('has transforms of its own', () => {
    expectTypeOf(
      sensors.get('a', 'minute', { transform: ['count', 'mean', 'last', 'range', 'rate'] }),
    ).resolves.toEqualTypeOf<
      Map<number, { count: number; mean: number | null; last: number | null; range: number | null; rate: number }>
    >()
    // @ts-expect-error of a distribution
    sensors.get('a', 'minute', { transform: 'p99' })
  })
})

describe('a distribution', () => {
  it('reads as one, also without data', () => {
    expectTypeOf(times.get('a', 'minute')).resolves.toEqualTypeOf<Map<number, Distribution>>()
  })

  it('has percentiles, and gives functions the distribution', () => {
    expectTypeOf(times.get('a', 'minute', { transform: ['p99.9', 'count', 'mean'] })).resolves.toEqualTypeOf<
      Map<number, { 'p99.9': number | null; count: number; mean: number | null }>
    >()
    times.get('a', 'minute', { transform: (data) => expectTypeOf(data).toEqualTypeOf<Distribution>() })
  })
})

describe('a unique', () => {
  it('takes values of its valueType, and reads as a number', () => {
    visitors.insert('home', new Set(['ada']))
    // @ts-expect-error not a text
    visitors.insert('home', 1)
    expectTypeOf(visitors.get('home', 'minute')).resolves.toEqualTypeOf<Map<number, number>>()
  })

  it('gives functions a sketch, and has no transforms by name', () => {
    visitors.get('home', 'minute', { transform: (data) => expectTypeOf(data).toEqualTypeOf<UniqueSketch>() })
    // @ts-expect-error it is a number already
    visitors.get('home', 'minute', { transform: 'count' })
  })
})
