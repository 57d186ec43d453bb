import { isDeepStrictEqual } from 'node:util'
import { type CellValue, isWriteFailure } from '@kairos/core/driver'
import { type DriverTest, ofTypes } from '../driver-test.ts'
import { failureOf } from '../internal/agree.ts'
import { kinds } from '../internal/kinds.ts'
import { claim, same, show } from '../internal/same.ts'
import { batchOf, type Cell, cell, expectCells, usualCells, usualConfig, write } from './cells.ts'

export const overflowTests: readonly DriverTest[] = ofTypes(['count', 'histogram'], (type) => [
  overflowTest(type as 'count'),
  mostTest(type as 'count'),
])

/** The largest double, and the smallest number that makes it overflow: half of the distance to what would be the next one. */
const { MAX_VALUE } = Number
const EDGE = 2 ** 970
/** One step below: the sum is rounded to the largest double. */
const BELOW = EDGE * (1 - Number.EPSILON / 2)

/** Pairs whose sum is finite, and pairs whose sum is not. */
const fits = [
  [MAX_VALUE, BELOW],
  [MAX_VALUE / 2, MAX_VALUE / 2],
  [2 ** 1023, 2 ** 1022],
  [1, MAX_VALUE],
] as const
const overflows = [
  [MAX_VALUE, EDGE],
  [MAX_VALUE, MAX_VALUE],
  [2 ** 1023, 2 ** 1023],
  [1e308, 1e308],
] as const

/** Such a number as a change: a count of that size, or a value that occurred that often, between others. The second write has a new value. */
const changeOf = {
  count: (number: number): CellValue => number,
  histogram: (number: number, write: 0 | 1 = 0): CellValue =>
    new Map([[0 - write, 3] as const, [1, number] as const, [2, 1] as const]),
} as const

function overflowTest(type: 'count' | 'histogram'): DriverTest {
  const { merge } = kinds[type]
  // How often a value occurred is never negative.
  const signs = type === 'count' ? [1, -1] : [1]
  return {
    title: `merge: ${type}: a sum beyond the finite doubles is refused with its whole cell, and the rest of the batch is stored`,
    async skip(context) {
      const { maxChange } = await context.capabilities()
      return maxChange === undefined ? null : `capabilities.maxChange is ${maxChange}, of which no sum overflows`
    },
    async run(context) {
      const opened = await usualCells(context, type)
      for (const sign of signs) {
        const name = context.name()
        const cellsOf = (pairs: readonly (readonly [number, number])[], which: 0 | 1, from: number): Cell[] =>
          pairs.map((pair, index) => cell(name, 'minute', from + index, 0, changeOf[type](sign * pair[which], which)))
        const [stay, grow] = [cellsOf(overflows, 0, 0), cellsOf(fits, 0, 10)]
        // Cells of one bucket, which a store may keep together.
        const beside = [1, MAX_VALUE, 3, 4].map((number, index) =>
          cell(name, 'hour', 0, 3 + index, changeOf[type](sign * number)),
        )
        await write(opened, [...stay, ...grow, beside[1]!])
        const [refused, taken] = [cellsOf(overflows, 1, 0), cellsOf(fits, 1, 10)]
        const batch = batchOf(opened.schema, [...refused, ...taken, ...beside])
        const failure = await opened.store.write(batch).then(
          () => claim(false, 'a write whose sums overflow resolves'),
          (error: unknown) => error,
        )
        claim(isWriteFailure(failure), () => `a write whose sums overflow rejects with ${String(failure)}`)
        same(failure.retry, 'never', 'what the failure says of trying again')
        const list = (cells: readonly Cell[]): string[] =>
          cells.map((each) => `${each.interval} ${each.bucket} ${each.resolutionBucket}`).sort()
        same(list(failure.notApplied), list([...refused, beside[1]!]), 'the cells that were refused')
        for (const each of failure.notApplied)
          claim(
            [...refused, beside[1]!].some(({ change }) => isDeepStrictEqual(change, each.change)),
            () => `a cell is refused as a whole, not ${show(each)}`,
          )
        same(failure.maybeApplied, [], 'cells that may have been stored')
        const sums = grow.map((each, index) => ({ ...each, change: merge(each.change, taken[index]!.change) }))
        const query = { names: [name], interval: 'minute', range: { first: 0, last: 99 } }
        await expectCells(opened, query, [...stay, ...sums], 'after sums that overflow, and some that just do not')
        await expectCells(opened, { ...query, interval: 'hour' }, beside, 'the rest of the batch')
      }
    },
  }
}

function mostTest(type: 'count' | 'histogram'): DriverTest {
  return {
    title: `capabilities: ${type}: a change larger than the store accepts is refused, and the largest is kept`,
    async skip(context) {
      return (await context.capabilities()).maxChange === undefined ? 'capabilities.maxChange is absent' : null
    },
    async run(context) {
      const maxChange = (await context.capabilities()).maxChange!
      const opened = await usualCells(context, type)
      const name = context.name()
      const most = cell(name, 'minute', 3, 0, changeOf[type](maxChange))
      await write(opened, [most])
      await expectCells(opened, { names: [name], interval: 'minute', range: { first: 0, last: 9 } }, [most], 'the most')
      const { timeseries } = await context.timeseries(usualConfig(type))
      if (type !== 'count') return
      for (const change of [maxChange * 2, -maxChange * 2, MAX_VALUE])
        await failureOf(timeseries.insert(name, change), 'KAIROS_INVALID_VALUE', `a change of ${change}`)
    },
  }
}
