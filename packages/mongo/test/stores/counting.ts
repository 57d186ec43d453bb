import { createTimeseries } from '@kairos/core'
import { mongoDriver } from '../../src/index.ts'

// One process of the test with many: adds 1 to each of 400 cells, again and again, in batches whose cells are in no order.
const [url, database, collectionName, writer, batches] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
]
const driver = mongoDriver(url, { database, collectionName })
const counts = createTimeseries(driver, { type: 'count', intervals: { minute: { step: 60 } } })
for (let batch = 0; batch < Number(batches); batch++) {
  const points = Array.from({ length: 400 }, (_, index) => {
    const cell = (index * 7 + batch * 13 + Number(writer)) % 400
    return { name: `n${cell % 20}`, value: 1, timestamp: Math.floor(cell / 20) * 60 }
  })
  await counts.bulkInsert(points)
}
await driver.close()
