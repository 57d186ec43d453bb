import type { OriginalType, StoreSchema } from '@kairos/core/driver'
import { type DriverTest, ofTypes } from '../driver-test.ts'
import { kinds } from '../internal/kinds.ts'
import { openPatiently } from '../internal/patient.ts'
import { same } from '../internal/same.ts'
import { schemaOf } from '../internal/schema.ts'
import { TYPES } from '../internal/types.ts'
import { placeOf } from '../test-context.ts'
import { type Cell, cell, expectCells, write } from './cells.ts'

/** How many hours these days have: a usual one, two changes of the clock, and one that came twice. */
const HOURS = new Map([
  [20240330, 24],
  [20240331, 23],
  [20241027, 25],
  [20241231, 48],
])
const MOST = 48

/** Days of a zone: their hours count from 0 in each of them. */
export const localResolutionTests: readonly DriverTest[] = ofTypes(TYPES, (type: OriginalType) => ({
  title: `zones: ${type}: resolution buckets that count from 0 in each bucket`,
  async run(context) {
    const { change } = kinds[type]
    const schema = withLocalHours(
      await schemaOf({ type, intervals: { 'hours from 0': { step: 'daily', resolution: '1h' } } }),
    )
    const { store } = await openPatiently(await context.driver(placeOf({ type })), schema)
    const opened = { store, schema }
    const name = context.name()
    const cells = [...HOURS].flatMap(([day, hours]) =>
      Array.from({ length: hours }, (_, hour) => cell(name, 'hours from 0', day, hour, change(day + hour))),
    )
    await store.delete([name])
    await write(opened, cells)
    const within = (first: number, last: number): Cell[] =>
      cells.filter(({ bucket }) => bucket >= first && bucket <= last)
    for (const [first, last] of [
      [20240330, 20240330],
      [20240331, 20240331],
      [20240330, 20241231],
      [20240401, 20241027],
      [20241231, 20250131],
    ] as const) {
      const query = { names: [name], interval: 'hours from 0', range: { first, last } }
      await expectCells(opened, query, within(first, last), 'hours of local days')
    }
    const query = { names: [name], interval: 'hours from 0', range: { first: 20240101, last: 20250101 } }
    same(await store.bounds(query), { first: 20240330, last: 20241231 }, 'bounds of local days')
    await store.deleteRange({ ...query, range: { first: 20241027, last: 20241027 } })
    await expectCells(
      opened,
      query,
      cells.filter(({ bucket }) => bucket !== 20241027),
      'after a long day was deleted',
    )
    await store.delete([name])
  },
}))

function withLocalHours(schema: StoreSchema): StoreSchema {
  const own = schema.intervals['hours from 0']!
  const interval = {
    ...own,
    record: own.record.replace('}', ',"zone":"Test/Local"}'),
    fanOut: MOST,
    resolutionRange: (bucket: number) => ({ first: 0, last: (HOURS.get(bucket) ?? 24) - 1 }),
  }
  return { ...schema, intervals: { 'hours from 0': interval } }
}
