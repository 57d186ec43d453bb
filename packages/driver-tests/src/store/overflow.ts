import type { CellValue } from '@kairos/core/driver'
import { type DriverTest, ofTypes } from '../driver-test.ts'
import { failureOf } from '../internal/agree.ts'
import { kinds } from '../internal/kinds.ts'
import { isWriteFailure } from '../internal/patient.ts'
import { claim, same } from '../internal/same.ts'
import { batchOf, type Cell, cell, expectCells, usualCells, usualConfig, write } from './cells.ts'

export const overflowTests: readonly DriverTest[] = ofTypes(
  (type) => [overflowTest(type as 'count'), mostTest(type as 'count')],
  ['count', 'histogram'],
)

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

/** Such a number as a change: a count of that size, or a value that occurred that often. */
const changeOf = {
  count: (number: number): CellValue => number,
  histogram: (number: number): CellValue => new Map([[1, number] as const, [2, 1] as const]),
} as const

function overflowTest(type: 'count' | 'histogram'): DriverTest {
  const { merge } = kinds[type]
  // How often a value occurred is never negative.
  const signs = type === 'count' ? [1, -1] : [1]
  return {
    title: `merge: ${type}: a sum beyond the finite doubles is refused, and the rest of the batch is stored`,
    async skip(context) {
      const { maxChange } = await context.capabilities()
      return maxChange === undefined ? null : `capabilities.maxChange is ${maxChange}, of which no sum overflows`
    },
    async run(context) {
      const opened = await usualCells(context, type)
      for (const sign of signs) {
        const name = context.name()
        const cellsOf = (pairs: readonly (readonly [number, number])[], which: 0 | 1, from: number): Cell[] =>
          pairs.map((pair, index) => cell(name, 'minute', from + index, 0, changeOf[type](sign * pair[which])))
        const [stay, grow] = [cellsOf(overflows, 0, 0), cellsOf(fits, 0, 10)]
        const beside = cell(name, 'hour', 0, 3, changeOf[type](1))
        await write(opened, [...stay, ...grow])
        const [refused, taken] = [cellsOf(overflows, 1, 0), cellsOf(fits, 1, 10)]
        const batch = batchOf(opened.schema, [...refused, ...taken, beside])
        const failure = await opened.store.write(batch).then(
          () => claim(false, 'a write whose sums overflow resolves'),
          (error: unknown) => error,
        )
        claim(isWriteFailure(failure), () => `a write whose sums overflow rejects with ${String(failure)}`)
        same(failure.retry, 'never', 'what the failure says of trying again')
        same(
          failure.notApplied.map(({ bucket }) => bucket).sort(),
          refused.map(({ bucket }) => bucket),
          'the buckets that were refused',
        )
        same(failure.maybeApplied, [], 'cells that may have been stored')
        const sums = grow.map((each, index) => ({ ...each, change: merge(each.change, taken[index]!.change) }))
        const query = { names: [name], interval: 'minute', range: { first: 0, last: 99 } }
        // A histogram's cell may be split by its values: then the failure lists a copy with those that were refused.
        const left = stay.map((each, index) => {
          const taken = without(
            refused[index]!.change,
            failure.notApplied.find(({ bucket }) => bucket === each.bucket)!.change,
          )
          return taken === null ? each : { ...each, change: merge(each.change, taken) }
        })
        await expectCells(opened, query, [...left, ...sums], 'after sums that overflow, and some that just do not')
        await expectCells(opened, { ...query, interval: 'hour' }, [beside], 'the rest of the batch')
      }
    },
  }
}

/** What a change keeps without its refused part; null: nothing. */
function without(change: CellValue, refused: CellValue): CellValue | null {
  if (!(change instanceof Map) || !(refused instanceof Map)) return null
  const kept = [...change].filter(([value]) => !refused.has(value))
  return kept.length === 0 ? null : new Map(kept)
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
