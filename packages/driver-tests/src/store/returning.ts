import type { WriteReceipt } from '@kairos/core/driver'
import type { DriverTest } from '../driver-test.ts'
import { same } from '../internal/same.ts'
import type { OpenedCells, TestContext } from '../test-context.ts'
import { batchOf, type Cell, cell, usualCells, write } from './cells.ts'

const CALLERS = 40

export const returningTests: readonly DriverTest[] = [
  {
    title: 'returning: what each count is after the write, in the order of the cells',
    types: ['count'],
    skip,
    async run(context) {
      const opened = await usualCells(context, 'count')
      const [one, other] = [context.name('a'), context.name('b')]
      await write(opened, [cell(one, 'minute', 1, 0, 10), cell(other, 'minute', 2, 0, 5)])
      const cells = [
        cell(one, 'minute', 1, 0, 1),
        cell(one, 'minute', 2, 0, 2),
        cell(other, 'minute', 2, 0, -7),
        cell(other, 'minute', 3, 0, 0),
      ]
      same(await countsOf(opened, cells), [11, 2, -2, 0], 'counts after the first write')
      same(await countsOf(opened, cells), [12, 4, -9, 0], 'counts after the second')
    },
  },
  {
    title: `returning: ${CALLERS} add to one count at once, and each gets another number`,
    types: ['count'],
    skip,
    async run(context) {
      const instances = [await usualCells(context, 'count'), await usualCells(context, 'count', 1)]
      const name = context.name()
      const counts = await Promise.all(
        Array.from({ length: CALLERS }, (_, index) => countsOf(instances[index % 2]!, [cell(name, 'minute', 7, 0, 1)])),
      )
      const expected = Array.from({ length: CALLERS }, (_, index) => index + 1)
      same(
        counts.flat().sort((a, b) => a - b),
        expected,
        'the counts that callers got',
      )
    },
  },
]

async function skip(context: TestContext): Promise<string | null> {
  const { returning } = await context.capabilities()
  return returning ? null : 'capabilities.returning is absent'
}

async function countsOf({ store, schema }: OpenedCells, cells: readonly Cell[]): Promise<readonly number[]> {
  const receipt = (await store.write({ ...batchOf(schema, cells), returning: true })) as WriteReceipt | undefined
  return receipt?.counts ?? []
}
