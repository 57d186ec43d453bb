import { describe, expectTypeOf, it } from 'vitest'
import { createTimeseries } from '../../src/index.ts'

const intervals = { minute: { step: 60 }, day: { step: 'daily', resolution: '1h' } } as const
const gauge = createTimeseries('memory:', { type: 'gauge', intervals })
const counts = createTimeseries('memory:', { type: 'count', intervals })
const sets = createTimeseries('memory:', { type: 'set', valueType: 'string', intervals })
declare const yes: boolean

describe('fill', () => {
  it('says what holes show', () => {
    expectTypeOf(gauge.series('a', 'minute')).resolves.toEqualTypeOf<Map<number, number | null>>()
    expectTypeOf(gauge.series('a', 'minute', { fill: 'none' })).resolves.toEqualTypeOf<Map<number, number>>()
    expectTypeOf(gauge.series('a', 'minute', { fill: 0 })).resolves.toEqualTypeOf<Map<number, number>>()
    expectTypeOf(gauge.series('a', 'minute', { fill: 'linear', maxGap: 5 })).resolves.toEqualTypeOf<
      Map<number, number | null>
    >()
    expectTypeOf(counts.series('a', 'minute', { fill: null })).resolves.toEqualTypeOf<Map<number, number | null>>()
    expectTypeOf(sets.get('a', 'minute', { fill: 0 })).resolves.toEqualTypeOf<Map<number, number | Set<string>>>()
    expectTypeOf(sets.get('a', 'minute', { fill: 'previous' })).resolves.toEqualTypeOf<
      Map<number, Set<string> | null>
    >()
    expectTypeOf(counts.iterate('a', 'minute', { fill: null })).toEqualTypeOf<
      AsyncIterableIterator<[number, number | null]>
    >()
  })

  it('after transforms and other stages', () => {
    expectTypeOf(sets.series('a', 'minute', { transform: 'max', fill: 'none' })).resolves.toEqualTypeOf<
      Map<number, string>
    >()
    expectTypeOf(sets.series('a', 'day', { condense: true, transform: 'count', fill: null })).resolves.toEqualTypeOf<
      Map<number, number | null>
    >()
    expectTypeOf(sets.series('a', 'minute', { transform: ['max'], fill: 'previous' })).resolves.toEqualTypeOf<
      Map<number, { max: string | null } | null>
    >()
    expectTypeOf(counts.series(['a', 'b'], 'minute', { split: true, fill: null })).resolves.toEqualTypeOf<
      Map<string, Map<number, number | null>>
    >()
    expectTypeOf(counts.series('a', 'minute', { every: '1h', fill: 'none' })).resolves.toEqualTypeOf<
      Map<number, number>
    >()
  })

  it('in the points of a query', async () => {
    const { points } = await counts.query('a', { start: 0, fill: null })
    expectTypeOf(points).toEqualTypeOf<Map<number, number | null>>()
    const split = await gauge.query(['a', 'b'], { start: 0, fill: 'none', split: true })
    expectTypeOf(split.points).toEqualTypeOf<Map<string, Map<number, number>>>()
  })

  it('that only the program knows gives both', () => {
    expectTypeOf(gauge.series('a', 'minute', { fill: yes ? 'none' : undefined })).resolves.toEqualTypeOf<
      Map<number, number | null>
    >()
    expectTypeOf(counts.series('a', 'minute', { fill: yes ? 'none' : null })).resolves.toEqualTypeOf<
      Map<number, number | null>
    >()
    expectTypeOf(counts.series('a', 'minute', { fill: undefined })).resolves.toEqualTypeOf<Map<number, number>>()
  })

  it('takes no other words', () => {
    // @ts-expect-error a typo
    gauge.series('a', 'minute', { fill: 'prevoius' })
    // @ts-expect-error not a number
    gauge.series('a', 'minute', { fill: 5n })
    // @ts-expect-error not a number
    gauge.series('a', 'minute', { fill: 'previous', maxGap: '1h' })
  })
})
