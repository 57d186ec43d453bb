import type { OpenOptions, OriginalType, Records, StorageDriver, StoreSchema } from '@kairos/core/driver'
import { type DriverTest, ofTypes } from '../driver-test.ts'
import { kinds } from '../internal/kinds.ts'
import { openPatiently } from '../internal/patient.ts'
import { openAnew, replacing } from '../internal/recorded.ts'
import { claim, same } from '../internal/same.ts'
import { schemaOf } from '../internal/schema.ts'
import { TYPES } from '../internal/types.ts'
import { placeOf, type TestContext } from '../test-context.ts'
import { ALWAYS, cell, expectCells, expectNames, write } from './cells.ts'

const RANGE = { first: 0, last: 100_000 }

/** A place whose schema changes, which no other test uses. */
export const CHANGING = 'changing'

export const recordTests: readonly DriverTest[] = [
  ...ofTypes(TYPES, testsOf),
  {
    types: ['series'],
    title: 'open: a schema is replaced only if it is unchanged, and all cells go with it',
    async run(context) {
      const [first, second] = [await context.driver(CHANGING), await context.driver(CHANGING, 1)]
      const intervals = { minute: { step: 60 }, hour: { step: 3600 } }
      const numbers = await openAnew(first, { type: 'series', valueType: 'float', intervals })
      await write(numbers, [cell('a', 'minute', 5, 0, [1, 2.5]), cell('b', 'hour', 6, 0, [3])])
      const strings = await schemaOf({ type: 'series', valueType: 'string', intervals: { minute: { step: 60 } } })
      same(
        (await openPatiently(second, strings)).records,
        numbers.records,
        'the records, opened with another valueType',
      )
      const unlike = { schema: strings.record }
      same(
        (await openPatiently(second, strings, replacing(unlike, numbers.records))).records.schema,
        numbers.schema.record,
        'the schema, seen as another one',
      )
      await expectCells(
        numbers,
        { names: ['a'], interval: 'minute', range: RANGE },
        [cell('a', 'minute', 5, 0, [1, 2.5])],
        'not replaced',
      )

      const replaced = await openPatiently(second, strings, replacing(numbers.records, numbers.records))
      same(replaced.records.schema, strings.record, 'the schema, replaced')
      same(
        replaced.records.intervals.minute,
        strings.intervals.minute!.record,
        'the record of an interval of the new schema',
      )
      const opened = { store: replaced.store, schema: strings }
      await expectCells(
        opened,
        { names: ['a', 'b'], interval: 'minute', range: RANGE },
        [],
        'after the schema was replaced',
      )
      await expectNames(opened.store, { minute: ALWAYS }, [], 'after the schema was replaced')
      const text = cell('a', 'minute', 5, 0, ['1', 'two', '{}'])
      await write(opened, [text])
      await expectCells(
        opened,
        { names: ['a'], interval: 'minute', range: RANGE },
        [text],
        'written under the new schema',
      )

      const back = await openAnew(second, { type: 'series', valueType: 'float', intervals })
      await expectNames(back.store, { minute: ALWAYS, hour: ALWAYS }, [], 'after the schema was changed back')
    },
  },
]

