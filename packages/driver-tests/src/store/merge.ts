import type { CellValue, TimeseriesType } from '@kairos/core/driver'
import { type DriverTest, ofTypes } from '../driver-test.ts'
import { kinds } from '../internal/kinds.ts'
import { same } from '../internal/same.ts'
import { ALL_TYPES } from '../internal/types.ts'
import { cell, expectCells, readCells, usualCells, write } from './cells.ts'

export const mergeTests: readonly DriverTest[] = [
  ...ofTypes(ALL_TYPES, testsOf),
  ...ofTypes(['series', 'gauge'], (type) => bytesTest(type as 'series')),
  {
    types: ['series'],
    title: 'merge: series: values stay in order of arrival, in one batch and over many',
    async run(context) {
      const opened = await usualCells(context, 'series')
      const name = context.name()
      const expected: number[] = []
      for (let batch = 0; batch < 30; batch++) {
        // Neither ascending nor distinct: a store must not order by value, nor drop repeats.
        const values = [batch % 7, 5 - batch, batch % 3, batch % 3]
        expected.push(...values)
        await write(opened, [cell(name, 'minute', 7, 0, values)])
      }
      const query = { names: [name], interval: 'minute', range: { first: 7, last: 7 } }
      await expectCells(opened, query, [cell(name, 'minute', 7, 0, expected)], 'after 30 batches')
    },
  },
  {
    types: ['count'],
    title: 'merge: count: a cell that sums to 0 exists',
    async run(context) {
      const opened = await usualCells(context, 'count')
      const name = context.name()
      await write(opened, [cell(name, 'minute', 3, 0, 5), cell(name, 'minute', 4, 0, 0)])
      await write(opened, [cell(name, 'minute', 3, 0, -5)])
      const query = { names: [name], interval: 'minute', range: { first: 0, last: 9 } }
      await expectCells(
        opened,
        query,
        [cell(name, 'minute', 3, 0, 0), cell(name, 'minute', 4, 0, 0)],
        'after +5, -5 and a lone 0',
      )
      same(await opened.store.bounds(query), { first: 3, last: 4 }, 'bounds of counts of 0')
    },
  },
  {
    types: ['count'],
    title: 'merge: count: integers are exact to 2^53',
    async run(context) {
      const opened = await usualCells(context, 'count')
      const name = context.name()
      await write(opened, [
        cell(name, 'minute', 1, 0, Number.MAX_SAFE_INTEGER - 1),
        cell(name, 'minute', 2, 0, -Number.MAX_SAFE_INTEGER),
      ])
      await write(opened, [cell(name, 'minute', 1, 0, 1), cell(name, 'minute', 2, 0, 2)])
      const query = { names: [name], interval: 'minute', range: { first: 1, last: 2 } }
      const expected = [
        cell(name, 'minute', 1, 0, Number.MAX_SAFE_INTEGER),
        cell(name, 'minute', 2, 0, 2 - Number.MAX_SAFE_INTEGER),
      ]
      await expectCells(opened, query, expected, 'after changes at the edge')
    },
  },
  {
    types: ['histogram'],
    title: 'merge: histogram: occurrences add up by value',
    async run(context) {
      const opened = await usualCells(context, 'histogram')
      const name = context.name()
      for (let batch = 0; batch < 4; batch++) {
        const change = new Map([[0, 1000] as const, [batch, 1] as const, [-0.5, 3] as const])
        await write(opened, [
          cell(name, 'minute', 0, 0, batch === 0 ? new Map([...change, [0, 1001] as const]) : change),
        ])
      }
      const query = { names: [name], interval: 'minute', range: { first: 0, last: 0 } }
      const expected = new Map([
        [0, 4001],
        [-0.5, 12],
        [1, 1],
        [2, 1],
        [3, 1],
      ])
      await expectCells(opened, query, [cell(name, 'minute', 0, 0, expected)], 'after four batches')
    },
  },
  {
    types: ['histogram'],
    title: 'merge: histogram: occurrences are exact to 2^53',
    async run(context) {
      const opened = await usualCells(context, 'histogram')
      const name = context.name()
      const times = [65_535, 2 ** 31 - 1, 2 ** 32 - 1, Number.MAX_SAFE_INTEGER - 1]
      const changes = [new Map(times.map((each, value) => [value, each])), new Map(times.map((_, value) => [value, 1]))]
      for (const change of changes) await write(opened, [cell(name, 'minute', 0, 0, change)])
      const query = { names: [name], interval: 'minute', range: { first: 0, last: 0 } }
      const expected = cell(name, 'minute', 0, 0, new Map(times.map((each, value) => [value, each + 1])))
      await expectCells(opened, query, [expected], 'one more, of values that were seen often')
    },
  },
]

