import type { CellStore, StorageDriver, StoreSchema, TimeseriesType } from '@kairos/core/driver'
import { type DriverTest, ofTypes } from '../driver-test.ts'
import { kinds } from '../internal/kinds.ts'
import { openPatiently, retried } from '../internal/patient.ts'
import { claim, same } from '../internal/same.ts'
import { schemaOf } from '../internal/schema.ts'
import { ALL_TYPES } from '../internal/types.ts'
import { placeOf, type TestContext } from '../test-context.ts'
import { ALWAYS, cell, expectCells, expectNames, usualCells, write } from './cells.ts'

const INTERVALS = { minute: { step: 60 }, hour: { step: 3600, resolution: 60 } }
const RANGE = { first: 0, last: 10_000 }

export const dropTests: readonly DriverTest[] = ofTypes(ALL_TYPES, (type) =>
  testsOf(type).map((test) => ({
    ...test,
    async skip(context: TestContext) {
      const { store } = await usualCells(context, type)
      return store.drop === undefined ? 'the store has no drop' : null
    },
  })),
)

function testsOf(type: TimeseriesType): DriverTest[] {
  const { change } = kinds[type]
  const cells = (name: string) => [cell(name, 'minute', 3, 0, change(1)), cell(name, 'hour', 1, 61, change(2))]
  return [
    {
      title: `drop: ${type}: removes a timeseries and no other, and refuses who has it open`,
      async run(context) {
        const driver = await context.driver(placeOf({ type }))
        const schema = { ...(await schemaOf({ type, intervals: INTERVALS })), name: 'dropped' }
        const beside = { ...schema, name: 'Dropped' }
        const [gone, open, kept] = [
          await openWith(driver, schema),
          await openWith(driver, schema),
          await openWith(driver, beside),
        ]
        await kept.store.delete(null)
        await write(gone, cells('a'))
        await write(kept, cells('a'))
        await retried(() => gone.store.drop!(null))
        for (const store of [gone.store, open.store]) await expectRefused(store, schema)
        await expectCells(kept, { names: ['a'], interval: 'minute', range: RANGE }, cells('a').slice(0, 1), 'beside it')
        if (driver.discover !== undefined) {
          const names = (await driver.discover()).map(({ name }) => name)
          same(names.includes('dropped'), false, 'whether discover finds what was dropped')
          same(names.includes('Dropped'), true, 'whether discover finds what was not')
        }
        const again = await openWith(driver, schema)
        await expectCells(again, { names: ['a'], interval: 'minute', range: RANGE }, [], 'opened after the drop')
        await expectNames(again.store, { minute: ALWAYS, hour: ALWAYS }, [], 'opened after the drop')
        await write(again, cells('b'))
        await expectNames(again.store, { minute: ALWAYS, hour: ALWAYS }, ['b'], 'written after the drop')
        for (const { store } of [again, kept]) await retried(() => store.drop!(null))
      },
    },
    {
      title: `drop: ${type}: removes what is left of an interval that is not configured any more`,
      async run(context) {
        const driver = await context.driver(placeOf({ type }))
        const wide = { ...(await schemaOf({ type, intervals: INTERVALS })), name: 'narrowed' }
        const narrow = { ...(await schemaOf({ type, intervals: { minute: INTERVALS.minute } })), name: 'narrowed' }
        const [all, one] = [await openWith(driver, wide), await openWith(driver, narrow)]
        await write(all, cells('a'))
        await retried(() => one.store.drop!('hour'))
        await expectCells(
          one,
          { names: ['a'], interval: 'minute', range: RANGE },
          cells('a').slice(0, 1),
          'what is kept',
        )
        await expectRefused(all.store, wide)
        const { records } = await openPatiently(driver, narrow)
        same(Object.keys(records.intervals), ['minute'], 'the intervals that are recorded')
        const again = await openWith(driver, wide)
        await expectCells(again, { names: ['a'], interval: 'hour', range: RANGE }, [], 'the interval opened again')
        await retried(() => again.store.drop!(null))
      },
    },
  ]
}

async function openWith(
  driver: StorageDriver,
  schema: StoreSchema,
): Promise<{ store: CellStore; schema: StoreSchema }> {
  const { store } = await openPatiently(driver, schema)
  return { store, schema }
}

async function expectRefused(store: CellStore, schema: StoreSchema): Promise<void> {
  const [interval] = Object.keys(schema.intervals) as [string]
  const query = { names: ['a'], interval, range: RANGE }
  for (const call of [() => store.read(query), () => store.bounds(query)]) {
    const failure = await call().then(
      () => null,
      (error: unknown) => error,
    )
    const refused = failure instanceof Error && 'configChanged' in failure && failure.configChanged === true
    claim(refused, `a call of what was dropped rejects with configChanged, not ${String(failure)}`)
  }
}
