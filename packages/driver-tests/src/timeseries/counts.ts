import type { TimeseriesType } from '@kairos/core/driver'
import { type DriverTest, ofTypes } from '../driver-test.ts'
import type { AnyConfig } from '../internal/any-timeseries.ts'
import { isEmpty } from '../internal/kinds.ts'
import { same } from '../internal/same.ts'
import { ALL_TYPES } from '../internal/types.ts'
import { NOW } from '../test-context.ts'

const INTERVALS = { 'counts kept': { step: 60, steps: 3 }, 'counts all': { step: 3600, resolution: 60 } }

export const countTests: readonly DriverTest[] = ofTypes(ALL_TYPES, (type) => ({
  title: `writes: ${type}: return how many values were stored, and how many fell into expired buckets`,
  async run(context) {
    const { timeseries } = await context.emptied(configOf(type))
    const name = context.name()
    const write = async (what: string, call: Promise<unknown>, stored: number, expired: number) =>
      same(await call, { stored, expired }, what)
    await write('a value of now', timeseries.insert(name, 1), 2, 0)
    await write('a value in the oldest live bucket', timeseries.insert(name, 2, { timestamp: NOW - 120 }), 2, 0)
    await write('a value in an expired bucket', timeseries.insert(name, 2, { timestamp: NOW - 180 }), 1, 1)
    await write('a list of equal values', timeseries.insert(name, [7, 7, 7]), 6, 0)
    await write('an empty list', timeseries.insert(name, []), 0, 0)
    await write('copies backwards', timeseries.insert(name, 3, { intervals: -4 }), 3 + 5, 2)
    await write('copies forwards', timeseries.insert(name, 3, { intervals: 2 }), 6, 0)
    const points = new Map([
      [NOW, { [name]: [1, 2], other: [3] }],
      [NOW - 600, { [name]: [4] }],
    ])
    await write('a map', timeseries.bulkInsert(points), 6 + 1, 1)
    await write('an empty map', timeseries.bulkInsert(new Map()), 0, 0)
    const oldest = await timeseries.series(name, 'counts kept', {
      start: NOW - 180,
      end: NOW - 120,
      transform: isEmpty,
    })
    same([...oldest.values()], [true, false], 'whether an expired bucket is empty, and the oldest live one')
    same(await timeseries.list(), ['other', name].sort(), 'names after the writes')
  },
}))

/** How many points a stream has; in the long size more than one batch can hold. */
const POINTS = { short: 10_000, long: 60_000 } as const

export function streamTests(size: 'short' | 'long'): DriverTest[] {
  const most = POINTS[size]
  return ofTypes(['count', 'series'], (type) => ({
    title: `writes: ${type}: a stream of many points into a few cells`,
    async run(context) {
      const { timeseries } = await context.emptied(configOf(type))
      async function* points() {
        for (let index = 0; index < most; index++)
          yield { name: `stream ${index % 7}`, value: index, timestamp: NOW + (index % 5) * 60 }
      }
      same(await timeseries.bulkInsert(points()), { stored: 2 * most, expired: 0 }, 'a stream')
      for (let name = 0; name < 7; name++) {
        const found = await timeseries.series(`stream ${name}`, 'counts kept', { start: NOW, end: NOW + 240 })
        const values = Array.from({ length: most }, (_, index) => index).filter((index) => index % 7 === name)
        const buckets = [0, 1, 2, 3, 4].map((step) => values.filter((index) => index % 5 === step))
        const expected = buckets.map((inside) =>
          type === 'series' ? inside : inside.reduce((sum, value) => sum + value, 0),
        )
        same([...found.values()], expected, `the buckets of stream ${name}`)
      }
      await timeseries.deleteAll()
    },
  }))
}

function configOf(type: TimeseriesType): AnyConfig {
  return { type, intervals: INTERVALS }
}
