import type { OriginalType, Scalar } from '@kairos/core/driver'
import { type DriverTest, ofTypes } from '../driver-test.ts'
import { kinds } from '../internal/kinds.ts'
import { scalarsFor, valueTypesOf } from '../internal/scalars.ts'
import { TYPES } from '../internal/types.ts'
import { placeOf } from '../test-context.ts'
import { cell, expectCells, write } from './cells.ts'

export const valueTests: readonly DriverTest[] = ofTypes(TYPES, (type) =>
  valueTypesOf(type).map((valueType) => testOf(type, valueType)),
)

function testOf(type: OriginalType, valueType: string): DriverTest {
  const { merge, of } = kinds[type]
  return {
    title: `values: ${type} of ${valueType}: come back as they went in`,
    async run(context) {
      const config = { type, valueType, intervals: { minute: { step: 60 } } }
      const opened = await context.cells(config)
      const { capabilities } = await context.driver(placeOf(config))
      const scalars = scalarsFor(capabilities, type, valueType)
      const name = context.name()
      // Bucket 0 receives all of them at once, bucket 1 one after the other, and then each gets its own bucket.
      const backwards = [...scalars].reverse()
      const alone = scalars.map((scalar, index) => cell(name, 'minute', index + 10, 0, of([scalar])))
      await write(opened, [cell(name, 'minute', 0, 0, of(scalars)), ...alone])
      for (const some of inThrees(backwards)) await write(opened, [cell(name, 'minute', 1, 0, of(some))])
      const expected = [cell(name, 'minute', 0, 0, of(scalars)), cell(name, 'minute', 1, 0, of(backwards))]
      const range = { first: 0, last: scalars.length + 10 }
      const query = { names: [name], interval: 'minute', range }
      await expectCells(opened, query, [...expected, ...alone], `every ${valueType}`)
      await write(opened, [cell(name, 'minute', 0, 0, of(backwards)), ...alone])
      const twice = [
        cell(name, 'minute', 0, 0, merge(of(scalars), of(backwards))),
        expected[1]!,
        ...alone.map((each) => ({ ...each, change: merge(each.change, each.change) })),
      ]
      await expectCells(opened, query, twice, `every ${valueType}, written twice`)
    },
  }
}

function inThrees(scalars: readonly Scalar[]): Scalar[][] {
  const threes: Scalar[][] = []
  for (let index = 0; index < scalars.length; index += 3) threes.push(scalars.slice(index, index + 3))
  return threes
}
