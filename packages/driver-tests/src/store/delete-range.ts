import type { TimeseriesType } from '@kairos/core/driver'
import { type DriverTest, ofTypes } from '../driver-test.ts'
import { kinds } from '../internal/kinds.ts'
import { same } from '../internal/same.ts'
import { ALL_TYPES } from '../internal/types.ts'
import { ALWAYS, cell, expectCells, expectNames, write } from './cells.ts'

const INTERVALS = { 'range minute': { step: 60 }, 'range hour': { step: 3600, resolution: 60 } }
const RANGE = { first: -1_000_000, last: 1_000_000 }

export const deleteRangeTests: readonly DriverTest[] = ofTypes(ALL_TYPES, testsOf)

function testsOf(type: TimeseriesType): DriverTest[] {
  const { change } = kinds[type]
  const minutes = (name: string) =>
    [-200, -1, 0, 1, 127, 128, 129, 255, 256, 1_000].map((bucket) =>
      cell(name, 'range minute', bucket, 0, change(bucket + 300)),
    )
  const hours = (name: string) =>
    [2, 3, 4].flatMap((bucket) =>
      [0, 1, 59].map((minute) => cell(name, 'range hour', bucket, bucket * 60 + minute, change(bucket + minute))),
    )
  return [
    {
      title: `deleteRange: ${type}: takes the cells of a range, and nothing beside it`,
      async run(context) {
        const opened = await context.cells({ type, intervals: INTERVALS })
        await opened.store.delete(null)
        const ranges = [
          [0, 0],
          [-1, 128],
          [129, 255],
          [300, 999],
          [-1_000_000, -2],
          [1_000, 5_000],
          [-1_000_000, 1_000_000],
        ] as const
        for (const [first, last] of ranges) {
          const [name, also, other] = [context.name(), context.name(), context.name()]
          const what = `after buckets ${first} to ${last} were deleted`
          await write(
            opened,
            [name, also, other].flatMap((each) => [...minutes(each), ...hours(each)]),
          )
          await opened.store.deleteRange({
            names: [name, also, 'unknown'],
            interval: 'range minute',
            range: { first, last },
          })
          const left = (each: string) => minutes(each).filter(({ bucket }) => bucket < first || bucket > last)
          const query = { names: [name, also, other], interval: 'range minute', range: RANGE }
          await expectCells(opened, query, [...left(name), ...left(also), ...minutes(other)], what)
          const hoursOf = { ...query, interval: 'range hour' }
          await expectCells(opened, hoursOf, query.names.flatMap(hours), `${what} of another interval`)
          const buckets = left(name).map(({ bucket }) => bucket)
          const bounds = buckets.length === 0 ? null : { first: Math.min(...buckets), last: Math.max(...buckets) }
          same(await opened.store.bounds({ ...query, names: [name] }), bounds, `bounds ${what}`)
          const named = buckets.length === 0 ? [other] : [name, also, other]
          await expectNames(opened.store, { 'range minute': ALWAYS }, named, what)
          await opened.store.delete([name, also, other])
        }
      },
    },
    {
      title: `deleteRange: ${type}: in an interval with resolution, and written again`,
      async run(context) {
        const opened = await context.cells({ type, intervals: INTERVALS })
        const name = context.name()
        const query = { names: [name], interval: 'range hour', range: RANGE }
        for (const round of [1, 2, 3]) {
          await write(opened, hours(name))
          await opened.store.deleteRange({ ...query, range: { first: 3, last: 3 } })
          const left = hours(name).filter(({ bucket }) => bucket !== 3)
          await expectCells(opened, query, left, `round ${round}: after an hour was deleted`)
          const again = cell(name, 'range hour', 3, 181, change(round))
          await write(opened, [again])
          await expectCells(opened, query, [...left, again], `round ${round}: written after the delete`)
          await opened.store.deleteRange(query)
          await expectCells(opened, query, [], `round ${round}: after all hours were deleted`)
        }
      },
    },
  ]
}
