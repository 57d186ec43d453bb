import type { Report } from '../harness.ts'
import { medianOf } from '../median.ts'
import { processorTimeOf } from '../processor-time.ts'
import { endOf, KINDS, type Kind, recentPoints, timeseriesOf } from './configs.ts'
import type { Store } from './stores.ts'

const EVENTS = 100_000
/** By processor time. */
const ROUNDS = 5
/** Everything expires, but after the benchmark ends. */
const intervals = {
  minute: { step: 60, steps: 7 * 1_440 },
  hour: { step: 3_600, steps: 7 * 24 },
  day: { step: 'daily', steps: 366 },
} as const

/** All buckets new, beside counts: a sketch is more than a number. */
export async function writing(report: Report, store: Store): Promise<void> {
  const variants = await variantsOf(store, Object.values(KINDS))
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

/** The same by the processor time of client and server, which counts where a machine does other work too. */
export async function writingByProcessor(report: Report, store: Store): Promise<void> {
  const { count, distribution, unique } = KINDS
  const variants = await variantsOf(store, [count, distribution, unique])
  const speeds = new Map<string, number[]>()
  for (let round = -1; round < ROUNDS; round++) {
    let ofCount = 0
    for (const { name, prepare, run } of variants) {
      const { client, server } = await processorTimeOf(store.serverTime, run, { runs: 1, prepare })
      if (name === count.title) ofCount = client + server
      else if (round >= 0) speeds.set(name, [...(speeds.get(name) ?? []), ofCount / (client + server)])
    }
  }
  for (const [name, ratios] of speeds) {
    const range = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`
    report.figure(`${store.name}: ${name}, by processor time`, medianOf(ratios), 'of the speed of count', range)
  }
  for (const { close } of variants) await close()
}

function variantsOf(store: Store, kinds: readonly Kind[]) {
  return Promise.all(
    kinds.map(async (kind) => {
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
}
