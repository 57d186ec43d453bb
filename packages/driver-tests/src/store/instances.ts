import type { TimeseriesType } from '@kairos/core/driver'
import { type DriverTest, ofTypes } from '../driver-test.ts'
import { kinds } from '../internal/kinds.ts'
import { same } from '../internal/same.ts'
import { ALL_TYPES } from '../internal/types.ts'
import { ALWAYS, cell, expectCells, expectNames, write } from './cells.ts'

const INTERVALS = { 'instances minute': { step: 60 }, 'instances hour': { step: 3600, resolution: 60 } }
const EVERY = { 'instances minute': ALWAYS, 'instances hour': ALWAYS }

/**
 * Two instances in alternation, each of which has read before the other writes: what a driver keeps from its last read, a snapshot or a cache, is stale by
 * then. No timer runs in between, since some stores release a snapshot only when the process is idle.
 */
export const instanceTests: readonly DriverTest[] = ofTypes(ALL_TYPES, testOf)

function testOf(type: TimeseriesType): DriverTest {
  const { change, merge } = kinds[type]
  return {
    title: `instances: ${type}: an acknowledged write is visible to the other instance at once`,
    async run(context) {
      const first = await context.cells({ type, intervals: INTERVALS })
      const second = await context.cells({ type, intervals: INTERVALS }, 1)
      const name = context.name()
      const query = { names: [name], interval: 'instances hour', range: { first: 0, last: 9 } }
      let expected = change(0)
      for (let round = 0; round < 6; round++) {
        // Twice each: an instance's own write may refresh what it relies on.
        const [writer, reader, who] =
          round % 4 < 2
            ? [first, second, 'written by the first instance, read by the second']
            : [second, first, 'written by the second instance, read by the first']
        if (round > 0) expected = merge(expected, change(round))
        await write(writer, [cell(name, 'instances hour', 3, 185, change(round))])
        await expectCells(reader, query, [cell(name, 'instances hour', 3, 185, expected)], `round ${round}, ${who}`)
      }
      const others = ['minute', 'hour'].map((suffix) => context.name(suffix))
      for (const [index, interval] of Object.keys(INTERVALS).entries()) {
        await expectNames(second.store, EVERY, [name, ...others.slice(0, index)], 'by the second instance')
        await write(first, [cell(others[index]!, interval, 2 - index, (2 - index) * 60, change(index))])
      }
      await expectNames(second.store, EVERY, [name, ...others], 'by the second instance')
      const both = { ...query, names: [name, others[1]!] }
      same(await second.store.bounds(both), { first: 1, last: 3 }, 'bounds by the second instance')
      await first.store.delete([name])
      const left = { first: 1, last: 1 }
      same(await second.store.bounds(both), left, 'bounds by the second instance, after the first deleted a name')
      await expectCells(second, query, [], 'deleted by the first instance, read by the second')
    },
  }
}
