import type { Report } from '../harness.ts'
import { endOf, KINDS, type Kind, recentPoints, timeseriesOf } from './configs.ts'
import type { Store } from './stores.ts'

const EVENTS = 100_000
/** Everything expires, but after the benchmark ends. */
const intervals = {
  minute: { step: 60, steps: 7 * 1_440 },
  hour: { step: 3_600, steps: 7 * 24 },
  day: { step: 'daily', steps: 366 },
} as const

/** All buckets new, beside counts: a sketch is more than a number. */
export async function writing(report: Report, store: Store): Promise<void> {
  const variants = await Promise.all(
    Object.values(KINDS).map(async (kind: Kind) => {
      const place = `writing_${kind.title}`
      const timeseries = timeseriesOf(kind, store.driver(place), intervals)
      await timeseries.open()
      const points = recentPoints(kind, EVENTS)
      return {
        name: kind.title,
        prepare: () => store.clear(place, timeseries),
        run: () => timeseries.bulkInsert(points),
        close: () => endOf(timeseries),
      }
    }),
  )
  const [first, ...others] = variants
  await report.compare({
    title: `${store.name}: ${EVENTS.toLocaleString('en')} events of 50 names into three intervals, all buckets new`,
    amount: EVENTS,
    unit: 'events',
    target: { speed: 0.5 },
    rounds: 5,
    variants: [first!, ...others],
  })
  for (const { close } of variants) await close()
}
