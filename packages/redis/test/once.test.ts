import type { CellStore, CellWrite } from '@kairos/core/driver'
import { Redis } from 'ioredis'
import { afterAll, beforeEach, describe, expect, it as test, vi } from 'vitest'
import { ioredisClient } from '../src/connection/ioredis.ts'
import { ScriptRunner } from '../src/connection/script-runner.ts'
import { redisDriver } from '../src/index.ts'
import { writeScripts } from '../src/scripts/write.ts'
import { onceSeconds } from '../src/store/once-seconds.ts'
import { careful, REDIS_URL } from './clients.ts'

const it = test.skipIf(REDIS_URL === undefined)
const redis = REDIS_URL === undefined ? (undefined as never) : careful(REDIS_URL)
let prefix = ''
let tests = 0
beforeEach(() => {
  prefix = `once-${process.pid}-${tests++}:`
})
afterAll(async () => {
  if (REDIS_URL === undefined) return
  const keys = await redis.keys(`once-${process.pid}-*`)
  if (keys.length > 0) await redis.unlink(keys)
  redis.disconnect()
})

const shape = {
  record: 'slot',
  facts: '{}',
  hasResolution: false,
  fanOut: 1,
  resolutionRange: () => ({ first: 0, last: 0 }),
}
const schema = {
  type: 'count',
  valueType: 'float',
  record: 'counts',
  facts: '{}',
  intervals: { slot: { ...shape, expiresAt: () => null } },
} as const
const cell = (name: string, bucket = 5): CellWrite => ({
  name,
  interval: 'slot',
  bucket,
  resolutionBucket: 0,
  change: 1,
})
const batch = (id: string, ...cells: CellWrite[]) => ({ id, cells, oldestLive: { slot: 0 } })
const open = async (client = redis, timeout = 10_000): Promise<CellStore> =>
  (await redisDriver(client, { prefix, timeout }).open(schema)).store
const sumOf = async (store: CellStore, ...names: string[]) => {
  const cells = await store.read({ names, interval: 'slot', range: { first: 0, last: 100 } })
  return cells.reduce((sum, { value }) => sum + (value as number), 0)
}

