import { createTimeseries } from '@kairos/core'
import { sqlDriver } from '../../src/index.ts'

/** The request to a process that writes to the same cells until it is killed. */
export interface SketchRequest {
  readonly url: string
  /** The minute of the cells. */
  readonly call: number
}

const { url, call } = JSON.parse(process.argv[2]!) as SketchRequest
const times = createTimeseries(sqlDriver(url, { tableName: 'crash' }), {
  type: 'distribution',
  intervals: { minute: { step: 60 } },
})
const points = ['a', 'b', 'c'].flatMap((name) =>
  Array.from({ length: 30 }, (_, index) => ({ name, value: 1 + index, timestamp: call * 60 })),
)
for (;;) {
  await times.bulkInsert(points)
  process.stdout.write('stored\n')
}
