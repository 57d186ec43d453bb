import { createTimeseries, KairosError } from '@kairos/core'
import { sqlDriver } from '../../src/index.ts'

// A process that adds 1 to each of 400 keys, batch by batch, in an order of its own, and tells what was acknowledged and what is in doubt.
const [url = '', tableName = '', batches = ''] = process.argv.slice(2)
const driver = sqlDriver(url, { tableName })
const counts = createTimeseries(driver, { type: 'count', intervals: { day: { step: 'daily' } } })
const told = { acknowledged: 0, inDoubt: 0, errors: 0 }
for (let batch = 0; batch < Number(batches); batch++) {
  const names = Array.from({ length: 400 }, (_, key) => `key-${(key * 7 + batch * 13) % 400}`)
  try {
    const { stored } = await counts.bulkInsert(names.map((name) => ({ name, timestamp: 1_700_000_000 })))
    told.acknowledged += stored
  } catch (error) {
    if (!KairosError.is(error)) throw error
    told.errors++
    told.acknowledged += error.stored ?? 0
    told.inDoubt += error.maybeApplied?.length ?? 0
  }
}
process.stdout.write(JSON.stringify(told))
await counts.close()
await driver.close()
