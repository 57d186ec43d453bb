import { createTimeseries } from '@kairos/core'
import { sqlDriver } from '../../src/index.ts'

/** The request to a process that writes until it is killed. */
export interface BulkRequest {
  readonly url: string
  readonly points: number
  /** All at once, as a list, or in core's chunks, as any other iterable. */
  readonly as: 'list' | 'iterable'
}

// Each call has its own bucket, and prints its number once it is acknowledged.
const { url, points, as } = JSON.parse(process.argv[2]!) as BulkRequest
const counts = createTimeseries(sqlDriver(url, { tableName: 'crash' }), {
  type: 'count',
  intervals: { minute: { step: 60 } },
})
for (let call = 0; ; call++) {
  const list = Array.from({ length: points }, (_, index) => ({ name: `n${index}`, value: 1, timestamp: call * 60 }))
  await counts.bulkInsert(as === 'list' ? list : list.values())
  process.stdout.write(`${call}\n`)
}
