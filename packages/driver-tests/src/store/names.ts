import type { TimeseriesType } from '@kairos/core/driver'
import { type DriverTest, ofTypes } from '../driver-test.ts'
import { kinds } from '../internal/kinds.ts'
import { ALL_TYPES } from '../internal/types.ts'
import { ALWAYS, cell, expectNames, write } from './cells.ts'

export const nameTests: readonly DriverTest[] = ofTypes(ALL_TYPES, testsOf)

function testsOf(type: TimeseriesType): DriverTest[] {
  const { change } = kinds[type]
  return [
    {
      title: `names: ${type}: those with a live cell in a requested interval, and no others`,
      async run(context) {
        const opened = await context.cells({
          type,
          intervals: { 'names minute': { step: 60 }, 'names hour': { step: 3600, resolution: 60 } },
        })
        const { store } = opened
        await store.delete(null)
        await expectNames(store, { 'names minute': ALWAYS, 'names hour': ALWAYS }, [], 'before anything is written')
        const [old, young, fine, both] = [
          context.name('old'),
          context.name('young'),
          context.name('fine'),
          context.name('both'),
        ]
        await write(opened, [
          cell(old, 'names minute', 10, 0, change(1)),
          cell(young, 'names minute', 12, 0, change(2)),
          cell(young, 'names minute', -4, 0, change(2)),
          cell(fine, 'names hour', 3, 185, change(3)),
          cell(both, 'names minute', 11, 0, change(4)),
          cell(both, 'names hour', 2, 125, change(4)),
        ])
        const expected: [Record<string, number>, string[]][] = [
          [{ 'names minute': ALWAYS, 'names hour': ALWAYS }, [old, young, fine, both]],
          [{ 'names minute': 10 }, [old, young, both]],
          [{ 'names minute': 11 }, [young, both]],
          [{ 'names minute': 12 }, [young]],
          [{ 'names minute': 13 }, []],
          [{ 'names hour': 2 }, [fine, both]],
          [{ 'names hour': 3 }, [fine]],
          [{ 'names minute': 12, 'names hour': 3 }, [young, fine]],
          [{ 'names minute': 13, 'names hour': 2 }, [fine, both]],
          [{ 'names minute': 13, 'names hour': 4 }, []],
        ]
        for (const [oldestLive, names] of expected)
          await expectNames(store, oldestLive, names, 'by the oldest live buckets')
      },
    },
    {
      title: `names: ${type}: in an interval that is recorded, but not in the schema`,
      async run(context) {
        const wide = await context.cells({
          type,
          intervals: { 'names other': { step: 60 }, 'names recorded': { step: 3600 } },
        })
        const narrow = await context.cells({ type, intervals: { 'names other': { step: 60 } } })
        await wide.store.delete(null)
        const name = context.name()
        await write(wide, [cell(name, 'names recorded', 7, 0, change(1))])
        await expectNames(
          narrow.store,
          { 'names recorded': 7 },
          [name],
          'asked by a store that was opened without the interval',
        )
        await expectNames(
          narrow.store,
          { 'names recorded': 8 },
          [],
          'asked by a store that was opened without the interval',
        )
        await expectNames(narrow.store, { 'names other': ALWAYS }, [], 'asked for an interval without data')
      },
    },
  ]
}
