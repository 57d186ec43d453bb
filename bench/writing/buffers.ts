import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createTimeseries, type IntervalsConfig, memoryDriver, type StorageDriver } from '@kairos/core'
import { Redis } from 'ioredis'
import type { Report } from '../harness.ts'
import { medianOf } from '../median.ts'

const MILLION = 1_000_000
const ROUNDS = 7
const names = Array.from({ length: 50 }, (_, index) => `name ${index}`)
const one: IntervalsConfig = { minute: { step: 60, steps: 1440 } }
const three: IntervalsConfig = { ...one, hour: { step: 3600, steps: 168 }, day: { step: 'daily', steps: 366 } }
/** Events a second of `bulk_insert` of Python kairos, on two cores like these. */
const PYTHON = 15_800

const countsAt = (store: StorageDriver | string, intervals: IntervalsConfig) =>
  createTimeseries(store, { name: 'buffered', type: 'count', intervals }).open()

/** Adding to a buffer on the memory driver, and writing it. */
export async function buffering(report: Report): Promise<void> {
  for (const [title, intervals, least] of [
    ['one interval', one, 3],
    ['three intervals', three, 1],
  ] as const) {
    const counts = await countsAt(memoryDriver(), intervals)
    const buffer = counts.buffer()
    const times: number[] = []
    for (let round = 0; round <= ROUNDS; round++) {
      const before = process.cpuUsage()
      for (let index = 0; index < MILLION; index++) if (!buffer.add(names[index % 50]!)) await buffer.ready()
      await buffer.flush()
      if (round > 0) times.push(secondsSince(before))
    }
    const rate = MILLION / medianOf(times)
    const asked = `a second of processor time; asked for: at least ${least} million`
    report.figure(`a million values added to a buffer, into ${title}, and written to memory`, rate, 'values', asked)
    report.figure(
      '  against bulk_insert of Python kairos',
      rate / PYTHON,
      'times',
      'recorded: 15,800 a second; asked for: 50',
    )
    await counts.close()
  }
}

/** A buffer against one `INCR` an event: what most people write. */
export async function bufferingToRedis(report: Report, url: string): Promise<void> {
  const redis = new Redis(url)
  for (const [title, intervals] of [
    ['a minute', one],
    ['three intervals', three],
  ] as const) {
    const counts = await countsAt(url, intervals)
    const buffer = counts.buffer()
    const steps = Object.values({ minute: 60, hour: 3600, day: 86_400 }).slice(0, Object.keys(intervals).length)
    const events = 200_000
    await report.compare({
      title: `Redis: ${events.toLocaleString('en')} events of 50 names, as they happen, into counts of ${title}`,
      amount: events,
      unit: 'events',
      target: { speed: 20 },
      rounds: 5,
      variants: [
        {
          name: 'INCR for each event and interval, in pipelines of 1,000',
          async run() {
            for (let event = 0; event < events; ) {
              const pipeline = redis.pipeline()
              for (const end = event + 1_000; event < end; event++) {
                const now = Math.floor(Date.now() / 1_000)
                for (const step of steps) pipeline.incr(`hand:${names[event % 50]}:${step}:${Math.floor(now / step)}`)
              }
              await pipeline.exec()
            }
          },
        },
        {
          name: 'buffer.add(), and flush() at the end',
          async run() {
            for (let event = 0; event < events; event++) buffer.add(names[event % 50]!)
            await buffer.flush()
          },
        },
      ],
    })
    await counts.close()
  }
  await redis.flushdb()
  redis.disconnect()
}

/** Ten million events through a buffer, in one process. */
export async function heapOfBuffers(report: Report, url: string): Promise<void> {
  const counts = await countsAt(url, three)
  const buffer = counts.buffer({ interval: 100 })
  const held: number[] = []
  let most = 0
  const before = process.cpuUsage()
  for (let index = 1; index <= 10 * MILLION; index++) {
    if (!buffer.add(names[index % 50]!)) await buffer.ready()
    // As between requests: timers and answers have their turn.
    if (index % 10_000 === 0) await new Promise<void>((resolve) => setImmediate(resolve))
    if (index % 100_000 === 0) most = Math.max(most, process.memoryUsage().heapUsed)
    if (index % MILLION === 0) held.push(heldHeap())
  }
  await buffer.close()
  const { stored, inDoubt, failed, dropped } = buffer.stats()
  if (stored !== 30 * MILLION || inDoubt + failed + dropped > 0) throw new Error(`${stored} pairs were stored`)
  const asked = `${(secondsSince(before) / 10).toFixed(2)} µs of processor time an event`
  report.figure(
    '10 million events through a buffer to Redis: the most heap in use',
    most / 2 ** 20,
    'MiB',
    'asked for: at most 150',
  )
  report.figure('  heap that is held after the first million', held[0]! / 2 ** 20, 'MiB', asked)
  report.figure('  heap that is held after the tenth', held[9]! / 2 ** 20, 'MiB')
  await counts.deleteAll()
  await counts.close()
}

function secondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / MILLION
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

function heldHeap(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}
