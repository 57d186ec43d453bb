import { createTimeseries } from '@kairos/core'
import { mergeByHand } from '../core/by-hand.ts'
import type { Report } from '../harness.ts'
import { events, FIRST_MOMENT, intervals } from '../workload.ts'
import type { ByHand } from './by-hand.ts'

const EVENTS = 100_000
const BUCKETS = 1_440

/** The measurements on one database. */
export interface Target {
  readonly database: string
  readonly url: string
  readonly byHand: ByHand
  /** Single inserts per run. */
  readonly singles: number
  /** The project's own targets. */
  readonly bulkSpeed: number
  readonly singleSpeed: number
}

/** Bulk writes, single inserts and reads: the driver compared with hand-written code for the same database and client. */
export async function compareWithHand(report: Report, target: Target): Promise<void> {
  const counts = countsOf(target.url)
  await counts.open()
  try {
    const clear = (): Promise<void> => target.byHand.clear()
    await bulk(report, target, counts, clear)
    await singles(report, target, counts, clear)
    await reads(report, target, counts, clear)
    await clear()
  } finally {
    await counts.close()
  }
}

const countsOf = (url: string) => createTimeseries(url, { type: 'count', intervals })
type Counts = ReturnType<typeof countsOf>

async function bulk(
  report: Report,
  { database, byHand, bulkSpeed }: Target,
  counts: Counts,
  clear: () => Promise<void>,
): Promise<void> {
  const points = events(EVENTS)
  await report.compare({
    title: `${database}: ${EVENTS.toLocaleString('en')} events into counts of three intervals`,
    amount: EVENTS,
    unit: 'events',
    rounds: 21,
    target: { speed: bulkSpeed },
    variants: [
      { name: 'by hand', prepare: clear, run: () => byHand.write(mergeByHand(points, ['minute', 'hour', 'day'])) },
      { name: 'bulkInsert()', prepare: clear, run: () => counts.bulkInsert(points) },
    ],
  })
}

async function singles(report: Report, target: Target, counts: Counts, clear: () => Promise<void>): Promise<void> {
  const { database, byHand, singles: amount, singleSpeed } = target
  const points = events(amount)
  await report.compare({
    title: `${database}: single inserts, one after another, into counts of three intervals`,
    amount,
    unit: 'inserts',
    rounds: 15,
    target: { speed: singleSpeed },
    variants: [
      {
        name: 'by hand',
        prepare: clear,
        async run() {
          for (const point of points) await byHand.insert(mergeByHand([point], ['day', 'hour', 'minute']))
        },
      },
      {
        name: 'insert()',
        prepare: clear,
        async run() {
          for (const { name, value, timestamp } of points) await counts.insert(name, value, { timestamp })
        },
      },
    ],
  })
}

async function reads(
  report: Report,
  { database, byHand }: Target,
  counts: Counts,
  clear: () => Promise<void>,
): Promise<void> {
  await clear()
  const points = Array.from({ length: BUCKETS }, (_, minute) => ({
    name: 'home',
    value: minute + 0.5,
    timestamp: FIRST_MOMENT + minute * 60,
  }))
  await byHand.write(mergeByHand(points, ['minute', 'hour', 'day']))
  await counts.bulkInsert(points)
  const first = Math.floor(FIRST_MOMENT / 60)
  const last = first + BUCKETS - 1
  const repeats = 50
  await report.compare({
    title: `${database}: a series of ${BUCKETS.toLocaleString('en')} buckets`,
    amount: BUCKETS * repeats,
    unit: 'buckets',
    // Many short runs: they take milliseconds, during which a busy machine may be doing something else.
    rounds: 41,
    target: { time: 1.25 },
    variants: [
      {
        name: 'by hand',
        async run() {
          for (let repeat = 0; repeat < repeats; repeat++) {
            const series = new Map<number, number>()
            for (let bucket = first; bucket <= last; bucket++) series.set(bucket * 60, 0)
            for (const { bucket, value } of await byHand.read('home', 'minute', first, last))
              series.set(bucket * 60, value)
          }
        },
      },
      {
        name: 'series()',
        async run() {
          for (let repeat = 0; repeat < repeats; repeat++)
            await counts.series('home', 'minute', { start: first * 60, end: last * 60 })
        },
      },
    ],
  })
}