describe('a batch with an id', () => {
  it('that was rejected in part is rejected again in the same part, by any process that repeats it', async () => {
    const [one, two] = [await open(), await open()]
    const large = (name: string): CellWrite => ({ ...cell(name), change: 1e308 })
    await one.write({ cells: [large('full')], oldestLive: { slot: 0 } })
    const job = batch('key:part', large('full'), cell('other'))
    for (const [store, repeat] of [
      [one, job],
      [one, job],
      [two, { ...job }],
    ] as const) {
      const failure = await store.write(repeat).catch((error: unknown) => error)
      expect(failure).toMatchObject({ retry: 'never', notApplied: [large('full')], maybeApplied: [] })
    }
    expect(await sumOf(one, 'full', 'other')).toBe(1e308 + 1)
  })

  it('is written once by any process, and repeats are reported', async () => {
    const [one, two] = [await open(), await open()]
    const first = batch('key:job', cell('a'))
    expect((await one.write(first))?.repeated).toBeUndefined()
    expect((await one.write(first))?.repeated).toBeUndefined()
    expect((await two.write(batch('key:job', cell('a'))))?.repeated).toBe(true)
    // Without a timestamp, the same write may later be for another bucket.
    expect((await two.write(batch('key:job', cell('a', 6))))?.repeated).toBe(true)
    expect((await two.write(batch('key:other', cell('a'))))?.repeated).toBeUndefined()
    expect(await sumOf(one, 'a')).toBe(2)
  })

  it('is repeated whole although some of its cells have expired since', async () => {
    const [one, two] = [await open(), await open()]
    const names = Array.from({ length: 50 }, (_, index) => `name-${index}`).sort()
    await one.write(batch('key:bulk', ...names.map((name) => cell(name))))
    const rest = names.filter((_, index) => index % 3 !== 0).map((name) => cell(name))
    expect((await two.write(batch('key:bulk', ...rest)))?.repeated).toBe(true)
    expect(await sumOf(one, ...names)).toBe(names.length)
  })

  it('that takes long to write is repeated whole as well, after a failure halfway, with the cells that are left', async () => {
    // Lets this many writes through: every call after them is lost on the way.
    const dropping = (most: number): Redis => {
      let writes = 0
      const evalshaBuffer = (request: readonly unknown[]) => {
        if (request[0] === writeScripts.count.sha && writes++ >= most) return Promise.reject(new Error('lost'))
        return (
          redis as unknown as Record<'evalshaBuffer', (request: readonly unknown[]) => Promise<unknown>>
        ).evalshaBuffer(request)
      }
      return Object.create(redis, { evalshaBuffer: { value: evalshaBuffer } }) as Redis
    }
    const wide = { ...schema, intervals: { slot: { ...schema.intervals.slot, hasResolution: true, fanOut: 100 } } }
    const cells = Array.from({ length: 2_000 }, (_, bucket) => cell('a', bucket))
    await redis.script('LOAD', writeScripts.count.text)
    for (const most of [0, 1, 2]) {
      const [first, second] = await Promise.all(
        [dropping(most), redis].map(
          async (client) => (await redisDriver(client, { prefix, lease: 60_000 }).open(wide)).store,
        ),
      )
      const left = cells.slice(777)
      await first!.write(batch(`key:${most}`, ...cells)).catch(() => {})
      await second!.write(batch(`key:${most}`, ...left))
      const read = await second!.read({ names: ['a'], interval: 'slot', range: { first: 0, last: 2_000 } })
      const stored = new Map(read.map(({ bucket, value }) => [bucket, value]))
      expect(left.filter(({ bucket }) => stored.get(bucket) !== most + 1)).toEqual([])
    }
  })

  it('that was rejected in part is rejected in the same part when cells have expired since', async () => {
    const [one, two] = [await open(), await open()]
    const large = { ...cell('b', 7), change: 1e308 }
    await one.write({ cells: [large], oldestLive: { slot: 0 } })
    const cells = [cell('a', 1), cell('b', 2), large, cell('b', 9)]
    for (const [store, left] of [
      [one, cells],
      [two, cells.slice(1)],
      [two, cells.slice(2)],
    ] as const) {
      const failure = await store.write(batch('key:expired', ...left)).catch((error: unknown) => error)
      expect(failure).toMatchObject({ retry: 'never', notApplied: [large], maybeApplied: [] })
    }
    expect(await sumOf(one, 'a', 'b')).toBe(1e308 + 3)
  })

  it('may have an id of any characters', async () => {
    const store = await open()
    for (const id of ['key:{x}:*', `key:${'é🙂'.repeat(300)}`, 'key: ', 'key:%'])
      for (let turn = 0; turn < 2; turn++) await store.write(batch(id, cell('a')))
    expect(await sumOf(store, 'a')).toBe(4)
  })

  it('is not repeated once its marker may have expired, by the clock on the wall if the machine has slept', async () => {
    vi.resetModules()
    vi.useFakeTimers({ toFake: ['Date'] })
    const { store } = await (await import('../src/index.ts')).redisDriver(redis, { prefix }).open(schema)
    const slept = batch('key:slept', cell('a'))
    await store.write(slept)
    vi.setSystemTime(Date.now() + 599_000)
    await store.write(slept)
    vi.setSystemTime(Date.now() + 1_000)
    await expect(store.write(slept)).rejects.toMatchObject({ retry: 'never', maybeApplied: slept.cells })
    vi.useRealTimers()
    expect(await sumOf(store, 'a')).toBe(1)
  })

  it('is remembered for longer than two calls may take', async () => {
    expect(onceSeconds(10_000)).toBe(600)
    expect(onceSeconds(3_600_000)).toBe(7_200)
    expect(redisDriver(redis, { timeout: 3_600_000 }).capabilities.exactlyOnce).toEqual({ seconds: 7_200 })
    const store = await open(redis, 3_600_000)
    await store.write(batch('key:long', cell('a')))
    const [marker] = await redis.keys(`${prefix}*!*`)
    // A request may arrive as late as its timeout.
    expect(await redis.ttl(marker!)).toBeGreaterThan(7_200 + 3_600)
  })
})

