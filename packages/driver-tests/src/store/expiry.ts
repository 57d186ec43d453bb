import type { TimeseriesType } from '@kairos/core/driver'
import { type DriverTest, ofTypes } from '../driver-test.ts'
import type { AnyConfig } from '../internal/any-timeseries.ts'
import { kinds } from '../internal/kinds.ts'
import { sweepAll } from '../internal/pages.ts'
import { claim, same } from '../internal/same.ts'
import { ALL_TYPES } from '../internal/types.ts'
import { placeOf, type TestContext } from '../test-context.ts'
import { ALWAYS, cell, expectCells, expectNames, write } from './cells.ts'

const INTERVALS = {
  'sweep minute': { step: 60, steps: 1000 },
  'sweep hour': { step: 3600, resolution: 60, steps: 1000 },
}
const RANGE = { first: 0, last: 100_000 }

export const expiryTests: readonly DriverTest[] = ofTypes(ALL_TYPES, testsOf)

function testsOf(type: TimeseriesType): DriverTest[] {
  const { change } = kinds[type]
  return [
    {
      title: `expiry: ${type}: a write after buckets have expired leaves the live ones alone`,
      async run(context) {
        const opened = await context.cells({ type, intervals: { 'live minute': { step: 60 } } })
        const name = context.name()
        const cells = [1, 2, 3, 4, 5].map((bucket) => cell(name, 'live minute', bucket, 0, change(bucket)))
        await write(opened, cells)
        const later = cell(name, 'live minute', 9, 0, change(9))
        await write(opened, [later], { 'live minute': 3 })
        const query = { names: [name], interval: 'live minute', range: { first: 3, last: 9 } }
        await expectCells(opened, query, [...cells.slice(2), later], 'after a write whose oldest live bucket was 3')
        const bounds = await opened.store.bounds(query)
        same(bounds, { first: 3, last: 9 }, 'bounds of the live buckets')
      },
    },
    {
      title: `expiry: ${type}: sweep deletes the cells before the oldest live buckets, and returns their number`,
      async run(context) {
        const config = { type, intervals: INTERVALS, now: () => 100 * 3600 }
        if (!(await sweeps(context, config))) return
        const opened = await context.cells(config)
        const { store } = opened
        claim(store.sweep !== undefined, `capabilities.expiry.${type} is 'sweep', and the store has no sweep`)
        await store.delete(null)
        const [old, both, young] = ['old', 'both', 'young']
        const minutes = (name: string, ...buckets: number[]) =>
          buckets.map((bucket) => cell(name, 'sweep minute', bucket, 0, change(bucket)))
        const hours = (name: string, ...seconds: number[]) =>
          seconds.map((minute) => cell(name, 'sweep hour', Math.floor(minute / 60), minute, change(minute)))
        await write(opened, [
          ...minutes(old, 5990, 5991),
          ...minutes(both, 5992, 5993, 5994),
          ...minutes(young, 5995, 6000),
          ...hours(old, 5640, 5641, 5650),
          ...hours(both, 5642, 5700, 5760),
        ])
        const oldest = { 'sweep minute': 5993, 'sweep hour': 95 }
        same(
          await sweepAll(store, { 'sweep minute': 5993 }, [young, both]),
          1,
          'cells swept of two names in one interval',
        )
        same(await sweepAll(store, oldest, [young]), 0, 'cells swept of a name without expired ones')
        same(await sweepAll(store, oldest, null), 6, 'cells swept of all names')
        same(await sweepAll(store, oldest, null), 0, 'cells swept the second time')
        const all = { 'sweep minute': ALWAYS, 'sweep hour': ALWAYS }
        await expectNames(store, all, [both, young], 'after the sweep')
        const names = [old, both, young]
        const left = [...minutes(both, 5993, 5994), ...minutes(young, 5995, 6000)]
        await expectCells(opened, { names, interval: 'sweep minute', range: RANGE }, left, 'after the sweep')
        await expectCells(
          opened,
          { names, interval: 'sweep hour', range: RANGE },
          hours(both, 5700, 5760),
          'after the sweep',
        )
        same(
          await store.bounds({ names, interval: 'sweep minute', range: RANGE }),
          { first: 5993, last: 6000 },
          'bounds after the sweep',
        )
        const again = minutes(both, 5992)
        await write(opened, again)
        await expectCells(
          opened,
          { names: [both], interval: 'sweep minute', range: RANGE },
          [...again, ...minutes(both, 5993, 5994)],
          'a bucket written again after it was swept',
        )
      },
    },
    {
      title: `expiry: ${type}: sweep of more than a thousand cells`,
      async run(context) {
        const config = { type, intervals: INTERVALS, now: () => 100 * 3600 }
        if (!(await sweeps(context, config))) return
        const opened = await context.cells(config)
        await opened.store.delete(null)
        const names = Array.from({ length: 5 }, (_, index) => `swept ${index}`)
        const cells = names.flatMap((name) =>
          Array.from({ length: 250 }, (_, index) => cell(name, 'sweep minute', 5950 + index, 0, change(index))),
        )
        await write(opened, cells)
        const swept = await sweepAll(opened.store, { 'sweep minute': 6190, 'sweep hour': 90 }, null)
        same(swept, 5 * 240, 'cells swept')
        const left = cells.filter(({ bucket }) => bucket >= 6190)
        await expectCells(opened, { names, interval: 'sweep minute', range: RANGE }, left, 'after the sweep')
        await opened.store.delete(null)
      },
    },
  ]
}

/** Whether the driver sweeps; if not, `expire` must have nothing to do. */
async function sweeps(context: TestContext, config: AnyConfig): Promise<boolean> {
  const { capabilities } = await context.driver(placeOf(config))
  if (capabilities.expiry[config.type] === 'sweep') return true
  const { timeseries } = await context.timeseries({ type: config.type, intervals: config.intervals })
  same(await timeseries.expire(), 0, 'expire() where the driver does not sweep')
  return false
}
