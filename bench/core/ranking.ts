import { createTimeseries, memoryDriver } from '@kairos/core'
import type { Report } from '../harness.ts'

const NAMES = 10_000
const MINUTES = 30

/** The ten names with most of many, which would take a call for each by hand. */
export async function ranking(report: Report): Promise<void> {
  const counts = createTimeseries(memoryDriver(), { type: 'count', intervals: { minute: { step: 60 } } })
  const start = 1_700_000_000 - (1_700_000_000 % 60)
  for (let minute = 0; minute < MINUTES; minute++) {
    const points = Array.from({ length: NAMES }, (_, name) => ({
      name: `name ${name}`,
      value: (name * 7_919 + minute) % 100,
      timestamp: start + minute * 60,
    }))
    await counts.bulkInsert(points)
  }
  const range = { start, end: start + MINUTES * 60 - 1 }
  await report.compare({
    title: 'the ten of 10,000 names with most in 30 minutes, from the memory driver',
    amount: NAMES,
    unit: 'names',
    target: { speed: 1 },
    variants: [
      {
        name: 'list(), and a series() of each name',
        async run() {
          const all: { name: string; value: number }[] = []
          for (const name of await counts.list())
            for (const value of (await counts.series(name, 'minute', { ...range, collapse: true })).values())
              all.push({ name, value })
          all.sort((one, other) => other.value - one.value)
        },
      },
      { name: 'top()', run: () => counts.top('minute', range) },
    ],
  })
  await counts.close()
}
