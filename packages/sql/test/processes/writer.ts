import { createTimeseries, KairosError } from '@kairos/core'
import { sqlDriver } from '../../src/index.ts'

/** The request to a writer. */
interface WriterRequest {
  readonly url: string
  readonly writer: number
  readonly batches: number
  readonly keys: number
}

/** How many single adds were acknowledged, how many may have been stored, and how many calls failed. */
export interface WriterAnswer {
  readonly acknowledged: number
  readonly maybeApplied: number
  readonly failures: number
}

// Adds 1 to each of the keys, batch after batch, in a different order each time.
const { url, writer, batches, keys } = JSON.parse(process.argv[2]!) as WriterRequest
const driver = sqlDriver(url, { tableName: 'shared' })
// On a busy machine, eight writers to one file may keep one waiting for a long time.
const counts = createTimeseries(driver, { type: 'count', intervals: { minute: { step: 60 } }, patience: 60_000 })
let acknowledged = 0
let maybeApplied = 0
let failures = 0
for (let batch = 0; batch < batches; batch++) {
  const points = Array.from({ length: keys }, (_, index) => {
    const key = (index * 7 + batch * 13 + writer) % keys
    return { name: `n${key % 20}`, value: 1, timestamp: Math.floor(key / 20) * 60 }
  })
  try {
    acknowledged += (await counts.bulkInsert(points)).stored
  } catch (error) {
    if (!KairosError.is(error) || error.code !== 'KAIROS_STORE_FAILED') throw error
    failures++
    acknowledged += error.stored!
    maybeApplied += error.maybeApplied!.length
  }
}
await driver.close()
process.stdout.write(JSON.stringify({ acknowledged, maybeApplied, failures } satisfies WriterAnswer))