function testsOf(type: TimeseriesType): DriverTest[] {
  const { change, merge } = kinds[type]
  return [
    {
      title: `merge: ${type}: each change to a cell is merged once`,
      async run(context) {
        const opened = await usualCells(context, type)
        const name = context.name()
        const query = { names: [name], interval: 'minute', range: { first: 28_000_000, last: 28_000_000 } }
        await expectCells(opened, query, [], 'before anything is written')
        let expected = change(1)
        await write(opened, [cell(name, 'minute', 28_000_000, 0, change(1))])
        await expectCells(opened, query, [cell(name, 'minute', 28_000_000, 0, expected)], 'after the first change')
        for (const seed of [4, 1, 1, 9]) {
          await write(opened, [cell(name, 'minute', 28_000_000, 0, change(seed))])
          expected = merge(expected, change(seed))
          await expectCells(opened, query, [cell(name, 'minute', 28_000_000, 0, expected)], `after the change ${seed}`)
        }
      },
    },
    {
      title: `merge: ${type}: one batch changes new and old cells, in every interval`,
      async run(context) {
        const opened = await usualCells(context, type)
        const [one, two] = [context.name(), context.name()]
        const cells = [one, two].flatMap((name, seed) => [
          cell(name, 'minute', 100, 0, change(seed)),
          cell(name, 'minute', 101, 0, change(seed + 10)),
          cell(name, 'hour', 1, 100, change(seed + 20)),
          cell(name, 'hour', 1, 101, change(seed + 30)),
          cell(name, 'day', 20_231_114, 472_222, change(seed + 40)),
        ])
        await write(opened, cells)
        const again = cells.filter((_, index) => index % 2 === 0)
        await write(opened, [...again, cell(two, 'minute', 102, 0, change(50))])
        const expected = cells.map((each, index) =>
          index % 2 === 0 ? { ...each, change: merge(each.change, each.change) } : each,
        )
        expected.push(cell(two, 'minute', 102, 0, change(50)))
        for (const interval of ['minute', 'hour', 'day']) {
          const query = { names: [one, two], interval, range: { first: 0, last: 30_000_000 } }
          await expectCells(
            opened,
            query,
            expected.filter((each) => each.interval === interval),
            'after two batches',
          )
        }
      },
    },
    {
      title: `merge: ${type}: the result of a read belongs to the reader, and later writes do not change it`,
      async run(context) {
        const opened = await usualCells(context, type)
        const name = context.name()
        const query = { names: [name], interval: 'minute', range: { first: 5, last: 5 } }
        await write(opened, [cell(name, 'minute', 5, 0, change(1))])
        const before = await readCells(opened, query)
        const given = await opened.store.read(query)
        await write(opened, [cell(name, 'minute', 5, 0, change(2))])
        same(valuesOf(given), [...before.values()], 'what was read before a second write, after it')
        for (const { value } of given) spoil(value)
        const merged = cell(name, 'minute', 5, 0, merge(change(1), change(2)))
        await expectCells(opened, query, [merged], 'after the reader changed what it had been given')
      },
    },
    {
      title: `merge: ${type}: a change is copied when it is written, and left as it is`,
      async run(context) {
        const opened = await usualCells(context, type)
        const name = context.name()
        const query = { names: [name], interval: 'minute', range: { first: 5, last: 6 } }
        const shared = change(1)
        await write(opened, [cell(name, 'minute', 5, 0, shared), cell(name, 'minute', 6, 0, shared)])
        await write(opened, [cell(name, 'minute', 5, 0, change(2))])
        same(shared, change(1), 'the change that was written, after a second one to the same cell')
        spoil(shared)
        const expected = [
          cell(name, 'minute', 5, 0, merge(change(1), change(2))),
          cell(name, 'minute', 6, 0, change(1)),
        ]
        await expectCells(opened, query, expected, 'after the writer changed what it had written')
      },
    },
  ]
}

/** Bytes are the only scalar that can be changed in place, and the one that clients return as a view of their own buffer. */
function bytesTest(type: 'series' | 'gauge'): DriverTest {
  const { of } = kinds[type]
  return {
    title: `merge: ${type}: bytes that were written or read are not shared`,
    async run(context) {
      const opened = await context.cells({ type, valueType: 'blob', intervals: { minute: { step: 60 } } })
      const name = context.name()
      const query = { names: [name], interval: 'minute', range: { first: 0, last: 9 } }
      const bytesOf = (bucket: number) => Uint8Array.from({ length: 64 }, (_, index) => bucket * 16 + index)
      const cells = [1, 2, 3].map((bucket) => cell(name, 'minute', bucket, 0, of([bytesOf(bucket)])))
      const written = bytesOf(1)
      await write(opened, [cell(name, 'minute', 1, 0, of([written])), ...cells.slice(1)])
      written.fill(255)
      await expectCells(opened, query, cells, 'after the writer changed the bytes that it had written')
      const given = await opened.store.read(query)
      const before = structuredClone(given)
      const other = cell(name, 'minute', 20, 0, of([bytesOf(4)]))
      await write(opened, [other])
      await opened.store.read({ ...query, range: { first: 20, last: 20 } })
      same(structuredClone(given), before, 'bytes that were read, after a later write and read')
      for (const { value } of given) bytesIn(value).fill(255)
      await expectCells(opened, query, cells, 'after the reader changed the bytes that it had been given')
    },
  }
}

function bytesIn(value: CellValue): Uint8Array {
  return (Array.isArray(value) ? value[0] : value) as Uint8Array
}

function valuesOf(cells: readonly { readonly value: unknown }[]): unknown[] {
  return cells.map(({ value }) => value)
}

function isSummary(value: unknown): value is object {
  return typeof value === 'object' && value !== null && 'lastAt' in value
}

function spoil(value: unknown): void {
  if (Array.isArray(value)) value.push(-1)
  if (value instanceof Map) value.set(-1, 1)
  if (value instanceof Set) value.add(-1)
  if (value instanceof Uint8Array) value.fill(255)
  else if (isSummary(value)) Object.assign(value, { count: -1 })
}
