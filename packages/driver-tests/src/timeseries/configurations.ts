import type { OriginalType, StorageDriver } from '@kairos/core/driver'
import { type DriverTest, ofTypes } from '../driver-test.ts'
import { failureOf } from '../internal/agree.ts'
import { type AnyConfig, type AnyTimeseries, createAnyTimeseries } from '../internal/any-timeseries.ts'
import { openAnew } from '../internal/recorded.ts'
import { same } from '../internal/same.ts'
import { TYPES } from '../internal/types.ts'
import { CHANGING } from '../store/records.ts'
import { NOW, placeOf } from '../test-context.ts'

export const configurationTests: readonly DriverTest[] = [
  ...ofTypes(TYPES, testsOf),
  {
    types: ['series'],
    title: 'configurations: another valueType is refused while there are data, and accepted when there are none',
    async run(context) {
      const [first, second] = [await context.driver(CHANGING), await context.driver(CHANGING, 1)]
      const intervals = { minute: { step: 60 } }
      await openAnew(first, { type: 'series', valueType: 'float', intervals })
      const floats = at(first, { type: 'series', intervals })
      await floats.insert('a', 1.5)
      const strings = at(second, { type: 'series', valueType: 'string', intervals })
      const error = await failureOf(strings.open(), 'KAIROS_CONFIG_CHANGED', 'strings where floats are held')
      same([typeof error.recorded, typeof error.configured], ['object', 'object'], 'what the error carries')
      await floats.deleteAll()
      await strings.insert('a', 'one')
      same([...(await strings.get('a', 'minute')).values()], [['one']], 'written under the new valueType')
      await strings.deleteAll()
    },
  },
]

function testsOf(type: OriginalType): DriverTest[] {
  const place = placeOf({ type })
  return [
    {
      title: `configurations: ${type}: another step is refused while there are data, and accepted when there are none`,
      async run(context) {
        const [first, second] = [await context.driver(place), await context.driver(place, 1)]
        const minutes = { type, intervals: { 'changed one': { step: 60 }, 'changed two': { step: 3600 } } }
        const fives = { type, intervals: { 'changed one': { step: 300 }, 'changed two': { step: 3600 } } }
        await openAnew(first, minutes)
        const before = at(first, minutes)
        await before.insert('a', 1)
        await failureOf(at(second, fives).open(), 'KAIROS_CONFIG_CHANGED', 'another step where data are held')
        same((await before.series('a', 'changed one')).size, 1, 'buckets after the refusal')
        await before.deleteAll()
        const after = at(second, fives)
        await after.insert('a', 2)
        same(
          await after.properties('a'),
          extentsOf({ 'changed one': NOW - (NOW % 300), 'changed two': NOW - (NOW % 3600) }),
          'written with the new step',
        )
        await failureOf(at(first, minutes).open(), 'KAIROS_CONFIG_CHANGED', 'the old step again')
        await after.deleteAll()
      },
    },
    {
      title: `configurations: ${type}: another step is accepted when its data have expired`,
      async run(context) {
        const driver = await context.driver(place)
        const clock = { now: NOW }
        const config = (step: number) => ({
          type,
          now: () => clock.now,
          intervals: { 'aged one': { step, steps: 2 }, 'aged two': { step: 60 } },
        })
        await openAnew(driver, config(60))
        const before = at(driver, config(60))
        await before.insert('a', 1)
        clock.now += 3600
        const after = at(await context.driver(place, 1), config(300))
        same(await after.list(), ['a'], 'names, from the interval that was not changed')
        same(
          await after.properties('a'),
          extentsOf({ 'aged two': NOW - (NOW % 60) }),
          'the extents, opened with the new step',
        )
        await after.insert('b', 1)
        same(
          Object.keys(await after.properties('b')).sort(),
          ['aged one', 'aged two'],
          'intervals of what is written then',
        )
        await after.deleteAll()
      },
    },
    {
      title: `configurations: ${type}: changed steps, new intervals and dropped ones share the data`,
      async run(context) {
        const driver = await context.driver(place)
        const all = { type, intervals: { 'shared one': { step: 60 }, 'shared two': { step: 3600, resolution: 60 } } }
        await openAnew(driver, all)
        const wide = at(driver, all)
        const narrow = at(await context.driver(place, 1), { type, intervals: { 'shared one': { step: 60, steps: 5 } } })
        await narrow.insert('a', 1)
        await wide.insert('a', 2)
        const minute = { first: NOW - (NOW % 60), last: NOW - (NOW % 60) }
        same(await narrow.properties('a'), { 'shared one': minute }, 'the extents, seen with one interval')
        same(
          Object.keys(await wide.properties('a')).sort(),
          ['shared one', 'shared two'],
          'the extents, seen with both',
        )
        same(await wide.get('a', 'shared one'), await narrow.get('a', 'shared one'), 'the bucket that both wrote')
        await narrow.deleteAll()
        same(
          Object.keys(await wide.properties('a')),
          ['shared two'],
          'what the deletion of one interval leaves of the other',
        )
        await wide.deleteAll()
      },
    },
  ]
}

function at(driver: StorageDriver, config: AnyConfig): AnyTimeseries {
  return createAnyTimeseries(driver, { now: () => NOW, ...config })
}

/** The properties of a name with one bucket in each interval. */
function extentsOf(starts: Readonly<Record<string, number>>): unknown {
  return Object.fromEntries(
    Object.entries(starts).map(([interval, start]) => [interval, { first: start, last: start }]),
  )
}
