import type { OriginalType } from '@kairos/core/driver'
import { type DriverTest, ofTypes } from '../driver-test.ts'
import { kinds } from '../internal/kinds.ts'
import { TYPES } from '../internal/types.ts'
import { ALWAYS, type Cell, cell, expectCells, expectNames, write } from './cells.ts'

/** What authors put between the parts of a key; the last is for those who forget. */
const SEPARATORS = [':', '/', '.', '|', '-', '_', ',', ' ', '\0', '\u0001', '\u001f', '\uffff', '']

/** `a`, `b:c` and `a:b`, `c` are the same text when joined by `:`, and so are `a`, `1`, 23 and `a`, `12`, 3 when joined by nothing. */
const INTERVALS = ['c', 'c1', 'c12', ...SEPARATORS.map((separator) => `b${separator}c`)]
const NAMES = ['a', ...SEPARATORS.map((separator) => `a${separator}b`)]
const BUCKETS = [3, 23, 123]
const RANGE = { first: 0, last: 1_000 }

export const joinedTests: readonly DriverTest[] = ofTypes(TYPES, testOf)

function testOf(type: OriginalType): DriverTest {
  const { change } = kinds[type]
  return {
    title: `names: ${type}: names, intervals and buckets that look alike when joined stay separate`,
    async run(context) {
      const intervals = Object.fromEntries(INTERVALS.map((interval) => [interval, { step: 60 }]))
      const opened = await context.cells({ type, intervals })
      await opened.store.delete(null)
      const cells = INTERVALS.flatMap((interval, seed) =>
        NAMES.flatMap((name, index) =>
          BUCKETS.map((bucket) => cell(name, interval, bucket, 0, change(seed * 1_000 + index * 10 + bucket))),
        ),
      )
      await write(opened, cells)
      const expectOf = (names: readonly string[], left: readonly Cell[], what: string) =>
        Promise.all(
          INTERVALS.map((interval) => {
            const inside = left.filter((each) => each.interval === interval && names.includes(each.name))
            return expectCells(opened, { names, interval, range: RANGE }, inside, what)
          }),
        )
      await expectOf(NAMES, cells, 'all names at once')
      await expectOf(['a'], cells, 'the shortest name alone')
      await opened.store.delete(['a'])
      const left = cells.filter(({ name }) => name !== 'a')
      await expectOf(NAMES, left, 'after the shortest name was deleted')
      await expectNames(opened.store, { c: ALWAYS }, NAMES.slice(1), 'after the shortest name was deleted')
      await opened.store.delete(null)
    },
  }
}
