import type { OriginalType } from '@kairos/core/driver'
import { type DriverTest, ofTypes } from '../driver-test.ts'
import { HOSTILE, HOSTILE_FEW } from '../internal/hostile.ts'
import { kinds } from '../internal/kinds.ts'
import { same } from '../internal/same.ts'
import { isNameFor } from '../internal/scalars.ts'
import { TYPES } from '../internal/types.ts'
import { placeOf } from '../test-context.ts'
import { ALWAYS, cell, expectCells, expectNames, write } from './cells.ts'

export const hostileTests: readonly DriverTest[] = ofTypes(TYPES, testsOf)

function testsOf(type: OriginalType): DriverTest[] {
  const { change } = kinds[type]
  return [
    {
      title: `names: ${type}: any string is a name, distinct from all others`,
      async run(context) {
        const config = {
          type,
          intervals: { 'hostile minute': { step: 60 }, 'hostile hour': { step: 3600, resolution: 60 } },
        }
        const opened = await context.cells(config)
        const { store } = opened
        const { capabilities } = await context.driver(placeOf(config))
        await store.delete(null)
        const names = HOSTILE.filter((name) => isNameFor(capabilities, name))
        const cellsOf = (name: string) => [
          cell(name, 'hostile minute', names.indexOf(name), 0, change(names.indexOf(name))),
          cell(name, 'hostile hour', 1, 60, change(names.indexOf(name))),
        ]
        await write(opened, names.flatMap(cellsOf))
        const minutes = { interval: 'hostile minute', range: { first: 0, last: names.length } }
        const hours = { interval: 'hostile hour', range: { first: 0, last: 9 } }
        const every = { 'hostile minute': ALWAYS, 'hostile hour': ALWAYS }
        await expectNames(store, every, names, 'names that look alike, or like something else')
        await expectCells(
          opened,
          { names, ...minutes },
          names.map((name) => cellsOf(name)[0]!),
          'all names at once',
        )
        await Promise.all(
          names.map(async (name, index) => {
            await expectCells(opened, { names: [name], ...hours }, [cellsOf(name)[1]!], 'each name alone')
            const bounds = await store.bounds({ names: [name], ...minutes })
            same(bounds, { first: index, last: index }, `bounds of the name ${JSON.stringify(name)}`)
          }),
        )
        const gone = names.filter((_, index) => index % 2 === 0)
        const left = names.filter((_, index) => index % 2 === 1)
        await store.delete(gone)
        await expectNames(store, every, left, 'after every other name was deleted')
        await expectCells(
          opened,
          { names, ...hours },
          left.map((name) => cellsOf(name)[1]!),
          'after every other name was deleted',
        )
        await store.delete(null)
      },
    },
    {
      title: `names: ${type}: any string is an interval, distinct from all others`,
      async run(context) {
        const intervals = Object.fromEntries(HOSTILE_FEW.map((interval) => [interval, { step: 60 }]))
        const opened = await context.cells({ type, intervals })
        await opened.store.delete(null)
        const names = ['a', 'a:b', 'a/b', 'a.b', 'a b', 'a\0b', '1']
        const cells = HOSTILE_FEW.flatMap((interval, seed) =>
          names.map((name, index) => cell(name, interval, index, 0, change(seed + index))),
        )
        await write(opened, cells)
        await Promise.all(
          HOSTILE_FEW.map(async (interval) => {
            const inside = cells.filter((each) => each.interval === interval)
            const query = { names, interval, range: { first: 0, last: 9 } }
            await expectCells(opened, query, inside, `the interval ${JSON.stringify(interval)}`)
            await expectNames(
              opened.store,
              { [interval]: 3 },
              names.slice(3),
              `the interval ${JSON.stringify(interval)}`,
            )
          }),
        )
        await opened.store.delete(null)
      },
    },
  ]
}
