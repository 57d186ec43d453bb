import { createTimeseries, type StorageDriver } from '@kairos/core'
import type { Report } from '../harness.ts'

const INSERTS = 10_000
const intervals = {
  minute: { step: 60, steps: 1440 },
  hour: { step: 3600, steps: 168 },
  day: { step: '1d', steps: 366 },
} as const

/** Inserts that share batches, compared with as many bulk inserts of one point, which never do. */
export async function grouped(report: Report, store: string, target: StorageDriver | string): Promise<void> {
  const counts = await createTimeseries(target, { name: 'grouped', type: 'count', intervals }).open()
  /** So many callers, each of which makes one call after the other. */
  async function inserting(callers: number, insert: (name: string) => Promise<unknown>): Promise<void> {
    let made = 0
    const call = async (): Promise<void> => {
      while (made < INSERTS) await insert(`name ${made++ % 50}`)
    }
    await Promise.all(Array.from({ length: callers }, call))
  }
  let used = 0
  for (const [together, speed] of [
    [100, 4],
    [1_000, 8],
  ] as const) {
    await report.compare({
      title: `${store}: ${INSERTS.toLocaleString('en')} inserts into 50 names and three intervals, ${together.toLocaleString('en')} at a time`,
      amount: INSERTS,
      unit: 'inserts',
      // Memory has no request to save.
      ...(store !== 'memory' && { target: { speed } }),
      rounds: 5,
      variants: [
        { name: 'a batch for each', run: () => inserting(together, (name) => counts.bulkInsert([{ name, value: 1 }])) },
        {
          name: 'insert()',
          async run() {
            const before = process.cpuUsage()
            await inserting(together, (name) => counts.insert(name))
            const { user, system } = process.cpuUsage(before)
            used = user + system
          },
        },
      ],
    })
    report.figure(
      `${store}: processor time of an insert, ${together.toLocaleString('en')} at a time`,
      used / INSERTS,
      'µs',
      'of this process',
    )
  }
  await counts.deleteAll()
  await counts.close()
}
