import { createTimeseries } from '@kairos/core'
import type { OriginalType } from '@kairos/core/driver'
import { Redis } from 'ioredis'
import { afterAll, beforeEach, describe, expect, it as test } from 'vitest'
import { redisDriver } from '../src/index.ts'
import { careful } from './clients.ts'
import { ownRedis } from './own-redis.ts'

// Its own: the tests count the commands that a server was asked for.
const REDIS_URL = await ownRedis()
const it = test.skipIf(REDIS_URL === undefined)
const redis = REDIS_URL === undefined ? (undefined as never) : careful(REDIS_URL)
let prefix = ''
let tests = 0
beforeEach(() => {
  prefix = `pages-${process.pid}-${tests++}:`
})
afterAll(async () => {
  if (REDIS_URL === undefined) return
  const keys = await redis.keys(`pages-${process.pid}-*`)
  if (keys.length > 0) await redis.unlink(keys)
  redis.disconnect()
})

/** The number of strings and numbers in a reply, and of bytes. */
function sizeOf(reply: unknown): { items: number; bytes: number } {
  if (Buffer.isBuffer(reply)) return { items: 1, bytes: reply.length }
  if (!Array.isArray(reply)) return { items: 1, bytes: 8 }
  return reply.map(sizeOf).reduce((a, b) => ({ items: a.items + b.items, bytes: a.bytes + b.bytes }), {
    items: 0,
    bytes: 0,
  })
}

/** A client that records how large the replies to its scripts are. */
function listening() {
  const client = new Redis(REDIS_URL!, { autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0 })
  const replies: { items: number; bytes: number }[] = []
  for (const method of ['evalBuffer', 'evalshaBuffer']) {
    const send = Reflect.get(client, method).bind(client) as (list: unknown) => Promise<unknown>
    Object.assign(client, {
      [method]: async (list: unknown) => {
        const reply = await send(list)
        replies.push(sizeOf(reply))
        return reply
      },
    })
  }
  const most = (key: 'items' | 'bytes') => Math.max(...replies.map((reply) => reply[key]))
  return { client, replies, most }
}

const commands = async () =>
  [...(await redis.info('commandstats')).matchAll(/cmdstat_(?!info|config)\w+:calls=(\d+)/g)].reduce(
    (sum, [, calls]) => sum + Number(calls),
    0,
  )

