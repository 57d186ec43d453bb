import { describe, expectTypeOf, it } from 'vitest'
import { createTimeseries, share, top } from '../../src/index.ts'

const intervals = { minute: { step: 60 } } as const
const hits = createTimeseries('memory:', { type: 'histogram', valueType: 'int', intervals })
const sizes = createTimeseries('memory:', { type: 'series', valueType: 'int64', intervals })
const prices = createTimeseries('memory:', { type: 'set', valueType: 'decimal', intervals })
const flags = createTimeseries('memory:', { type: 'series', valueType: 'boolean', intervals })
const addresses = createTimeseries('memory:', { type: 'set', valueType: 'inet', intervals })
const counts = createTimeseries('memory:', { type: 'count', intervals })

describe('percentiles', () => {
  it('are values, or null', () => {
    expectTypeOf(hits.get('a', 'minute', { transform: 'p95' })).resolves.toEqualTypeOf<Map<number, number | null>>()
    expectTypeOf(sizes.get('a', 'minute', { transform: ['p50', 'p99.9'] })).resolves.toEqualTypeOf<
      Map<number, { p50: bigint | null; 'p99.9': bigint | null }>
    >()
    expectTypeOf(prices.get('a', 'minute', { transform: { median: 'p50' } })).resolves.toEqualTypeOf<
      Map<number, { readonly median: string | null }>
    >()
  })

  it('have a form', () => {
    // @ts-expect-error not a number
    hits.get('a', 'minute', { transform: 'pfifty' })
    // @ts-expect-error nor is this
    hits.get('a', 'minute', { transform: ['p'] })
    // @ts-expect-error addresses have no order
    addresses.get('a', 'minute', { transform: 'p50' })
    // @ts-expect-error a count is one number
    counts.get('a', 'minute', { transform: 'p50' })
  })
})

describe('the other transforms', () => {
  it('give their own types', () => {
    expectTypeOf(
      hits.get('a', 'minute', { transform: ['stddev', 'variance', 'range', 'distinct'] }),
    ).resolves.toEqualTypeOf<
      Map<number, { stddev: number | null; variance: number | null; range: number | null; distinct: number }>
    >()
    expectTypeOf(sizes.get('a', 'minute', { transform: ['range', 'stddev', 'first'] })).resolves.toEqualTypeOf<
      Map<number, { range: bigint | null; stddev: number | null; first: bigint | null }>
    >()
    expectTypeOf(flags.get('a', 'minute', { transform: 'last' })).resolves.toEqualTypeOf<Map<number, boolean | null>>()
    expectTypeOf(addresses.get('a', 'minute', { transform: 'distinct' })).resolves.toEqualTypeOf<Map<number, number>>()
  })

  it('are those of the type and its values', () => {
    // @ts-expect-error only a series keeps the order of arrival
    hits.get('a', 'minute', { transform: 'first' })
    // @ts-expect-error booleans have no order
    flags.get('a', 'minute', { transform: 'max' })
    // @ts-expect-error decimals are not added
    prices.get('a', 'minute', { transform: 'range' })
  })
})

describe('top and share', () => {
  it('give their own types', () => {
    expectTypeOf(hits.get('a', 'minute', { transform: top(3) })).resolves.toEqualTypeOf<
      Map<number, [value: number, times: number][]>
    >()
    expectTypeOf(hits.get('a', 'minute', { transform: { best: top(3), n: 'count' } })).resolves.toEqualTypeOf<
      Map<number, { readonly best: [value: number, times: number][]; readonly n: number }>
    >()
    expectTypeOf(hits.get('a', 'minute', { transform: share((value: number) => value > 5) })).resolves.toEqualTypeOf<
      Map<number, number | null>
    >()
    const days = createTimeseries('memory:', {
      type: 'histogram',
      intervals: { day: { step: 'daily', resolution: '1h' } },
    })
    expectTypeOf(
      days.series('a', 'day', { transform: { late: share((value) => value > 5), most: top(1) } }),
    ).resolves.toEqualTypeOf<
      Map<number, Map<number, { readonly late: number | null; readonly most: [value: number, times: number][] }>>
    >()
    const late = { late: share((value: number) => value > 5), n: 'count' } as const
    expectTypeOf(hits.get('a', 'minute', { transform: late })).resolves.toEqualTypeOf<
      Map<number, { readonly late: number | null; readonly n: number }>
    >()
    expectTypeOf(hits.get('a', 'minute', { transform: share((value) => value > 5) })).resolves.toEqualTypeOf<
      Map<number, number | null>
    >()
  })

  it('are of histograms', () => {
    // @ts-expect-error a series has no times
    sizes.get('a', 'minute', { transform: top(3) })
    // @ts-expect-error nor has a set
    prices.get('a', 'minute', { transform: share((value: string) => value === '1') })
    // @ts-expect-error its values are numbers
    hits.get('a', 'minute', { transform: share((value: string) => value === '1') })
    // @ts-expect-error how many
    top()
    // @ts-expect-error a list takes names
    hits.get('a', 'minute', { transform: [top(3)] })
  })
})
