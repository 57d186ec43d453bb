import type { CellStore, OriginalType } from '@kairos/core/driver'
import { type DriverTest, ofTypes } from '../driver-test.ts'
import { kinds } from '../internal/kinds.ts'
import { sweepAll } from '../internal/pages.ts'
import { same } from '../internal/same.ts'
import { TYPES } from '../internal/types.ts'
import { type OpenedCells, placeOf, type TestContext } from '../test-context.ts'
import { ALWAYS, cell, expectCells, expectNames, write } from './cells.ts'

/** More than a statement's list, an answer's page or a step's worth of work usually holds. */
const NAMES = 2_500
const CELLS = 10_000
const MORE = 2_500
const OVERLAP = 500

/** Types that the short size tests too: these tests are the heaviest, and drivers page all types alike. */
const SHORT = { names: 'count', cells: 'series' } as const

const INTERVALS = { 'many minute': { step: 60 } }
const EVERY = { 'many minute': ALWAYS }

/** A call takes any number of names, and a range any number of cells: a driver that pages or splits its statements must handle all of them. */
export const manyTests: readonly DriverTest[] = [
  ...ofTypes(TYPES, (type) => [manyNames(type), manyCells(type)]),
  manyBytes(),
]

async function openedMany(
  context: TestContext,
  type: OriginalType,
): Promise<{ opened: OpenedCells; store: CellStore; sweeps: boolean }> {
  const config = { type, intervals: INTERVALS }
  const opened = await context.cells(config)
  const { capabilities } = await context.driver(placeOf(config))
  return { opened, store: opened.store, sweeps: capabilities.expiry[type] === 'sweep' }
}

/** Pages may be limited by bytes as well as by cells. */
function manyBytes(): DriverTest {
  return {
    title: 'many: series of text: 40 cells of 100,000 characters each',
    types: ['series'],
    async run(context) {
      const opened = await context.cells({ type: 'series', valueType: 'text', intervals: { minute: { step: 60 } } })
      const name = context.name()
      const cells = Array.from({ length: 40 }, (_, bucket) =>
        cell(name, 'minute', bucket, 0, [`${bucket} ${'x'.repeat(50_000)}`, `${bucket} ${'é'.repeat(50_000)}`]),
      )
      await write(opened, cells)
      await expectCells(
        opened,
        { names: [name], interval: 'minute', range: { first: 0, last: 99 } },
        cells,
        'in one read',
      )
    },
  }
}

function manyNames(type: OriginalType): DriverTest {
  const { change } = kinds[type]
  return {
    title: `many: ${type}: ${NAMES.toLocaleString('en')} names in one call`,
    long: type !== SHORT.names,
    async run(context) {
      const { opened, store, sweeps } = await openedMany(context, type)
      await store.delete(null)
      const names = Array.from({ length: NAMES }, (_, index) => `many ${index}`)
      const cells = names.flatMap((name, index) => [
        cell(name, 'many minute', index, 0, change(index)),
        cell(name, 'many minute', 5_000 + index, 0, change(1)),
      ])
      await write(opened, cells)
      const query = { names, interval: 'many minute', range: { first: 0, last: 10_000 } }
      await expectCells(opened, query, cells, 'all names at once')
      same(await store.bounds(query), { first: 0, last: 5_000 + NAMES - 1 }, 'bounds of all names at once')
      await expectNames(store, EVERY, names, 'all names')
      await expectNames(store, { 'many minute': 6_000 }, names.slice(1_000), 'all but the oldest thousand')
      let left = cells
      if (sweeps) {
        same(await sweepAll(store, { 'many minute': 5_000 }, names), NAMES, 'cells swept of all names at once')
        left = cells.filter(({ bucket }) => bucket >= 5_000)
        await expectCells(opened, query, left, 'after all names were swept at once')
        same(await sweepAll(store, { 'many minute': 7_300 }, null), 2_300, 'cells swept of every name that there is')
        left = left.filter(({ bucket }) => bucket >= 7_300)
        await expectCells(opened, query, left, 'after every name was swept')
      }
      const kept = names.at(-1)!
      await store.delete(names.slice(0, -1))
      left = left.filter(({ name }) => name === kept)
      await expectCells(opened, query, left, 'after all names but the last were deleted at once')
      await expectNames(store, EVERY, [kept], 'after all names but the last were deleted at once')
      await write(opened, cells)
      const others = { ...query, names: names.slice(0, -1) }
      await store.deleteRange({ ...others, range: { first: 5_000, last: 10_000 } })
      left = cells.filter(({ name, bucket }) => name !== kept && bucket < 5_000)
      await expectCells(opened, others, left, 'after a range of all names was deleted at once')
      await store.delete(null)
      await expectNames(store, EVERY, [], 'after everything was deleted')
    },
  }
}

function manyCells(type: OriginalType): DriverTest {
  const { change, merge } = kinds[type]
  return {
    title: `many: ${type}: ${(CELLS + MORE).toLocaleString('en')} cells of one name and interval`,
    long: type !== SHORT.cells,
    async run(context) {
      const { opened, store, sweeps } = await openedMany(context, type)
      const name = context.name()
      const cellAt = (bucket: number) => cell(name, 'many minute', bucket, 0, change(bucket))
      const all = Array.from({ length: CELLS + MORE }, (_, bucket) => cellAt(bucket))
      await write(opened, all.slice(0, CELLS))
      await write(opened, all.slice(CELLS - OVERLAP))
      const written = all.map((each) =>
        each.bucket >= CELLS - OVERLAP && each.bucket < CELLS
          ? { ...each, change: merge(each.change, each.change) }
          : each,
      )
      const query = { names: [name], interval: 'many minute', range: { first: 0, last: 20_000 } }
      await expectCells(opened, query, written, 'two batches that overlap')
      if (sweeps) {
        same(await sweepAll(store, { 'many minute': CELLS }, [name]), CELLS, 'cells swept of one name')
        await expectCells(opened, query, written.slice(CELLS), 'after the sweep')
      }
      await write(opened, all.slice(0, CELLS))
      await store.delete([name])
      await expectCells(opened, query, [], 'after the name was deleted')
      same(await store.bounds(query), null, 'bounds after the name was deleted')
      // A step's worth of one name, and another name after it.
      const after = context.name()
      await write(opened, all.slice(0, CELLS))
      await write(
        opened,
        all.slice(CELLS).map((each) => ({ ...each, name: after })),
      )
      await store.delete(null)
      await expectCells(opened, { ...query, names: [name, after] }, [], 'after everything was deleted')
    },
  }
}
