import type { OriginalType, Scalar } from '@kairos/core/driver'
import { type DriverTest, ofTypes } from '../driver-test.ts'
import { kinds } from '../internal/kinds.ts'
import { same } from '../internal/same.ts'
import { TYPES } from '../internal/types.ts'
import { type Cell, cell, expectCells, usualCells, write } from './cells.ts'

/** The limits of a batch from core. */
const MOST_CELLS = 10_000
const MOST_VALUES = 50_000

/**
 * Types of which the short size writes this many cells: those whose cells hold one value. The largest batches of the others are of values, and
 * `many` writes as many cells of a series.
 */
const CELLS_IN_SHORT: readonly OriginalType[] = ['count', 'gauge']

const ALL = { first: 0, last: 100_000 }

export const batchTests: readonly DriverTest[] = [
  ...ofTypes(TYPES, mostCells),
  ...ofTypes(['series', 'histogram', 'set'], (type) => mostValues(type as 'series')),
]

function mostCells(type: OriginalType): DriverTest {
  const { change, merge } = kinds[type]
  return {
    title: `batches: ${type}: one of 10,000 cells, over many names and buckets`,
    long: !CELLS_IN_SHORT.includes(type),
    async run(context) {
      const opened = await usualCells(context, type)
      const names = Array.from({ length: 50 }, () => context.name(' batch'))
      const cells: Cell[] = names.flatMap((name, seed) =>
        Array.from({ length: MOST_CELLS / names.length }, (_, index) =>
          index % 2 === 0
            ? cell(name, 'minute', index, 0, change(seed + index))
            : cell(name, 'hour', index >> 3, (index >> 3) * 60 + (index % 60), change(seed)),
        ),
      )
      await write(opened, cells)
      const again = cells.filter((_, index) => index % 100 === 0)
      await write(opened, again)
      const changed = new Set(again)
      const expected = cells.map((each) =>
        changed.has(each) ? { ...each, change: merge(each.change, each.change) } : each,
      )
      for (const interval of ['minute', 'hour']) {
        const inside = expected.filter((each) => each.interval === interval)
        await expectCells(opened, { names, interval, range: ALL }, inside, 'one batch, and a hundredth of it again')
      }
      same(
        await opened.store.bounds({ names, interval: 'minute', range: ALL }),
        { first: 0, last: 198 },
        'bounds of all names',
      )
      await opened.store.delete(names)
      await expectCells(opened, { names, interval: 'minute', range: ALL }, [], 'after all names were deleted')
    },
  }
}

function mostValues(type: 'series' | 'histogram' | 'set'): DriverTest {
  const { merge, of } = kinds[type]
  const valuesFrom = (first: number, length: number): Scalar[] => Array.from({ length }, (_, index) => first + index)
  return {
    title: `batches: ${type}: one of 50,000 values, half of them in one cell`,
    async run(context) {
      const opened = await usualCells(context, type)
      const name = context.name()
      const large = cell(name, 'minute', 0, 0, of(valuesFrom(0, MOST_VALUES / 2)))
      const others = Array.from({ length: 25 }, (_, index) =>
        cell(name, 'minute', index + 1, 0, of(valuesFrom(index, MOST_VALUES / 50))),
      )
      await write(opened, [large, ...others])
      const more = of(valuesFrom(MOST_VALUES / 2 - 500, 1_000))
      await write(opened, [{ ...large, change: more }])
      const query = { names: [name], interval: 'minute', range: ALL }
      await expectCells(
        opened,
        query,
        [{ ...large, change: merge(large.change, more) }, ...others],
        'a cell grown large',
      )
      await opened.store.delete([name])
      await expectCells(opened, query, [], 'after its name was deleted')
      await write(opened, [{ ...large, change: of([1, 2]) }])
      await expectCells(opened, query, [{ ...large, change: of([1, 2]) }], 'written again')
    },
  }
}
