import { expectTypeOf, it } from 'vitest'
import { createTimeseries, type Matcher, type Timeseries, type TimeseriesOf } from '../../src/index.ts'

const config = {
  type: 'count',
  labels: ['route', 'status'],
  intervals: { minute: { step: 60 } },
} as const
const counts = createTimeseries('memory:', {
  type: 'count',
  labels: ['route', 'status'],
  intervals: { minute: { step: 60 } },
})
const anything = createTimeseries('memory:', { type: 'gauge', intervals: { minute: { step: 60 } } })

it('names may be objects with any labels', () => {
  expectTypeOf(anything.insert({ name: 'n', host: 'a', port: 80 }, 5)).resolves.toHaveProperty('stored')
  expectTypeOf(anything.get([{ name: 'n', host: 'a' }, 'n'], 'minute')).resolves.toEqualTypeOf<
    Map<number, number | null>
  >()
  // @ts-expect-error a label needs a value
  anything.insert({ name: 'n', host: undefined }, 5)
  // @ts-expect-error a name is missing
  anything.delete({ host: 'a' })
})

it('names may be objects with the labels of the configuration', () => {
  counts.insert({ name: 'n', route: '/x' })
  counts.buffer().add({ name: 'n', route: '/x', status: 200n })
  counts.bulkInsert([{ name: { name: 'n', status: true }, value: 1 }])
  counts.top('minute', { names: [{ name: 'n' }] })
  // @ts-expect-error misspelt
  counts.insert({ name: 'n', rout: '/x' })
  // @ts-expect-error misspelt
  counts.series([{ name: 'n', rout: '/x' }], 'minute')
  const same: TimeseriesOf<typeof config> = counts
  const any: Timeseries = counts
  return [same, any]
})

it('matchers find names by these labels, and groupBy makes a Map of their values', () => {
  const failed: Matcher<'route' | 'status'> = { name: 'n', labels: { status: /^5/, route: ['/a', '/b'] } }
  const grouped = counts.series(failed, 'minute', { groupBy: ['route', 'status'], condense: true })
  expectTypeOf(grouped).resolves.toEqualTypeOf<Map<string, Map<number, number>>>()
  expectTypeOf(anything.get([failed, 'n'], 'minute', { groupBy: ['a'], fill: 0 })).resolves.toEqualTypeOf<
    Map<string, Map<number, number>>
  >()
  expectTypeOf(counts.get(failed, 'minute')).resolves.toEqualTypeOf<Map<number, number>>()
  counts.iterate({ name: 'n', labels: { route: (text) => text === undefined } }, 'minute', { maxNames: 20 })
  counts.top('minute', { names: failed })
  // @ts-expect-error misspelt
  counts.series({ name: 'n', labels: { rout: '/x' } }, 'minute')
  // @ts-expect-error misspelt
  counts.series(failed, 'minute', { groupBy: ['rout'] })
  // @ts-expect-error not both
  counts.series(failed, 'minute', { groupBy: ['route'], split: true })
  // @ts-expect-error a write needs a name
  counts.insert({ name: 'n', labels: { status: 500 } })
})