describe('a call is bounded, and a range costs only what it holds', () => {
  it.each(['set', 'series', 'histogram', 'gauge'] as const)('a long range: %s', async (type) => {
    const read = async (buckets: number) => {
      const { client, most } = listening()
      const timeseries = createTimeseries(redisDriver(client, { prefix: `${prefix}${buckets}` }), {
        type: type as 'set',
        valueType: 'string' as 'int',
        intervals: { minute: { step: 60 } },
        now: () => 60 * buckets,
      })
      await timeseries.bulkInsert(
        Array.from({ length: buckets }, (_, index) => ({
          name: 'a',
          value: `${index}` as never,
          timestamp: index * 60,
        })),
      )
      await redis.config('RESETSTAT')
      const found = await timeseries.series('a', 'minute', { start: 0, end: 60 * (buckets - 1) })
      expect(found.size).toBe(buckets)
      const cost = await commands()
      expect(most('items')).toBeLessThan(6_000)
      client.disconnect()
      return cost
    }
    const [short, long] = [await read(2_000), await read(8_000)]
    expect(long).toBeLessThan(short * 4.5)
  })

  it.each(['set', 'histogram', 'series'] as const)('one large cell: %s', async (type) => {
    const { client, most } = listening()
    const timeseries = createTimeseries(redisDriver(client, { prefix }), {
      type: type as 'set',
      valueType: 'string' as 'int',
      intervals: { day: { step: 'daily' }, hours: { step: 'daily', resolution: '1h' } },
      now: () => 90_000,
    })
    const values = Array.from({ length: 20_000 }, (_, index) => `value ${index}`)
    await timeseries.bulkInsert(values.map((value) => ({ name: 'a', value: value as never })))
    const keysOf = (data: unknown) => [
      ...((Array.isArray(data) ? data : (data as Map<string, number>).keys()) as string[]),
    ]
    const [coarse] = (await timeseries.get('a', 'day')).values()
    expect(keysOf(coarse).sort()).toEqual(values.toSorted())
    const [resolved] = [...(await timeseries.get('a', 'hours')).values()].filter((data) => keysOf(data).length > 0)
    expect(keysOf(resolved).sort()).toEqual(values.toSorted())
    if (type === 'histogram') expect(new Set((coarse as unknown as Map<string, number>).values())).toEqual(new Set([1]))
    if (type === 'series') expect(coarse).toEqual(values)
    expect(most('items')).toBeLessThan(6_000)
    client.disconnect()
  })

  it('a small cell is read whole, as it was at one moment', async () => {
    const { client, replies } = listening()
    const timeseries = createTimeseries(redisDriver(client, { prefix }), {
      type: 'histogram',
      valueType: 'string',
      intervals: { day: { step: 'daily' } },
      now: () => 0,
    })
    const values = Array.from({ length: 700 }, (_, index) => `value ${index}`)
    await timeseries.insert('a', values)
    replies.length = 0
    await timeseries.get('a', 'day')
    expect(replies).toHaveLength(1)
    client.disconnect()
  })

  it.each(['text', 'string'] as const)('of long values only those in the range are read: %s', async (valueType) => {
    const { client, replies, most } = listening()
    const timeseries = createTimeseries(redisDriver(client, { prefix }), {
      type: 'gauge',
      valueType,
      intervals: { minute: { step: 60 } },
      now: () => 128 * 60 - 1,
    })
    const long = 'x'.repeat(200_000)
    await timeseries.bulkInsert(
      Array.from({ length: 40 }, (_, index) => ({ name: 'a', value: `${index} ${long}`, timestamp: index * 60 })),
    )
    replies.length = 0
    const [value] = (await timeseries.get('a', 'minute', { timestamp: 600 })).values()
    expect(value).toBe(`10 ${long}`)
    expect(most('bytes')).toBeLessThan(250_000)
    const all = await timeseries.series('a', 'minute', { start: 0, end: 60 * 39 })
    expect([...all.values()].map((text) => Number.parseInt(text!, 10))).toEqual(Array.from({ length: 40 }, (_, i) => i))
    // A page ends with the value that fills it; values are read a few at a time.
    expect(most('bytes')).toBeLessThan(1_500_000)
    client.disconnect()
  })

  it('names and their deletion go page by page', async () => {
    const { client, most } = listening()
    const timeseries = createTimeseries(redisDriver(client, { prefix, shards: 2 }), {
      type: 'count',
      intervals: { minute: { step: 60, steps: 1_000 } },
      now: () => 6_000_000,
    })
    const names = Array.from({ length: 12_000 }, (_, index) => `name-${index}`).sort()
    await timeseries.bulkInsert(names.map((name) => ({ name })))
    expect(await timeseries.list()).toEqual(names)
    expect(most('items')).toBeLessThan(6_000)
    await timeseries.deleteAll()
    expect(await timeseries.list()).toEqual([])
    expect(await redis.keys(`${prefix}*{*`)).toEqual([])
    client.disconnect()
  })

  it('bounds and reads skip chunks that an index lists and that have gone', async () => {
    const { client } = listening()
    const driver = redisDriver(client, { prefix })
    const timeseries = createTimeseries(driver, {
      type: 'set',
      intervals: { minute: { step: 60 } },
      now: () => 600_000,
    })
    await timeseries.bulkInsert(
      Array.from({ length: 4_000 }, (_, index) => ({ name: 'a', value: 1, timestamp: index * 60 })),
    )
    const keys = (await redis.keys(`${prefix}*:a:*`)).filter((key) => !/:(1500|1501|2500)$/.test(key))
    await redis.unlink(keys)
    expect(await timeseries.properties('a')).toEqual({ minute: { first: 1500 * 60, last: 2500 * 60 } })
    const found = await timeseries.series('a', 'minute', { start: 0, end: 4_000 * 60 })
    expect([...found].filter(([, data]) => data.size > 0).map(([time]) => time / 60)).toEqual([1500, 1501, 2500])
    client.disconnect()
  })

  it('work that takes many calls ends when its signal aborts', async () => {
    const { client, replies } = listening()
    const { store } = await redisDriver(client, { prefix, shards: 1 }).open({
      type: 'set' satisfies OriginalType,
      valueType: 'int',
      record: 'sets',
      facts: '{}',
      intervals: {
        slot: {
          record: 'slot',
          facts: '{}',
          hasResolution: false,
          fanOut: 1,
          resolutionRange: () => ({ first: 0, last: 0 }),
          expiresAt: () => null,
        },
      },
    })
    const cells = Array.from({ length: 9_000 }, (_, bucket) => ({
      name: 'a',
      interval: 'slot',
      bucket,
      resolutionBucket: 0,
      change: new Set([1]),
    }))
    await store.write({ cells, oldestLive: { slot: 0 } })
    for (const work of ['delete', 'read'] as const) {
      const controller = new AbortController()
      const options = { signal: controller.signal }
      replies.length = 0
      const query = { names: ['a'], interval: 'slot', range: { first: 0, last: 9_000 } }
      const working = work === 'delete' ? store.delete(['a'], options) : store.read(query, options)
      controller.abort(new Error('enough'))
      await expect(working).rejects.toThrow('enough')
      expect(replies).toHaveLength(1)
    }
    client.disconnect()
  })

  it('many old chunks without an expiry cost a new one no more than a few do', async () => {
    const open = (steps?: number) =>
      createTimeseries(redisDriver(redis, { prefix, lease: 50 }), {
        type: 'set',
        valueType: 'int',
        intervals: { minute: { step: 60, ...(steps && { steps }) } },
      })
    const now = Math.floor(Date.now() / 60_000) * 60
    const old = Array.from({ length: 2_000 }, (_, index) => ({ name: 'a', value: 1, timestamp: now - index * 60 }))
    await open().bulkInsert([...old, { name: 'a', value: 1, timestamp: now + 365 * 86_400 }])
    const later = open(1_000)
    await later.open()
    await redis.config('RESETSTAT')
    for (let turn = 1; turn <= 5; turn++) await later.insert('a', turn, { timestamp: now + turn * 60 })
    const asked = /cmdstat_pttl:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1]
    // Each insert touches its own keys and sixteen dead chunks.
    expect(Number(asked)).toBeLessThan(5 * 30)
    const [index] = await redis.keys(`${prefix}*:minute:a`)
    expect(await redis.zcard(index!)).toBe(2_001 + 5 - 5 * 16)
  })
})
