import { createTimeseries, memoryDriver } from '@kairos/core'
import type { Report } from '../harness.ts'

const MINUTES = 366 * 1_440

/** A year of minutes in days: what `every` costs beside reading them and adding them up by hand. */
export async function regrouping(report: Report): Promise<void> {
  const minutes = createTimeseries(memoryDriver(), { type: 'count', intervals: { minute: { step: 60 } } })
  const start = Date.UTC(2024, 0, 1) / 1_000
  const points = Array.from({ length: MINUTES }, (_, minute) => ({
    name: 'home',
    value: minute % 100,
    timestamp: start + minute * 60,
  }))
  await minutes.bulkInsert(points)
  const range = { start, end: start + MINUTES * 60 - 1 }
  await report.compare({
    title: 'a year of minutes in days, from the memory driver',
    amount: MINUTES,
    unit: 'minutes',
    target: { speed: 1 },
    variants: [
      {
        name: 'series(), added up by hand in days of UTC',
        async run() {
          const days = new Map<number, number>()
          for (const [seconds, count] of await minutes.series('home', 'minute', range)) {
            const day = seconds - (seconds % 86_400)
            days.set(day, (days.get(day) ?? 0) + count)
          }
        },
      },
      { name: "every: 'daily'", run: () => minutes.series('home', 'minute', { ...range, every: 'daily' }) },
      {
        name: "every: 'daily', zone: 'Europe/Berlin'",
        run: () => minutes.series('home', 'minute', { ...range, every: 'daily', zone: 'Europe/Berlin' }),
      },
    ],
  })
  await minutes.close()
}
