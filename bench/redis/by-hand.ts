import type { Redis } from 'ioredis'
import type { HandCell } from '../core/by-hand.ts'
import type { Event } from '../workload.ts'

const DAY = 86_400
const COMMANDS = 1_000
const STEPS: Readonly<Record<string, number>> = { minute: 60, hour: 3600, day: DAY }

/**
 * Merged cells as a careful person would write them without a library: a hash per name, interval and day, `HINCRBY` of each bucket, `EXPIREAT` of
 * each hash, in pipelines of 1,000 commands. There is no index, and a crash between two commands leaves a hash that never expires.
 */
export async function writeByHand(redis: Redis, cells: readonly HandCell[]): Promise<void> {
  const ends = new Map<string, number>()
  const commands = cells.map(({ name, interval, bucket, value }) => {
    // Days read as dates, so all of them lie in one hash.
    const day = interval === 'day' ? 'all' : Math.floor((bucket * STEPS[interval]!) / DAY)
    const key = `hand:${name}:${interval}:${day}`
    ends.set(key, day === 'all' ? Math.floor(Date.now() / 1000) + 366 * DAY : (day + 8) * DAY)
    return ['hincrby', key, String(bucket), String(value)]
  })
  for (const [key, end] of ends) commands.push(['expireat', key, String(end)])
  await inPipelines(redis, commands)
}

/** What most people write: one `INCR` for each event and interval. */
export function incrByHand(redis: Redis, events: readonly Event[], intervals: readonly string[]): Promise<void> {
  return inPipelines(
    redis,
    events.flatMap(({ name, timestamp }) =>
      intervals.map((interval) => ['incr', `hand:${name}:${interval}:${Math.floor(timestamp / STEPS[interval]!)}`]),
    ),
  )
}

/** A name's day of minutes in one hash. */
export const dayKey = (name: string): string => `hand:${name}:minute:day`

/** Whole days of names, read and parsed. */
export async function readByHand(redis: Redis, names: readonly string[]): Promise<Map<number, number>[]> {
  const pipeline = redis.pipeline()
  for (const name of names) pipeline.hgetall(dayKey(name))
  const replies = (await pipeline.exec()) ?? []
  return replies.map(
    ([, reply]) =>
      new Map(
        Object.entries(reply as Record<string, string>).map(([bucket, count]) => [Number(bucket) * 60, Number(count)]),
      ),
  )
}

async function inPipelines(redis: Redis, commands: readonly string[][]): Promise<void> {
  for (let start = 0; start < commands.length; start += COMMANDS)
    await redis.pipeline(commands.slice(start, start + COMMANDS)).exec()
}
