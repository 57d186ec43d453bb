import { createTimeseries } from '@kairos/core'
import { afterAll, describe, expect, it as test } from 'vitest'
import { redisDriver } from '../src/index.ts'
import { careful } from './clients.ts'
import { ownRedis } from './own-redis.ts'

// Its own: the tests count the commands that a server was asked for.
const REDIS_URL = await ownRedis()
const it = test.skipIf(REDIS_URL === undefined)
const redis = REDIS_URL === undefined ? (undefined as never) : careful(REDIS_URL)
afterAll(() => {
  if (REDIS_URL !== undefined) redis.disconnect()
})

/** A day's minutes and hours, of which nothing expires. */
const countsAt = (prefix: string, client = redis) =>
  createTimeseries(redisDriver(client, { prefix, shards: 8 }), {
    type: 'count',
    intervals: { minute: { step: 60 }, hour: { step: 3600 } },
    now: () => 1e9,
  })
type Counts = ReturnType<typeof countsAt>

/** How many commands the work takes, those in scripts included. */
async function commandsOf(work: () => Promise<unknown>): Promise<number> {
  await redis.config('RESETSTAT')
  await work()
  const found = (await redis.info('commandstats')).matchAll(/cmdstat_(?!info|config)\S+:calls=(\d+)/g)
  return [...found].reduce((sum, [, calls]) => sum + Number(calls), 0)
}

/** What each call takes, by what it does. */
async function costsOf(calls: Readonly<Record<string, () => Promise<unknown>>>): Promise<Record<string, number>> {
  const costs: Record<string, number> = {}
  for (const [title, call] of Object.entries(calls)) costs[title] = await commandsOf(call)
  return costs
}

/** The calls that take more, by more than what a process asks for from time to time: the lease of its record, the server's clock. */
function dearerThan(few: Readonly<Record<string, number>>, costs: Readonly<Record<string, number>>) {
  return Object.fromEntries(Object.entries(costs).filter(([title, cost]) => cost > few[title]! * 1.2 + 4))
}

const open = async (prefix: string) => {
  const counts = await countsAt(prefix).open()
  await counts.close()
}

/** Chunks hold 232 buckets: those of a call are in the same places of chunks, whatever the size. */
const CHUNK = 232
const pointsOf = (buckets: number) =>
  Array.from({ length: buckets }, (_, index) => ({ name: 'a', value: 1, timestamp: index * 60 }))

describe('what a call costs the server does not grow with what is stored', () => {
  it('beside ever more buckets of a name', async () => {
    const costs = async (chunks: number) => {
      const counts: Counts = countsAt(`buckets-${chunks}`)
      await counts.bulkInsert(pointsOf(chunks * CHUNK))
      const [start, end] = [chunks / 2, chunks / 2 + 1].map((chunk) => (chunk * CHUNK - 50) * 60) as [number, number]
      const found = await costsOf({
        open: () => open(`buckets-${chunks}`),
        get: () => counts.get('a', 'minute', { timestamp: start }),
        series: () => counts.series('a', 'minute', { start, end }),
        properties: () => counts.properties('a'),
        insert: () => counts.insert('a', 1, { timestamp: start }),
        delete: () => counts.delete('a', { interval: 'minute', start, end }),
      })
      await counts.close()
      return found
    }
    const few = await costs(4)
    expect(dearerThan(few, await costs(40))).toEqual({})
    expect(Math.max(...Object.values(few))).toBeLessThan(50)
  })

  it('beside ever more names', async () => {
    const costs = async (size: number) => {
      const counts: Counts = countsAt(`names-${size}`)
      const names = Array.from({ length: size }, (_, index) => `n${String(index).padStart(4, '0')}`)
      await counts.bulkInsert(names.map((name) => ({ name, timestamp: 0 })))
      const found = await costsOf({
        open: () => open(`names-${size}`),
        get: () => counts.get('n0300', 'minute', { timestamp: 0 }),
        insert: () => counts.insert('n0300', 1, { timestamp: 0 }),
        create: () => counts.insert('new', 1, { timestamp: 0 }),
        delete: () => counts.delete('new'),
        prefix: async () => expect(await counts.list({ prefix: 'n02' })).toEqual(names.slice(200, 300)),
        after: async () => expect(await counts.list({ after: 'n0199', limit: 100 })).toEqual(names.slice(200, 300)),
      })
      await counts.close()
      return found
    }
    const few = await costs(400)
    expect(dearerThan(few, await costs(4_000))).toEqual({})
    // Of a name that is in two intervals, one is looked at.
    expect(few.prefix).toBeLessThan(2 * 8 * 4 + 8 * 14)
  })

  it('and of all that is deleted, a few names wait for the server at a time', async () => {
    const client = careful(REDIS_URL!)
    const send = Reflect.get(client, 'evalshaBuffer').bind(client) as (...given: unknown[]) => Promise<unknown>
    let [waiting, most] = [0, 0]
    Object.assign(client, {
      async evalshaBuffer(...given: unknown[]) {
        most = Math.max(most, ++waiting)
        return send(...given).finally(() => waiting--)
      },
    })
    const counts = countsAt('many', client)
    await counts.bulkInsert(Array.from({ length: 4_000 }, (_, index) => ({ name: `n${index}`, timestamp: 0 })))
    most = 0
    await counts.deleteAll()
    expect(most).toBeGreaterThan(1)
    expect(most).toBeLessThan(20)
    expect(await counts.list()).toEqual([])
    client.disconnect()
  })
})
