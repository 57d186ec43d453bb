import type { CellReplacement, CellValue, ReplaceBatch, TimeseriesType } from '@kairos/core/driver'
import { type DriverTest, ofTypes } from '../driver-test.ts'
import { kinds } from '../internal/kinds.ts'
import { claim, same } from '../internal/same.ts'
import { ALL_TYPES } from '../internal/types.ts'
import type { OpenedCells, TestContext } from '../test-context.ts'
import { ALWAYS, batchOf, type Cell, cell, expectCells, expectNames, readCells, write } from './cells.ts'

const INTERVALS = { 'set minute': { step: 60 }, 'set hour': { step: 3600, resolution: 60 } }
const RANGE = { first: 0, last: 10_000 }

export const replaceCellTests: readonly DriverTest[] = ofTypes(ALL_TYPES, (type) =>
  testsOf(type).map((test) => ({
    ...test,
    async skip(context: TestContext) {
      const { replace } = await context.capabilities()
      if (replace === undefined) return 'capabilities.replace is absent'
      return test.needs === undefined || replace[test.needs] ? null : `capabilities.replace.${test.needs} is false`
    },
  })),
)

interface ReplaceTest extends DriverTest {
  readonly needs?: 'atomic' | 'expected'
}

function testsOf(type: TimeseriesType): ReplaceTest[] {
  const { change, merge } = kinds[type]
  return [
    {
      title: `replace: cells: ${type}: hold exactly the value, once and repeated`,
      async run(context) {
        const opened = await context.cells({ type, intervals: INTERVALS })
        const [name, other] = [context.name(), context.name()]
        const before = [
          cell(name, 'set minute', 1, 0, change(1)),
          cell(name, 'set minute', 2, 0, change(2)),
          cell(name, 'set hour', 1, 61, change(3)),
          cell(other, 'set minute', 1, 0, change(4)),
        ]
        await write(opened, before)
        const after = [
          cell(name, 'set minute', 1, 0, change(10)),
          cell(name, 'set minute', 9, 0, change(11)),
          cell(name, 'set hour', 1, 61, change(12)),
          cell(name, 'set hour', 1, 62, change(13)),
        ]
        const batch = replacements(opened, after)
        for (const round of ['once', 'twice']) {
          same((await opened.store.replace!(batch)).unexpected, [], `cells that were not replaced, ${round}`)
          const query = { names: [name, other], interval: 'set minute', range: RANGE }
          await expectCells(opened, query, [after[0]!, after[1]!, before[1]!, before[3]!], `replaced ${round}`)
          await expectCells(opened, { ...query, interval: 'set hour' }, after.slice(2), `replaced ${round}`)
          same(await opened.store.bounds({ ...query, names: [name] }), { first: 1, last: 9 }, `bounds, ${round}`)
        }
        await expectNames(opened.store, { 'set minute': ALWAYS }, [name, other], 'names after a replacement')
        // Later writes add to what is there now.
        await write(opened, [cell(name, 'set minute', 1, 0, change(5))])
        const added = cell(name, 'set minute', 1, 0, merge(change(10), change(5)))
        const query = { names: [name], interval: 'set minute', range: { first: 1, last: 1 } }
        await expectCells(opened, query, [added], 'written after a replacement')
      },
    },
    {
      title: `replace: cells: ${type}: null deletes`,
      async run(context) {
        const opened = await context.cells({ type, intervals: INTERVALS })
        const [name, other] = [context.name(), context.name()]
        const cells = [1, 2, 3].map((bucket) => cell(name, 'set minute', bucket, 0, change(bucket)))
        await write(opened, cells)
        const gone = (...buckets: number[]) =>
          batchOf(
            opened.schema,
            buckets.map((bucket) => ({ ...positionOf(cell(name, 'set minute', bucket, 0, change(0))), value: null })),
          )
        const query = { names: [name], interval: 'set minute', range: RANGE }
        await opened.store.replace!(gone(1, 7))
        await expectCells(opened, query, cells.slice(1), 'after one of three cells was replaced by null')
        same(await opened.store.bounds(query), { first: 2, last: 3 }, 'bounds after it')
        await opened.store.replace!(gone(1, 2, 3))
        await expectCells(opened, query, [], 'after all cells were replaced by null')
        same(await opened.store.bounds(query), null, 'bounds after it')
        await expectNames(opened.store, { 'set minute': ALWAYS }, [], 'after all cells were replaced by null')
        await write(opened, [cell(other, 'set minute', 1, 0, change(1))])
        await expectNames(opened.store, { 'set minute': ALWAYS }, [other], 'beside a name of which nothing is left')
      },
    },
    {
      title: `replace: cells: ${type}: seen by a second instance, which adds to it`,
      async run(context) {
        const first = await context.cells({ type, intervals: INTERVALS })
        const second = await context.cells({ type, intervals: INTERVALS }, 1)
        const name = context.name()
        const at = (seed: number) => cell(name, 'set minute', 4, 0, change(seed))
        const query = { names: [name], interval: 'set minute', range: RANGE }
        await write(second, [at(1)])
        for (let round = 0; round < 4; round++) {
          await first.store.replace!(replacements(first, [at(10 + round)]))
          await expectCells(
            second,
            query,
            [at(10 + round)],
            `round ${round}: replaced by the first, read by the second`,
          )
          await write(second, [at(20)])
          const added = { ...at(0), change: merge(change(10 + round), change(20)) }
          await expectCells(first, query, [added], `round ${round}: added to by the second, read by the first`)
        }
      },
    },
    {
      title: `replace: cells: ${type}: many at once`,
      async run(context) {
        const opened = await context.cells({ type, intervals: INTERVALS })
        const names = [context.name('a'), context.name('b'), context.name('c')]
        const cells = names.flatMap((name) =>
          Array.from({ length: 700 }, (_, bucket) => cell(name, 'set minute', bucket, 0, change(bucket))),
        )
        await write(opened, cells)
        const odd = cells.map((each) => ({
          ...positionOf(each),
          value: each.bucket % 2 === 0 ? null : change(each.bucket + 1),
        }))
        await opened.store.replace!(batchOf(opened.schema, odd))
        const left = odd.flatMap(({ value, ...position }) => (value === null ? [] : [{ ...position, change: value }]))
        await expectCells(opened, { names, interval: 'set minute', range: RANGE }, left, 'after 2,100 replacements')
      },
    },
    {
      title: `replace: cells: ${type}: only what is expected`,
      needs: 'expected',
      async run(context) {
        const opened = await context.cells({ type, intervals: INTERVALS })
        const name = context.name()
        const at = (bucket: number, seed: number) => cell(name, 'set minute', bucket, 0, change(seed))
        await write(opened, [at(1, 1), at(2, 2), at(3, 3), at(4, 4)])
        const expecting = (bucket: number, value: CellValue | null, expected: CellValue | null): CellReplacement => ({
          ...positionOf(at(bucket, 0)),
          value,
          expected,
        })
        const batch = batchOf(opened.schema, [
          expecting(1, change(11), change(1)),
          expecting(2, change(12), change(99)),
          expecting(3, null, change(3)),
          expecting(4, null, change(99)),
          expecting(5, change(15), null),
          expecting(6, change(16), change(1)),
        ])
        const { unexpected } = await opened.store.replace!(batch)
        same(
          unexpected.map(({ bucket }) => bucket).sort((a, b) => a - b),
          [2, 4, 6],
          'buckets that held something else',
        )
        const query = { names: [name], interval: 'set minute', range: RANGE }
        const after = [at(1, 11), at(2, 2), at(4, 4), at(5, 15)]
        await expectCells(opened, query, after, 'after replacements of what was expected')
        // A cell that holds the new value does not hold what was expected: another process may have put it there.
        const again = await opened.store.replace!(batch)
        same(
          again.unexpected.map(({ bucket }) => bucket).sort((a, b) => a - b),
          [1, 2, 3, 4, 5, 6],
          'unexpected, repeated',
        )
        await expectCells(opened, query, after, 'the same once more')
      },
    },
    {
      title: `replace: cells: ${type}: of many who expect the same, one wins, also if all set the same`,
      needs: 'expected',
      async run(context) {
        const [first, second] = [
          await context.cells({ type, intervals: INTERVALS }),
          await context.cells({ type, intervals: INTERVALS }, 1),
        ]
        const name = context.name()
        const query = { names: [name], interval: 'set minute', range: RANGE }
        const at = (seed: number) => cell(name, 'set minute', 1, 0, change(seed))
        await write(first, [at(0)])
        for (let round = 0; round < 5; round++) {
          const found = [...(await readCells(first, query)).values()][0]!
          const receipts = await Promise.all(
            Array.from({ length: 8 }, (_, index) => {
              const own = index % 2 === 0 ? first : second
              const value = change(100 + round * 10 + (round % 2 === 0 ? index : 0))
              return own.store.replace!(batchOf(own.schema, [{ ...positionOf(at(0)), value, expected: found }]))
            }),
          )
          same(receipts.filter(({ unexpected }) => unexpected.length === 0).length, 1, `round ${round}: how many won`)
        }
      },
    },
    {
      title: `replace: cells: ${type}: atomic beside readers`,
      needs: 'atomic',
      async run(context) {
        const opened = await context.cells({ type, intervals: INTERVALS })
        const name = context.name()
        const at = (seed: number) => cell(name, 'set minute', 1, 0, change(seed))
        const query = { names: [name], interval: 'set minute', range: RANGE }
        await write(opened, [at(0)])
        let replacing = true
        const read = async (): Promise<void> => {
          while (replacing) {
            const found = await readCells(opened, query)
            claim(found.size === 1, 'a reader sees a cell at any time')
            const whole = Array.from({ length: 31 }, (_, seed) => change(seed))
            const value = [...found.values()][0]
            claim(
              whole.some((each) => isSame(each, value)),
              () => `a reader sees one of the values, not ${String(value)}`,
            )
          }
        }
        const replace = async (): Promise<void> => {
          for (let seed = 1; seed <= 30; seed++) await opened.store.replace!(replacements(opened, [at(seed)]))
        }
        const replaced = replace().finally(() => {
          replacing = false
        })
        await Promise.all([replaced, read(), read(), read()])
        await expectCells(opened, query, [at(30)], 'after the last replacement')
      },
    },
  ]
}

function isSame(one: unknown, other: unknown): boolean {
  try {
    same(one, other, '')
    return true
  } catch {
    return false
  }
}

function positionOf({ change: _, ...position }: Cell): Omit<Cell, 'change'> {
  return position
}

function replacements(opened: OpenedCells, cells: readonly Cell[]): ReplaceBatch {
  return batchOf(
    opened.schema,
    cells.map((each) => ({ ...positionOf(each), value: each.change })),
  )
}