function testsOf(type: OriginalType): DriverTest[] {
  const { change } = kinds[type]
  const place = placeOf({ type })
  const configured = (intervals: Record<string, { step: number; resolution?: number }>) => ({ type, intervals })
  return [
    {
      title: `open: ${type}: missing records are added, and existing ones are not altered`,
      async run(context) {
        const driver = await context.driver(place)
        const first = await openAnew(driver, configured({ 'open one': { step: 60 }, 'open two': { step: 3600 } }))
        expectRecords(first.records, first.schema, 'the records of what was opened')
        await write(first, [cell('a', 'open one', 5, 0, change(1)), cell('a', 'open two', 5, 0, change(2))])
        const other = await schemaOf(
          configured({ 'open one': { step: 300 }, 'open two': { step: 3600, resolution: 60 } }),
        )
        for (const each of [driver, await context.driver(place, 1), driver]) {
          expectRecords(
            (await openPatiently(each, other)).records,
            first.schema,
            'the records, opened with other steps',
          )
        }
        const narrow = await schemaOf(configured({ 'open one': { step: 60 } }))
        expectRecords(
          (await openPatiently(driver, narrow)).records,
          first.schema,
          'the records, opened with fewer intervals',
        )
        const query = { names: ['a'], interval: 'open one', range: RANGE }
        await expectCells(first, query, [cell('a', 'open one', 5, 0, change(1))], 'after it was opened again')
      },
    },
    {
      title: `open: ${type}: an interval is replaced only if its record is unchanged, and its cells go with it`,
      async run(context) {
        const [one, two] = [await context.driver(place), await context.driver(place, 1)]
        const before = await openAnew(one, configured({ 'swap one': { step: 60 }, 'swap two': { step: 3600 } }))
        const cells = [cell('a', 'swap one', 5, 0, change(1)), cell('b', 'swap two', 6, 0, change(2))]
        await write(before, cells)
        const schema = await schemaOf(
          configured({ 'swap one': { step: 300, resolution: 60 }, 'swap two': { step: 3600 } }),
        )
        const seen = { 'swap one': before.schema.intervals['swap one']!.record }

        const unlike = { intervals: { 'swap one': schema.intervals['swap one']!.record } }
        expectRecords(
          (await openPatiently(two, schema, replacing(unlike, before.records))).records,
          before.schema,
          'the records, one of them seen as another',
        )
        await expectCells(
          before,
          { names: ['a'], interval: 'swap one', range: RANGE },
          cells.slice(0, 1),
          'not replaced',
        )

        const { store, records } = await openPatiently(two, schema, replacing({ intervals: seen }, before.records))
        expectRecords(records, schema, 'the records, one of them replaced')
        const after = { store, schema }
        await expectCells(
          after,
          { names: ['a', 'b'], interval: 'swap one', range: RANGE },
          [],
          'what was left under the replaced record',
        )
        await expectCells(
          after,
          { names: ['a', 'b'], interval: 'swap two', range: RANGE },
          cells.slice(1),
          'an interval that was not replaced',
        )
        await expectNames(store, { 'swap one': ALWAYS, 'swap two': ALWAYS }, ['b'], 'after the replacement')
        const fresh = cell('a', 'swap one', 5, 26, change(7))
        await write(after, [fresh])
        await expectCells(
          after,
          { names: ['a'], interval: 'swap one', range: RANGE },
          [fresh],
          'written under the new record',
        )
        expectRecords(
          (await openPatiently(one, schema, replacing({ intervals: seen }, before.records))).records,
          schema,
          'the records, replaced by who came late',
        )
        await expectCells(
          after,
          { names: ['a'], interval: 'swap one', range: RANGE },
          [fresh],
          'after somebody came late',
        )
      },
    },
    {
      title: `open: ${type}: when many record at once, one wins, and all see its record`,
      async run(context) {
        const drivers = [await context.driver(place), await context.driver(place, 1)]
        const steps = [60, 120, 180, 240, 300, 360]
        // A replacement is a race too: all processes have seen the same record.
        const { schema, records } = await openAnew(drivers[0]!, configured({ race: { step: 30 } }))
        const options = replacing({ intervals: { race: schema.intervals.race!.record } }, records)
        const opened = await Promise.all(
          steps.map(async (step, index) =>
            openRace(drivers[index % 2]!, await schemaOf(configured({ race: { step } })), options),
          ),
        )
        const current = (await openPatiently(drivers[0]!, schema)).records.intervals.race
        same(
          opened,
          steps.map(() => current),
          'the record that each of many was given',
        )
        claim(current !== schema.intervals.race!.record, 'none of many replacements was made')
        await openFresh(context, type)
      },
    },
  ]
}

async function openRace(
  driver: StorageDriver,
  schema: Parameters<StorageDriver['open']>[0],
  options: OpenOptions,
): Promise<string | undefined> {
  return (await openPatiently(driver, schema as StoreSchema, options)).records.intervals.race
}

/** The place that four drivers open together. */
export function openedTogether(type: OriginalType): string {
  return `opened_${type}`
}

/** Drivers that open a place together, which may not exist yet. */
async function openFresh(context: TestContext, type: OriginalType): Promise<void> {
  const place = openedTogether(type)
  const drivers = await Promise.all([0, 1, 2, 3].map(() => context.ownDriver(place)))
  const schema = await schemaOf({ type, intervals: { minute: { step: 60 }, hour: { step: 3600, resolution: 60 } } })
  const { change } = kinds[type]
  // Each opens it more than once, as timeseries that share a driver do, and writes as soon as it may.
  const opened = await Promise.all(
    [...drivers, ...drivers, ...drivers].map(async (driver, index) => {
      const one = await openPatiently(driver, schema)
      await write({ store: one.store, schema }, [cell(`opener ${index}`, 'minute', 5, 0, change(index))])
      return one
    }),
  )
  for (const { records } of opened)
    expectRecords(records, schema, 'the records of four drivers that open one place together')
  for (const [index, { store }] of opened.entries()) {
    const written = cell(`opener ${index}`, 'minute', 5, 0, change(index))
    const query = { names: [written.name], interval: 'minute', range: RANGE }
    await expectCells({ store, schema }, query, [written], 'written while others opened')
  }
  for (const { store } of opened) await store.delete(null)
  await Promise.all(drivers.map((driver) => driver.close()))
}

function expectRecords(records: Records, schema: Parameters<StorageDriver['open']>[0], what: string): void {
  same(records.schema, schema.record, `${what}: the schema's`)
  for (const [interval, { record }] of Object.entries(schema.intervals)) {
    same(records.intervals[interval], record, `${what}: that of the interval "${interval}"`)
  }
}
