import { bucketing } from '@kairos/core'
import type { TimeseriesType } from '@kairos/core/driver'
import { type DriverTest, ofTypes } from '../driver-test.ts'
import { kinds } from '../internal/kinds.ts'
import { openPatiently } from '../internal/patient.ts'
import { same } from '../internal/same.ts'
import { schemaOf } from '../internal/schema.ts'
import { ALL_TYPES } from '../internal/types.ts'
import { placeOf } from '../test-context.ts'
import { type Cell, cell, expectCells, usualCells, write } from './cells.ts'

/** All of time, in minutes: what core requests when nothing limits a read. */
const ALL_MINUTES = { first: -1_035_594_720, last: 4_223_371_679 }

export const rangeTests: readonly DriverTest[] = ofTypes(ALL_TYPES, testsOf)

function testsOf(type: TimeseriesType): DriverTest[] {
  const { change } = kinds[type]
  return [
    {
      title: `range: ${type}: both ends are included, and nothing outside`,
      async run(context) {
        const opened = await usualCells(context, type)
        const name = context.name()
        const buckets = [90, 99, 100, 101, 109, 110, 111, 1000, 10_000]
        const cells = buckets.map((bucket) => cell(name, 'minute', bucket, 0, change(bucket)))
        await write(opened, cells)
        const ranges = [
          [100, 110],
          [90, 90],
          [91, 98],
          [102, 1000],
          [0, 89],
          [10_001, 20_000],
          [ALL_MINUTES.first, ALL_MINUTES.last],
        ] as const
        for (const [first, last] of ranges) {
          const inside = cells.filter(({ bucket }) => bucket >= first && bucket <= last)
          await expectCells(
            opened,
            { names: [name], interval: 'minute', range: { first, last } },
            inside,
            `cells at ${buckets}`,
          )
        }
      },
    },
    {
      title: `range: ${type}: resolution buckets whose numbers leave a gap`,
      async run(context) {
        const interval = 'weeks of days'
        const schema = await schemaOf({ type, intervals: { [interval]: { step: 'weekly', resolution: 'daily' } } })
        const { store } = await openPatiently(await context.driver(placeOf({ type })), schema)
        const name = context.name()
        await store.delete([name])
        const weekOf = (date: string): number => bucketing('weekly').toBucket(Date.parse(date) / 1000)
        // The first of March is 75 numbers after its week's Monday, the 26th of February.
        const weeks = [
          ['2022-03-07', 20220307],
          ['2024-03-01', 20240301],
          ['2024-03-04', 20240304],
          ['2026-03-02', 20260302],
        ] as const
        const cells = weeks.map(([date, day], index) => cell(name, interval, weekOf(date), day, change(index + 1)))
        await write({ store, schema }, cells)
        for (const some of [cells, cells.slice(0, 3), cells.slice(1), cells.slice(1, 3)]) {
          const query = { names: [name], interval, range: { first: some[0]!.bucket, last: some.at(-1)!.bucket } }
          same(await store.bounds(query), query.range, 'bounds of some weeks')
          await expectCells({ store, schema }, query, some, 'cells of some weeks')
        }
        await store.delete([name])
      },
    },
    {
      title: `range: ${type}: buckets before 1970 are negative, in order, and separate from later ones`,
      async run(context) {
        const opened = await usualCells(context, type)
        const name = context.name()
        const minutes = [-130, -60, -59, -2, -1, 0, 1, 2, 60].map((bucket) =>
          cell(name, 'minute', bucket, 0, change(bucket + 200)),
        )
        const hours = [-121, -120, -61, -60, -59, -1, 0, 59, 60].map((minute) =>
          cell(name, 'hour', Math.floor(minute / 60), minute, change(minute + 200)),
        )
        await write(opened, [...minutes, ...hours])
        await write(opened, [
          cell(name, 'minute', ALL_MINUTES.first, 0, change(1)),
          cell(name, 'minute', ALL_MINUTES.last, 0, change(2)),
        ])
        for (const minute of [ALL_MINUTES.first, ALL_MINUTES.last]) {
          const hour = Math.floor(minute / 60)
          const far = [minute - 1, minute].map((each, seed) =>
            cell(name, 'hour', Math.floor(each / 60), each, change(seed)),
          )
          await write(opened, far)
          await expectCells(
            opened,
            { names: [name], interval: 'hour', range: { first: hour - 1, last: hour + 1 } },
            far,
            'resolution buckets at the ends of time',
          )
        }
        for (const [first, last] of [
          [-60, -1],
          [-2, 1],
          [-1, -1],
          [0, 0],
          [-1000, 1000],
        ] as const) {
          for (const [interval, cells] of [
            ['minute', minutes],
            ['hour', hours],
          ] as const) {
            const inside = cells.filter(({ bucket }) => bucket >= first && bucket <= last)
            await expectCells(opened, { names: [name], interval, range: { first, last } }, inside, 'around 1970')
          }
        }
        same(
          await opened.store.bounds({ names: [name], interval: 'minute', range: ALL_MINUTES }),
          ALL_MINUTES,
          'bounds of the first and last minute',
        )
        same(
          await opened.store.bounds({ names: [name], interval: 'hour', range: { first: -100, last: -1 } }),
          { first: -3, last: -1 },
          'bounds before 1970',
        )
      },
    },
    {
      title: `range: ${type}: resolution buckets are separate cells inside their bucket`,
      async run(context) {
        const opened = await usualCells(context, type)
        const name = context.name()
        const hours = [10, 11, 12].flatMap((hour) =>
          [0, 1, 59].map((minute) => cell(name, 'hour', hour, hour * 60 + minute, change(hour + minute))),
        )
        // Days are read by the calendar: the last of February is next to the first of March, and the integers between are not buckets.
        const days = [
          cell(name, 'day', 20_240_228, 474_767, change(1)),
          cell(name, 'day', 20_240_229, 474_768, change(2)),
          cell(name, 'day', 20_240_229, 474_791, change(3)),
          cell(name, 'day', 20_240_301, 474_792, change(4)),
        ]
        await write(opened, [...hours, ...days])
        await write(opened, [cell(name, 'hour', 11, 661, change(7))])
        const expected = hours.map((each) =>
          each.resolutionBucket === 661 ? { ...each, change: kinds[type].merge(each.change, change(7)) } : each,
        )
        const read = (interval: string, first: number, last: number, inside: readonly Cell[]) =>
          expectCells(opened, { names: [name], interval, range: { first, last } }, inside, 'cells with resolution')
        await read('hour', 11, 11, expected.slice(3, 6))
        await read('hour', 10, 12, expected)
        await read('day', 20_240_229, 20_240_229, days.slice(1, 3))
        await read('day', 20_240_201, 20_240_229, days.slice(0, 3))
        await read('day', 20_240_230, 20_240_301, days.slice(3))
      },
    },
    {
      title: `range: ${type}: names and intervals are separate; several names are read at once`,
      async run(context) {
        const opened = await usualCells(context, type)
        const [one, two, three, nobody] = [context.name(), context.name(), context.name(), context.name()]
        const cells = [one, two, three].flatMap((name, seed) => [
          cell(name, 'minute', 20_240_105, 0, change(seed)),
          cell(name, 'minute', 20_240_106 + seed, 0, change(seed + 5)),
          cell(name, 'hour', 20_240_105, 1_214_406_301, change(seed + 10)),
          cell(name, 'day', 20_240_105, 473_448, change(seed + 20)),
        ])
        await write(opened, cells)
        const range = { first: 20_240_105, last: 20_240_107 }
        for (const names of [[one], [two], [three, one], [nobody, two], [nobody], [two, three, nobody, one]]) {
          for (const interval of ['minute', 'hour', 'day']) {
            const inside = cells.filter(
              (each) => each.interval === interval && names.includes(each.name) && each.bucket <= range.last,
            )
            await expectCells(opened, { names, interval, range }, inside, 'three names in three intervals')
          }
        }
      },
    },
    {
      title: `range: ${type}: bounds are the first and the last bucket of any of the names inside the range`,
      async run(context) {
        const opened = await usualCells(context, type)
        const [one, two, nobody] = [context.name(), context.name(), context.name()]
        const bucketsOf = new Map([
          [one, [5, 6, 40, 1000]],
          [two, [-7, 39, 41]],
          [nobody, []],
        ])
        await write(
          opened,
          [...bucketsOf].flatMap(([name, buckets]) =>
            buckets.flatMap((bucket) => [
              cell(name, 'minute', bucket, 0, change(bucket + 10)),
              cell(name, 'hour', bucket, bucket * 60 + 59, change(bucket + 10)),
            ]),
          ),
        )
        for (const names of [[one], [two], [one, two], [nobody], [nobody, two]]) {
          for (const [first, last] of [
            [-1000, 2000],
            [5, 1000],
            [6, 999],
            [7, 39],
            [7, 38],
            [40, 40],
            [42, 999],
            [-7, 4],
            [1001, 2000],
          ] as const) {
            const inside = names
              .flatMap((name) => bucketsOf.get(name)!)
              .filter((bucket) => bucket >= first && bucket <= last)
            const expected = inside.length === 0 ? null : { first: Math.min(...inside), last: Math.max(...inside) }
            for (const interval of ['minute', 'hour']) {
              const found = await opened.store.bounds({ names, interval, range: { first, last } })
              same(found, expected, `bounds of ${names} in ${interval} from ${first} to ${last}`)
            }
          }
        }
      },
    },
  ]
}
