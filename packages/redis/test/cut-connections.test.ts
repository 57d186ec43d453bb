import { createTimeseries, KairosError } from '@kairos/core'
import type { OriginalType } from '@kairos/core/driver'
import { type Fault, type FaultProxy, startFaultProxy } from '@kairos/driver-tests'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RedisDriver, type RedisDriverOptions, redisDriver } from '../src/index.ts'
import { CLUSTER_URL, nodesOf, REDIS_URL } from './clients.ts'

/** How many connections each of ten runs cuts; with a run for each type and way of delivery, more than 1,000 in all. */
const CUTS = 105
/** How many connections runs with other clients cut. */
const FEWER_CUTS = 40
const WRITERS = 5
const NAME = 'cut'
const TIMESTAMP = 1_700_000_000
const now = () => TIMESTAMP + 60

/** What one write adds: for types that keep values, a new one, so that a lost or repeated one shows. */
const nextValue: Readonly<Record<OriginalType, (turn: number) => number>> = {
  count: () => 1,
  histogram: (turn) => turn % 3,
  series: (turn) => turn,
  set: (turn) => turn,
  gauge: (turn) => turn,
}

/** How many writes are visible in a cell. */
const writesIn: Readonly<Record<OriginalType, (cell: never) => number>> = {
  count: (cell: number) => cell,
  histogram: (cell: Map<number, number>) => [...cell.values()].reduce((sum, times) => sum + times, 0),
  series: (cell: number[]) => cell.length,
  set: (cell: Set<number>) => cell.size,
  gauge: (cell: number | null) => (cell === null ? 0 : 1),
}

