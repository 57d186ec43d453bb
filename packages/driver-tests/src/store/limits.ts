import type { Capabilities, OriginalType } from '@kairos/core/driver'
import { type DriverTest, ofTypes } from '../driver-test.ts'
import { kinds } from '../internal/kinds.ts'
import { fits, isNameFor, valueTypesOf } from '../internal/scalars.ts'
import { TYPES } from '../internal/types.ts'
import { placeOf } from '../test-context.ts'
import { ALWAYS, cell, expectCells, expectNames, write } from './cells.ts'

/** One to four bytes each in UTF-8, and those that a driver may have to encode with more. */
const CHARACTERS = ['a', ' ', '\u00e9', '\u20ac', '🙂', '\0', '.', '$', ':', "'", '\\', '%', '\uffff']

/** The length of strings in these tests if the driver has no limit. */
const LONGEST = 1_000

export const limitTests: readonly DriverTest[] = ofTypes(TYPES, testsOf)

function testsOf(type: OriginalType): DriverTest[] {
  const { change, merge, of } = kinds[type]
  const names: DriverTest = {
    title: `limits: ${type}: names as long as the capabilities allow`,
    async run(context) {
      const config = { type, intervals: { 'limits minute': { step: 60 } } }
      const opened = await context.cells(config)
      const { capabilities } = await context.driver(placeOf(config))
      await opened.store.delete(null)
      const names = CHARACTERS.map((character) => longest(character, (name) => isNameFor(capabilities, name)))
      // The same up to the last character: truncating the names would merge them.
      const others = names.map((name) => `${name.slice(0, -2)}-`)
      const all = [...names, ...others]
      const cells = all.map((name, index) => cell(name, 'limits minute', 3, 0, change(index)))
      await write(opened, cells)
      await write(opened, cells)
      const expected = cells.map((each) => ({ ...each, change: merge(each.change, each.change) }))
      const query = { names: all, interval: 'limits minute', range: { first: 3, last: 3 } }
      await expectCells(opened, query, expected, describeLimits(capabilities))
      await expectNames(opened.store, { 'limits minute': ALWAYS }, all, describeLimits(capabilities))
      await opened.store.delete(names)
      await expectNames(opened.store, { 'limits minute': ALWAYS }, others, 'after the others were deleted')
      await opened.store.delete(null)
    },
  }
  const values = (valueType: string): DriverTest => ({
    title: `limits: ${type}: values of ${valueType} as long as the capabilities allow`,
    async run(context) {
      const config = { type, valueType, intervals: { minute: { step: 60 } } }
      const opened = await context.cells(config)
      const { capabilities } = await context.driver(placeOf(config))
      const values = CHARACTERS.map((character) =>
        longest(character, (text) => fits(capabilities, type, valueType, text)),
      )
      const name = context.name()
      const all = [...values, ...values.map((text) => `${text.slice(0, -2)}-`)]
      const cells = all.map((text, bucket) => cell(name, 'minute', bucket + 1, 0, of([text])))
      cells.push(cell(name, 'minute', 0, 0, of(all)))
      await write(opened, cells)
      const query = { names: [name], interval: 'minute', range: { first: 0, last: all.length } }
      await expectCells(opened, query, cells, describeLimits(capabilities))
    },
  })
  const valueTypes = valueTypesOf(type).filter((valueType) => valueType === 'string' || valueType === 'text')
  return [names, ...valueTypes.map(values)]
}

/** By halves, since what is allowed up to one length is refused beyond it. */
function longest(character: string, isAllowed: (text: string) => boolean): string {
  let [length, refused] = isAllowed(character.repeat(LONGEST)) ? [LONGEST, LONGEST + 1] : [0, LONGEST]
  while (refused - length > 1) {
    const middle = (length + refused) >> 1
    if (isAllowed(character.repeat(middle))) length = middle
    else refused = middle
  }
  return character.repeat(length)
}

function describeLimits({ maxStringLength, maxNameBytes, maxKeyBytes }: Capabilities): string {
  return `with the capabilities ${JSON.stringify({ maxStringLength, maxNameBytes, maxKeyBytes })}`
}