describe('a client that resends commands', () => {
  it('marks its writes for longer than they may arrive', async () => {
    const client = new Redis(REDIS_URL!)
    const store = await open(client, 30_000)
    await store.write({ cells: [cell('a')], oldestLive: { slot: 0 } })
    const [marker] = await redis.keys(`${prefix}*!*`)
    expect(await redis.ttl(marker!)).toBeGreaterThan(30 + 60)
    client.disconnect()
  })

  it('a write that arrives after its deadline does nothing, and says so', async () => {
    const runner = new ScriptRunner(ioredisClient(redis), 10_000)
    const now = Date.now()
    const steps = ['a', '0', 1, 1, 2, '5', '1']
    const change = JSON.stringify([prefix, [['slot', 232, '5', false, '0']], [], steps])
    const write = (deadline: number) =>
      runner.run(writeScripts.count, [`${prefix}{0}!marker`], ['writer', '600', String(deadline), '', change])
    const reply = (await write(now - 60_000)) as [Buffer, Buffer]
    expect(String(reply[0])).toBe('late')
    expect(Number(String(reply[1]))).toBeGreaterThan(now - 60_000)
    expect(await redis.keys(`${prefix}*`)).toEqual([])
    expect(await write(now + 60_000)).toBeNull()
    // A repeat is recognized, whether early or late.
    expect(await write(now + 60_000)).toBe(0)
    expect(await write(now - 60_000)).toBe(0)
    expect(await redis.hgetall(`${prefix}{0}:slot:a:5`)).toEqual({ 5: '1' })
  })
})

describe('a request that the network has held back', () => {
  /** A client whose next request with a deadline arrives 12 seconds later. */
  function holding() {
    const held: unknown[] = []
    const evalshaBuffer = (request: readonly unknown[]) => {
      const at = request.findIndex((part) => Math.abs(Number(part) - Date.now()) < 30_000)
      const isHeld = at >= 0 && held.length === 0
      if (isHeld) held.push(request)
      return (
        redis as unknown as Record<'evalshaBuffer', (request: readonly unknown[]) => Promise<unknown>>
      ).evalshaBuffer(isHeld ? request.with(at, String(Number(request[at]) - 12_000)) : request)
    }
    return { held, client: Object.create(redis, { evalshaBuffer: { value: evalshaBuffer } }) as Redis }
  }
  const names = ['a']
  const range = { first: 0, last: 100 }
  const replacement = { name: 'a', interval: 'slot', bucket: 5, resolutionBucket: 0, value: 9 }
  const oldestLive = { slot: 0 }

  it.each<[string, (store: CellStore) => Promise<unknown>, number]>([
    ['write', (store) => store.write({ cells: [cell('a')], oldestLive }), 2],
    ['replacement', (store) => store.replace!({ cells: [replacement], oldestLive }), 9],
    ['delete', (store) => store.delete(names), 0],
    ['delete of a range', (store) => store.deleteRange({ names, interval: 'slot', range }), 0],
  ])('a %s does nothing after its deadline, and is made again', async (_, change, after) => {
    const direct = await open()
    // So that the server knows the script.
    await change(direct)
    await direct.delete(null)
    await direct.write({ cells: [cell('a')], oldestLive })
    const { client, held } = holding()
    const store = await open(client)
    const failure = await change(store).catch((error: unknown) => error)
    expect(held).toHaveLength(1)
    if (failure instanceof Error) {
      expect(failure).toMatchObject({ retry: 'now', maybeApplied: [] })
      expect(await sumOf(direct, 'a')).toBe(1)
      await change(store)
    }
    expect(await sumOf(direct, 'a')).toBe(after)
  })
})
