import { createTimeseries } from '@kairos/core'
import type { CellStore } from '@kairos/core/driver'
import { redisDriver } from '@kairos/redis'
import { Redis } from 'ioredis'
import { generator } from '../workload.ts'

export const NAMES: readonly string[] = Array.from({ length: 50 }, (_, index) => `host-${index}.requests`)
export const MINUTES = 1_440
/** The day ends now, so that everything is alive. */
const LAST = Math.floor(Date.now() / 60_000)
const FIRST = LAST - MINUTES + 1

const random = generator(42)

/** A day of minutes of each name: numbers that fit 16 bits. */
export const POINTS = NAMES.flatMap((name) =>
  Array.from({ length: MINUTES }, (_, minute) => ({
    name,
    value: 1 + Math.floor(random() * 500),
    timestamp: (FIRST + minute) * 60,
  })),
)

/** One way of keeping counts in Redis. */
export interface Peer {
  readonly name: string
  readonly pid: number
  clear(): Promise<unknown>
  write(): Promise<unknown>
  /** All names joined, by minute. */
  read(): Promise<number>
  bytes(): Promise<number>
  close(): Promise<unknown>
}

async function pidOf(redis: Redis): Promise<number> {
  return Number(/process_id:(\d+)/.exec(await redis.info('server'))![1])
}

async function bytesOf(redis: Redis, pattern: string): Promise<number> {
  let bytes = 0
  for (const key of await redis.keys(pattern)) bytes += (await redis.memory('USAGE', key, 'SAMPLES', 0)) ?? 0
  return bytes
}

/** This library; `merging`: the joined read by the driver alone, without the time series around it. */
export async function kairosPeer(url: string, merging: boolean): Promise<Peer> {
  const redis = new Redis(url)
  const driver = redisDriver(url)
  let store: CellStore | undefined
  const listening = {
    ...driver,
    async open(...parameters: Parameters<typeof driver.open>) {
      const opened = await driver.open(...parameters)
      store = opened.store
      return opened
    },
  }
  const counts = createTimeseries(listening, {
    type: 'count',
    intervals: { minute: { step: 60, steps: 2 * MINUTES } },
  })
  await counts.open()
  const query = {
    names: NAMES,
    interval: 'minute',
    range: { first: FIRST, last: LAST },
    result: 'value',
    groups: { size: 1, from: 0 },
    split: false,
    resolution: false,
  } as const
  return {
    name: merging ? 'merge() of the driver' : 'bulkInsert(), series()',
    pid: await pidOf(redis),
    clear: () => redis.flushdb(),
    write: () => counts.bulkInsert(POINTS),
    async read() {
      if (merging) return (await store!.merge!(query))!.length
      return (await counts.series(NAMES, 'minute', { start: FIRST * 60, end: LAST * 60 })).size
    },
    bytes: () => bytesOf(redis, 'kairos:*'),
    async close() {
      await counts.close()
      await driver.close()
      redis.disconnect()
    },
  }
}

const COMMANDS = 1_000

async function inPipelines(redis: Redis, commands: readonly (readonly (string | number)[])[]): Promise<void> {
  for (let at = 0; at < commands.length; at += COMMANDS) {
    const replies = await redis.pipeline(commands.slice(at, at + COMMANDS).map((command) => [...command])).exec()
    for (const [error] of replies ?? []) if (error) throw error
  }
}

/** What most people write. */
export async function incrPeer(url: string): Promise<Peer> {
  const redis = new Redis(url)
  const keyOf = (name: string, minute: number): string => `incr:${name}:${minute}`
  return {
    name: 'INCRBY and EXPIRE, in pipelines; MGET',
    pid: await pidOf(redis),
    clear: () => redis.flushdb(),
    write: () =>
      inPipelines(
        redis,
        POINTS.flatMap(({ name, value, timestamp }) => [
          ['incrby', keyOf(name, timestamp / 60), value],
          ['expire', keyOf(name, timestamp / 60), 2 * 86_400],
        ]),
      ),
    async read() {
      const sums = new Map<number, number>()
      for (const name of NAMES) {
        const values = await redis.mget(Array.from({ length: MINUTES }, (_, minute) => keyOf(name, FIRST + minute)))
        for (const [minute, value] of values.entries())
          if (value !== null) sums.set(minute, (sums.get(minute) ?? 0) + Number(value))
      }
      return sums.size
    },
    bytes: () => bytesOf(redis, 'incr:*'),
    close: async () => redis.disconnect(),
  }
}

/** The module RedisTimeSeries. */
export async function modulePeer(url: string): Promise<Peer> {
  const redis = new Redis(url)
  const create = () =>
    inPipelines(
      redis,
      NAMES.map((name) => [
        'call',
        'ts.create',
        `ts:${name}`,
        'RETENTION',
        2 * 86_400_000,
        'DUPLICATE_POLICY',
        'SUM',
        'LABELS',
        'of',
        'requests',
      ]),
    )
  return {
    name: 'RedisTimeSeries: TS.MADD; TS.MRANGE … GROUPBY … REDUCE sum',
    pid: await pidOf(redis),
    async clear() {
      await redis.flushdb()
      await create()
    },
    async write() {
      for (let at = 0; at < POINTS.length; at += COMMANDS) {
        await redis.call(
          'ts.madd',
          ...POINTS.slice(at, at + COMMANDS).flatMap(({ name, value, timestamp }) => [
            `ts:${name}`,
            timestamp * 1000,
            value,
          ]),
        )
      }
    },
    async read() {
      const reply = await redis.call(
        'ts.mrange',
        FIRST * 60_000,
        LAST * 60_000,
        'FILTER',
        'of=requests',
        'GROUPBY',
        'of',
        'REDUCE',
        'sum',
      )
      // The groups, by name or in a list; the samples come last in each.
      const group = (Object.values(reply as object).at(-1) as readonly unknown[]).at(-1) as readonly unknown[]
      const samples = (
        Array.isArray(group.at(-1)) && Array.isArray((group.at(-1) as unknown[])[0]) ? group.at(-1) : group
      ) as [number, string][]
      return new Map(samples.map(([time, value]) => [time / 1000, Number(value)])).size
    },
    bytes: () => bytesOf(redis, 'ts:*'),
    close: async () => redis.disconnect(),
  }
}
