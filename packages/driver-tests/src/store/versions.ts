import type { StoreSchema } from '@kairos/core/driver'
import { type DriverTest, ofTypes } from '../driver-test.ts'
import { failureOf } from '../internal/agree.ts'
import { createAnyTimeseries } from '../internal/any-timeseries.ts'
import { kinds } from '../internal/kinds.ts'
import { openPatiently } from '../internal/patient.ts'
import { replacing } from '../internal/recorded.ts'
import { same } from '../internal/same.ts'
import { schemaOf } from '../internal/schema.ts'
import { NOW, placeOf } from '../test-context.ts'
import { cell, expectCells, write } from './cells.ts'

const INTERVAL = 'later'
/** Records as a later Kairos may write them. */
const LATER = ['{"version":2,"step":60}', '{"version":1,"step":60,"phase":7}', 'no JSON at all']

/** A record that this version cannot read stays, with its cells, however old they look. */
export const versionTests: readonly DriverTest[] = ofTypes(['count', 'series'], (type) => ({
  title: `open: ${type}: under a record of a later version, opening is refused and nothing changes`,
  async run(context) {
    const driver = await context.driver(placeOf({ type }))
    // Under its own configuration, recorded data never expires; under the one that opens, it expired long ago.
    const schema = await schemaOf({ type, intervals: { [INTERVAL]: { step: 60 } } })
    const config = { type, intervals: { [INTERVAL]: { step: 60, steps: 2 } }, now: () => NOW }
    const { change } = kinds[type]
    const query = { names: ['a'], interval: INTERVAL, range: { first: 0, last: 9 } }
    for (const record of LATER) {
      const { [INTERVAL]: interval } = schema.intervals
      const later: StoreSchema = { ...schema, intervals: { [INTERVAL]: { ...interval!, record } } }
      const before = (await openPatiently(driver, later)).records
      const planted = await openPatiently(
        driver,
        later,
        replacing({ intervals: { [INTERVAL]: before.intervals[INTERVAL]! } }, before),
      )
      same(planted.records.intervals[INTERVAL], record, 'the record, as it was given')
      const opened = { store: planted.store, schema: later }
      const old = cell('a', INTERVAL, 5, 0, change(1))
      await opened.store.delete(null)
      await write(opened, [old])
      const timeseries = createAnyTimeseries(driver, config)
      await failureOf(timeseries.open(), 'KAIROS_CONFIG_CHANGED', `opened under the record ${record}`)
      await timeseries.close()
      same((await openPatiently(driver, later)).records.intervals[INTERVAL], record, 'the record, after the refusal')
      await expectCells(opened, query, [old], `the cells under the record ${record}`)
      await opened.store.delete(null)
    }
  },
}))
