import { createTimeseries } from '@kairos/core'
import { Redis } from 'ioredis'
import { mergeByHand } from '../core/by-hand.ts'
import type { Report } from '../harness.ts'
import type { Suite } from '../suite.ts'
import { type Event, events, FIRST_MOMENT } from '../workload.ts'
import { dayKey, incrByHand, readByHand, writeByHand } from './by-hand.ts'

const EVENTS = 100_000
const BUCKETS = 1_440
/** Everything expires, but after the benchmark ends. */
const intervals = {
  minute: { step: 60, steps: 7 * BUCKETS },
  hour: { step: 3600, steps: 7 * 24 },
  day: { step: 'daily', steps: 366 },
} as const

/** Redis compared with hand-written pipelines on the same client; all variants use one server, with one connection each. */
export const suite: Suite = {
  servers: ['redis'],
  async run(report, urls) {
    const redis = new Redis(urls.redis!)
    try {
      await bulk(report, urls.redis!, redis, 50)
      await bulk(report, urls.redis!, redis, 2_000)
      await eventByEvent(report, urls.redis!, redis)
      await reads(report, urls.redis!, redis)
      await memory(report, urls.redis!, redis)
    } finally {
      redis.disconnect()
    }
  },
}

const countsOf = (url: string) => createTimeseries(url, { type: 'count', intervals })

/** The shared workload, moved to the last six hours. */
function recentEvents(names: number): Event[] {
  const moved = Math.floor(Date.now() / 1000) - 6 * 3600 - FIRST_MOMENT
  return events(EVENTS, names).map((event) => ({ ...event, timestamp: event.timestamp + moved }))
}

async function bulk(report: Report, url: string, redis: Redis, names: number): Promise<void> {
  const counts = await countsOf(url).open()
  const points = recentEvents(names)
  const clear = () => redis.flushdb()
  const target = { speed: 1 }
  for (const [state, prepare] of [
    ['all buckets new', clear],
    ['into buckets that are there', undefined],
  ] as const) {
    await report.compare({
      title: `Redis: ${EVENTS.toLocaleString('en')} events of ${names.toLocaleString('en')} names into counts of three intervals, ${state}`,
      amount: EVENTS,
      unit: 'events',
      target,
      variants: [
        {
          name: 'HINCRBY and EXPIREAT, merged, in pipelines',
          ...(prepare && { prepare }),
          run: () => writeByHand(redis, mergeByHand(points, ['minute', 'hour', 'day'])),
        },
        { name: 'bulkInsert()', ...(prepare && { prepare }), run: () => counts.bulkInsert(points) },
      ],
    })
  }
  await counts.close()
  await clear()
}

/** How much merging saves depends on how many events share a bucket: here 5 in a minute, 280 in an hour, 2,000 in a day. */
async function eventByEvent(report: Report, url: string, redis: Redis): Promise<void> {
  const points = recentEvents(50)
  for (const [title, names, target] of [
    ['three intervals', ['minute', 'hour', 'day'], { target: { speed: 10 } }],
    ['one interval of a minute', ['minute'], {}],
  ] as const) {
    const chosen = Object.fromEntries(names.map((name) => [name, intervals[name]]))
    const counts = await createTimeseries(url, { type: 'count', intervals: chosen }).open()
    await report.compare({
      title: `Redis: ${EVENTS.toLocaleString('en')} events of 50 names into counts of ${title}`,
      amount: EVENTS,
      unit: 'events',
      ...target,
      variants: [
        { name: 'INCR for each event and interval, in pipelines', run: () => incrByHand(redis, points, names) },
        { name: 'bulkInsert()', run: () => counts.bulkInsert(points) },
      ],
    })
    await counts.close()
    await redis.flushdb()
  }
}

async function reads(report: Report, url: string, redis: Redis): Promise<void> {
  const counts = await countsOf(url).open()
  const end = Math.floor(Date.now() / 60_000) * 60
  const start = end - (BUCKETS - 1) * 60
  const names = Array.from({ length: 50 }, (_, index) => `series-${index}`)
  for (const name of names) {
    const minutes = Array.from({ length: BUCKETS }, (_, index) => start + index * 60)
    await counts.bulkInsert(minutes.map((timestamp, index) => ({ name, value: 1 + (index % 500), timestamp })))
    await redis.hset(
      dayKey(name),
      Object.fromEntries(minutes.map((timestamp, index) => [String(timestamp / 60), 1 + (index % 500)])),
    )
  }
  for (const asked of [names.slice(0, 1), names]) {
    await report.compare({
      title: `Redis: ${BUCKETS.toLocaleString('en')} buckets of ${asked.length} names`,
      amount: BUCKETS * asked.length,
      unit: 'buckets',
      target: { time: 1 },
      rounds: asked.length === 1 ? 101 : 31,
      variants: [
        { name: 'HGETALL of one hash a name, parsed', run: () => readByHand(redis, asked) },
        {
          name: asked.length === 1 ? 'series()' : 'series(), a call a name',
          run: () => Promise.all(asked.map((name) => counts.series(name, 'minute', { start, end }))),
        },
        { name: 'series(), joined', run: () => counts.series(asked, 'minute', { start, end }) },
      ],
    })
  }
  await counts.close()
  await redis.flushdb()
}

/** All keys of 100 names that were counted every minute of a day. */
async function memory(report: Report, url: string, redis: Redis): Promise<void> {
  const counts = await createTimeseries(url, {
    type: 'count',
    intervals: { minute: { step: 60, steps: BUCKETS } },
  }).open()
  const now = Math.floor(Date.now() / 60_000) * 60
  for (let name = 0; name < 100; name++) {
    await counts.bulkInsert(
      Array.from({ length: BUCKETS }, (_, index) => ({
        name: `host-${name}.requests`,
        value: 1 + ((index * 7 + name) % 500),
        timestamp: now - index * 60,
      })),
    )
  }
  let bytes = 0
  for (const key of await redis.keys('*')) bytes += (await redis.memory('USAGE', key, 'SAMPLES', 0)) ?? 0
  report.figure(
    'Redis: counts of a minute interval kept for a day',
    bytes / (100 * BUCKETS),
    'bytes a bucket',
    'MEMORY USAGE of all keys, index and registry included; asked for: at most 8',
  )
  await counts.close()
  await redis.flushdb()
}
