import type { TimeseriesType } from '@kairos/core/driver'
import { type DriverTest, ofTypes } from '../driver-test.ts'
import { kinds } from '../internal/kinds.ts'
import { same } from '../internal/same.ts'
import { ALL_TYPES } from '../internal/types.ts'
import { ALWAYS, cell, expectCells, expectNames, write } from './cells.ts'

const WIDE = {
  'delete minute': { step: 60 },
  'delete hour': { step: 3600, resolution: 60 },
  'delete kept': { step: 300 },
} as const
const NARROW = { 'delete minute': { step: 60 }, 'delete hour': { step: 3600, resolution: 60 } } as const
const RANGE = { first: 0, last: 1_000_000 }

export const deleteTests: readonly DriverTest[] = ofTypes(ALL_TYPES, testsOf)

function testsOf(type: TimeseriesType): DriverTest[] {
  const { change } = kinds[type]
  const cellsOf = (name: string) => [
    cell(name, 'delete minute', 3, 0, change(1)),
    cell(name, 'delete minute', 500_000, 0, change(2)),
    cell(name, 'delete hour', 4, 241, change(3)),
    cell(name, 'delete hour', 4, 242, change(4)),
    cell(name, 'delete kept', 5, 0, change(5)),
  ]
  return [
    {
      title: `delete: ${type}: deleting names deletes all their cells in the schema's intervals, and nothing else`,
      async run(context) {
        const wide = await context.cells({ type, intervals: WIDE })
        const narrow = await context.cells({ type, intervals: NARROW })
        await wide.store.delete(null)
        const [gone, also, stays] = [context.name(), context.name(), context.name()]
        await write(wide, [gone, also, stays].flatMap(cellsOf))
        await narrow.store.delete([gone, also, context.name('unknown')])
        for (const name of [gone, also, stays]) {
          for (const interval of Object.keys(WIDE)) {
            const left = cellsOf(name).filter(
              (each) => each.interval === interval && (name === stays || interval === 'delete kept'),
            )
            await expectCells(
              wide,
              { names: [name], interval, range: RANGE },
              left,
              'after two of three names were deleted in two of three intervals',
            )
            const bounds = await wide.store.bounds({ names: [name], interval, range: RANGE })
            const buckets = left.map(({ bucket }) => bucket)
            const expected = buckets.length === 0 ? null : { first: Math.min(...buckets), last: Math.max(...buckets) }
            same(bounds, expected, `bounds of ${name} in ${interval} after the delete`)
          }
        }
        await expectNames(wide.store, { 'delete minute': ALWAYS, 'delete hour': ALWAYS }, [stays], 'after the delete')
        await expectNames(
          wide.store,
          { 'delete kept': ALWAYS },
          [gone, also, stays],
          'in the interval of another timeseries',
        )
      },
    },
    {
      title: `delete: ${type}: deleting everything keeps other intervals, and the records`,
      async run(context) {
        const wide = await context.cells({ type, intervals: WIDE })
        const narrow = await context.cells({ type, intervals: NARROW })
        await wide.store.delete(null)
        const names = [context.name(), context.name()]
        await write(wide, names.flatMap(cellsOf))
        await narrow.store.delete(null)
        for (const interval of Object.keys(NARROW)) {
          await expectCells(wide, { names, interval, range: RANGE }, [], 'after everything was deleted')
        }
        const kept = names.flatMap(cellsOf).filter((each) => each.interval === 'delete kept')
        await expectCells(wide, { names, interval: 'delete kept', range: RANGE }, kept, 'what another timeseries holds')
        await expectNames(
          wide.store,
          { 'delete minute': ALWAYS, 'delete hour': ALWAYS },
          [],
          'after everything was deleted',
        )
        await wide.store.delete(null)
        await wide.store.delete(null)
        await expectNames(wide.store, { 'delete kept': ALWAYS }, [], 'after everything was deleted twice')
      },
    },
    {
      title: `delete: ${type}: a write after a delete is stored in full, with nothing left from before`,
      async run(context) {
        const opened = await context.cells({ type, intervals: WIDE })
        const name = context.name()
        for (let round = 0; round < 5; round++) {
          await write(opened, cellsOf(name))
          await opened.store.delete(round % 2 === 0 ? [name] : null)
          const again = cell(name, 'delete minute', 3, 0, change(round + 10))
          await write(opened, [again])
          const query = { names: [name], interval: 'delete minute', range: RANGE }
          await expectCells(opened, query, [again], `after write, delete and write, round ${round}`)
          await expectNames(opened.store, { 'delete minute': ALWAYS }, [name], `round ${round}`)
          await opened.store.delete([name])
        }
      },
    },
    {
      title: `delete: ${type}: a second instance sees a delete, and what is written after it`,
      async run(context) {
        const first = await context.cells({ type, intervals: NARROW })
        const second = await context.cells({ type, intervals: NARROW }, 1)
        const [name, other] = [context.name(), context.name()]
        const query = { names: [name], interval: 'delete minute', range: RANGE }
        for (let round = 0; round < 3; round++) {
          await write(first, [
            cell(name, 'delete minute', 3, 0, change(1)),
            cell(other, 'delete minute', 3, 0, change(1)),
          ])
          await second.store.delete([name])
          await expectCells(first, query, [], `round ${round}: deleted by the second instance, read by the first`)
          // The first instance may remember that the cell, or its name, is there.
          const again = cell(name, 'delete minute', 3, 0, change(round + 2))
          await write(first, [again])
          await expectCells(
            second,
            query,
            [again],
            `round ${round}: written after the delete by the first instance, read by the second`,
          )
          await expectNames(
            second.store,
            { 'delete minute': ALWAYS },
            [name, other],
            `round ${round}: by the second instance`,
          )
          await second.store.delete(null)
          await expectNames(
            first.store,
            { 'delete minute': ALWAYS },
            [],
            `round ${round}: after the second instance deleted everything`,
          )
        }
      },
    },
  ]
}
