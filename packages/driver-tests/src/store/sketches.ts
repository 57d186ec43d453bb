import type { SummaryValue } from '@kairos/core/driver'
import type { DriverTest } from '../driver-test.ts'
import { kinds } from '../internal/kinds.ts'
import { claim } from '../internal/same.ts'
import { cell, expectCells, usualCells, write } from './cells.ts'

const ONE = { first: 3, last: 3 }

/** What only summaries, distributions and uniques have. */
export const sketchTests: readonly DriverTest[] = [
  {
    types: ['summary'],
    title: 'merge: summary: the last value is that of the latest timestamp and, at the same one, that written last',
    async run(context) {
      const opened = await usualCells(context, 'summary')
      const name = context.name()
      const at = (value: number, lastAt: number): SummaryValue => ({
        count: 1,
        sum: value,
        min: value,
        max: value,
        last: value,
        lastAt,
      })
      const changes = [at(5, 1_700_000_000.25), at(-2, 1_700_000_000), at(7, 1_700_000_000.25), at(1, -62_135_596_800)]
      for (const change of changes) await write(opened, [cell(name, 'minute', 3, 0, change)])
      const expected = { count: 4, sum: 11, min: -2, max: 7, last: 7, lastAt: 1_700_000_000.25 }
      await expectCells(
        opened,
        { names: [name], interval: 'minute', range: ONE },
        [cell(name, 'minute', 3, 0, expected)],
        'after four values',
      )
    },
  },
  {
    types: ['summary'],
    title: 'merge: summary: a sum beyond the finite doubles is refused, and the cell stays as it was',
    async skip(context) {
      const { maxChange } = await context.capabilities()
      return maxChange === undefined ? null : `capabilities.maxChange is ${maxChange}, of which no sum overflows`
    },
    async run(context) {
      const opened = await usualCells(context, 'summary')
      const name = context.name()
      const large = { ...(kinds.summary.of([1]) as SummaryValue), sum: 1.7e308, min: 1.7e308, max: 1.7e308 }
      const before = cell(name, 'minute', 3, 0, large)
      await write(opened, [before])
      const beside = cell(name, 'minute', 4, 0, kinds.summary.change(1))
      const failure = await write(opened, [before, beside]).catch((error: unknown) => error)
      claim(failure !== undefined, 'a sum beyond the finite doubles must be refused')
      await expectCells(
        opened,
        { names: [name], interval: 'minute', range: { first: 3, last: 4 } },
        [before, beside],
        'after it was refused',
      )
    },
  },
  {
    types: ['unique'],
    title: 'merge: unique: registers become dense when that is shorter, and the same again changes nothing',
    async run(context) {
      const opened = await usualCells(context, 'unique')
      const name = context.name()
      const query = { names: [name], interval: 'minute', range: ONE }
      const { of, join } = kinds.unique
      const changes = [0, 600, 1_200, 300].map((from) =>
        of(Array.from({ length: 700 }, (_, index) => (from + index) / 2)),
      )
      for (const [index, change] of changes.entries()) {
        const expected = cell(name, 'minute', 3, 0, join(changes.slice(0, index + 1)))
        for (const round of ['once', 'twice']) {
          await write(opened, [cell(name, 'minute', 3, 0, change)])
          await expectCells(opened, query, [expected], `change ${index}, ${round}`)
        }
      }
    },
  },
]