/** A proxy that cuts script calls, but not the client's handshake. */
class Breaker {
  faults: readonly Fault[] = []
  chance = 0.3
  #turn = 0
  readonly decide = (data: Uint8Array): Fault | null => {
    if (this.faults.length === 0 || !/evalsha/i.test(Buffer.from(data).toString('latin1', 0, 200))) return null
    return Math.random() < this.chance ? this.faults[this.#turn++ % this.faults.length]! : null
  }
}

const rejections: unknown[] = []
const onRejection = (reason: unknown) => rejections.push(reason)
beforeAll(() => {
  process.on('unhandledRejection', onRejection)
})
afterAll(() => {
  process.off('unhandledRejection', onRejection)
  expect(rejections).toEqual([])
})

/** What is safe to write again is in doubt only once patience has ended, which on a busy machine it does between a few cuts. */
const PATIENCE = 100_000
const config = (type: OriginalType) =>
  ({ type, intervals: { day: { step: 86_400, steps: 10 } }, now, patience: PATIENCE }) as never

interface Run {
  readonly type: OriginalType
  readonly delivery?: 'once'
  readonly cuts?: number
  readonly breaker: Breaker
  readonly proxies: readonly FaultProxy[]
  /** The store in which the data are counted at the end. */
  readonly url: string
  through(options: RedisDriverOptions): RedisDriver
}

/** Writes until this many connections were cut. Returns how many writes were acknowledged, left in doubt, and stored. */
async function writeThroughCuts({ type, delivery, cuts = CUTS, breaker, proxies, url, through }: Run) {
  const prefix = `cuts:${type}`
  const direct = createTimeseries(redisDriver(url, { prefix }), config(type))
  await direct.deleteAll()
  const driver = through({ prefix })
  const timeseries = await createTimeseries(driver, config(type)).open()
  const done = () => proxies.reduce((sum, { faults }) => sum + faults['cut-reply'] + faults['cut-request'], 0)
  const before = done()
  let acknowledged = 0
  let maybe = 0
  let turn = 0
  const writer = async (): Promise<void> => {
    while (done() - before < cuts) {
      try {
        await timeseries.insert(NAME, nextValue[type](turn++) as never, {
          timestamp: TIMESTAMP,
          ...(delivery && { delivery }),
        })
        acknowledged++
      } catch (error) {
        if (!KairosError.is(error) || error.code !== 'KAIROS_STORE_FAILED') throw error
        expect(error.maybeApplied!.length + error.notApplied!.length).toBe(1)
        maybe += error.maybeApplied!.length
      }
    }
  }
  breaker.faults = ['cut-reply', 'cut-request', 'cut-reply']
  await Promise.all(Array.from({ length: WRITERS }, writer))
  breaker.faults = []
  await driver.close()
  const [cell] = (await direct.get(NAME, 'day', { timestamp: TIMESTAMP })).values()
  await direct.deleteAll()
  await direct.close()
  return { acknowledged, maybe, stored: writesIn[type](cell as never), cell }
}

function expectBound({ acknowledged, maybe, stored }: { acknowledged: number; maybe: number; stored: number }): void {
  expect(acknowledged).toBeGreaterThan(0)
  expect(stored).toBeGreaterThanOrEqual(acknowledged)
  expect(stored).toBeLessThanOrEqual(acknowledged + maybe)
}

describe.skipIf(REDIS_URL === undefined)('a connection that breaks', { timeout: 120_000 }, () => {
  const breaker = new Breaker()
  let proxy: FaultProxy
  let url: string
  const run = (type: OriginalType, more: Partial<Run> = {}) =>
    writeThroughCuts({
      type,
      breaker,
      proxies: [proxy],
      url: REDIS_URL!,
      through: (options) => redisDriver(url, options),
      ...more,
    })

  beforeAll(async () => {
    proxy = await startFaultProxy({ target: nodesOf(REDIS_URL!)[0]!, decide: breaker.decide })
    url = `redis://${proxy.host}:${proxy.port}`
  })
  afterAll(() => proxy.close())

  it.each(['count', 'histogram', 'series'] as const)(
    '%s: acknowledged <= stored <= acknowledged + maybeApplied',
    async (type) => {
      const outcome = await run(type)
      expectBound(outcome)
      expect(outcome.maybe).toBeGreaterThan(0)
    },
  )

  it.each(['set', 'gauge'] as const)(
    '%s: written again until it is acknowledged, so nothing is in doubt',
    async (type) => {
      const { acknowledged, maybe, stored, cell } = await run(type)
      expect(maybe).toBe(0)
      expect(stored).toBe(type === 'set' ? acknowledged : 1)
      if (type === 'gauge') expect(cell).toBeLessThan(acknowledged)
    },
  )

  it.each(['count', 'histogram', 'series', 'set', 'gauge'] as const)(
    "%s with delivery: 'once': stored is what was acknowledged",
    async (type) => {
      const { acknowledged, maybe, stored } = await run(type, { delivery: 'once' })
      expect(maybe).toBe(0)
      expect(stored).toBe(type === 'gauge' ? 1 : acknowledged)
    },
  )

  it('a client that resends is named in a warning, once, and counts nothing twice', async () => {
    const warnings: unknown[] = []
    const onWarning = (warning: Error & { code?: string }) => warnings.push(warning.code)
    process.on('warning', onWarning)
    // The defaults of ioredis, but quicker.
    const client = new Redis(url, { retryStrategy: () => 10 }).on('error', () => {})
    redisDriver(client)
    expectBound(await run('count', { cuts: FEWER_CUTS, through: (options) => redisDriver(client, options) }))
    expect(warnings).toEqual(['KAIROS_REDIS_RESENDS'])
    process.off('warning', onWarning)
    client.disconnect()
  })

  it('node-redis: acknowledged <= stored <= acknowledged + maybeApplied', async () => {
    const client = await createClient({ url, socket: { reconnectStrategy: () => 10 } })
      .on('error', () => {})
      .connect()
    const through = (options: RedisDriverOptions) => redisDriver(client, options)
    expectBound(await run('count', { cuts: FEWER_CUTS, through }))
    const { acknowledged, stored } = await run('series', { cuts: FEWER_CUTS, through, delivery: 'once' })
    expect(stored).toBe(acknowledged)
    client.destroy()
  })

  it('a connection that stalls ends every call within its timeout, and is closed', async () => {
    const driver = redisDriver(url, { prefix: 'stalls', timeout: 500 })
    const timeseries = createTimeseries(driver, { type: 'count', intervals: { day: { step: 86_400, steps: 10 } }, now })
    await timeseries.deleteAll()
    await timeseries.insert(NAME, 1, { timestamp: TIMESTAMP })
    const { stall } = proxy.faults
    breaker.faults = ['stall']
    breaker.chance = 1
    const write = timeseries.insert(NAME, 1, { timestamp: TIMESTAMP })
    await expect(write).rejects.toMatchObject({ code: 'KAIROS_STORE_FAILED', maybeApplied: [{ name: NAME }] })
    breaker.faults = []
    breaker.chance = 0.3
    expect(proxy.faults.stall).toBe(stall + 1)
    // On a new connection: the silent one was closed.
    const [count] = (await timeseries.get(NAME, 'day', { timestamp: TIMESTAMP })).values()
    expect(count).toBe(2)
    await timeseries.deleteAll()
    await driver.close()
  })

  it('what was never sent was not applied, and is written when the server is back', async () => {
    const driver = redisDriver(url, { prefix: 'unsent', timeout: 500 })
    const timeseries = createTimeseries(driver, { type: 'count', intervals: { day: { step: 86_400, steps: 10 } }, now })
    await timeseries.deleteAll()
    const { port } = proxy
    await proxy.close()
    // The client needs a moment to see that its connection is gone.
    await new Promise((resolve) => setTimeout(resolve, 100))
    const write = timeseries.insert(NAME, 1, { timestamp: TIMESTAMP })
    await new Promise((resolve) => setTimeout(resolve, 200))
    proxy = await startFaultProxy({ target: nodesOf(REDIS_URL!)[0]!, port, decide: breaker.decide })
    expect(await write).toEqual({ stored: 1, expired: 0 })
    await timeseries.deleteAll()
    await driver.close()
  })
})

describe.skipIf(CLUSTER_URL === undefined)('connections of a cluster that break', { timeout: 120_000 }, () => {
  const breaker = new Breaker()
  const proxies: FaultProxy[] = []
  const natMap: Record<string, { host: string; port: number }> = {}
  const through = (options: RedisDriverOptions) => redisDriver(CLUSTER_URL!, { ...options, clientConfig: { natMap } })

  beforeAll(async () => {
    for (const target of nodesOf(CLUSTER_URL!)) {
      const proxy = await startFaultProxy({ target, decide: breaker.decide })
      proxies.push(proxy)
      natMap[`${target.host}:${target.port}`] = { host: proxy.host, port: proxy.port }
    }
  })
  afterAll(async () => {
    for (const proxy of proxies) await proxy.close()
  })

  it.each(['count', 'series'] as const)('%s: acknowledged <= stored <= acknowledged + maybeApplied', async (type) => {
    expectBound(await writeThroughCuts({ type, cuts: FEWER_CUTS, breaker, proxies, url: CLUSTER_URL!, through }))
  })

  it.each(['count', 'series'] as const)("%s with delivery: 'once': stored is what was acknowledged", async (type) => {
    const run = { type, cuts: FEWER_CUTS, breaker, proxies, url: CLUSTER_URL!, through, delivery: 'once' } as const
    const { acknowledged, stored, maybe } = await writeThroughCuts(run)
    expect([stored, maybe]).toEqual([acknowledged, 0])
  })
})
