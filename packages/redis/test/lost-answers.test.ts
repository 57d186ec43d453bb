import { createTimeseries, KairosError } from '@kairos/core'
import { type FaultProxy, startFaultProxy } from '@kairos/driver-tests'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type RedisDriver, redisDriver } from '../src/index.ts'
import { nodesOf, REDIS_URL } from './clients.ts'

const PREFIX = 'lost-answers'
const LEASE = 20
/** Each wait before a repeat costs some 100 ms. */
const STEP = process.env.KAIROS_TEST_SIZE === 'long' ? 1 : 2
const NOW = 1_700_000_000
const START = NOW - (NOW % 60)
const CELL = { name: 'a', interval: 'minute', start: START } as const
const minute = { step: 60 }
const hour = { step: 3600 }

const configOf = <Intervals extends object>(intervals: Intervals) =>
  ({ type: 'count', intervals, now: () => NOW }) as const

const open = (driver: RedisDriver) => createTimeseries(driver, configOf({ minute }))

describe.skipIf(REDIS_URL === undefined)('calls whose answers are lost', () => {
  let proxy: FaultProxy
  let driver: RedisDriver
  let direct: RedisDriver
  let server: Redis
  /** How many scripts are answered before the one whose answer is lost; below 0: none is lost. */
  let answered = -1
  beforeAll(async () => {
    const [target] = nodesOf(REDIS_URL!)
    const decide = (data: Uint8Array) =>
      answered >= 0 && /evalsha/i.test(Buffer.from(data).toString('latin1')) && answered-- === 0 ? 'cut-reply' : null
    proxy = await startFaultProxy({ target: target!, decide })
    driver = redisDriver(`redis://127.0.0.1:${proxy.port}`, { prefix: PREFIX, lease: LEASE })
    direct = redisDriver(REDIS_URL!, { prefix: PREFIX, lease: LEASE })
    server = new Redis(REDIS_URL!)
  })
  afterAll(async () => {
    await Promise.all([driver.close(), direct.close()])
    await proxy.close()
    server.disconnect()
  })

  const keys = async () => (await server.keys(`${PREFIX}:*`)).filter((key) => !key.endsWith(':schema')).sort()

  beforeEach(async () => {
    answered = -1
    const left = await server.keys(`${PREFIX}:*`)
    if (left.length > 0) await server.del(left)
    const timeseries = createTimeseries(direct, configOf({ minute, hour }))
    for (const name of ['a', 'b']) await timeseries.insert(name, 5)
  })

  /** Makes a call again and again, each time with the answer of a later script lost, until it needs no more scripts; at the short size, of every other. */
  async function losingEach(
    call: (timeseries: ReturnType<typeof open>) => Promise<unknown>,
    check: (outcome: unknown) => Promise<void>,
    prepare: () => Promise<void>,
  ): Promise<void> {
    for (let lost = STEP - 1; ; lost += STEP) {
      await prepare()
      const timeseries = open(driver)
      await timeseries.open()
      answered = lost
      await check(await call(timeseries))
      if (answered >= 0) {
        answered = -1
        return
      }
    }
  }

  const refill = async () => {
    const timeseries = createTimeseries(direct, configOf({ minute, hour }))
    await timeseries.deleteAll()
    for (const name of ['a', 'b']) await timeseries.insert(name, 5)
  }
  const held = async () => (await open(direct).get('a', 'minute')).get(START)

  it('drop() removes everything, whichever answer is lost', async () => {
    await losingEach(
      (timeseries) => timeseries.drop(),
      async () => expect(await keys()).toEqual([]),
      refill,
    )
  })

  it('drop({ interval }) removes the interval, whichever answer is lost', async () => {
    await losingEach(
      (timeseries) => timeseries.drop({ interval: 'hour' }),
      async () => {
        expect((await keys()).filter((key) => key.includes('}:hour'))).toEqual([])
        expect(await held()).toBe(5)
      },
      refill,
    )
  })

  it('delete() of a range deletes it once: what is written afterwards stays', async () => {
    await losingEach(
      (timeseries) => timeseries.delete('a', { interval: 'minute', start: START, end: START }),
      async () => {
        expect(await held()).toBe(0)
        await open(direct).insert('a', 2)
        expect(await held()).toBe(2)
      },
      refill,
    )
  })

  it('write() replaces a cell', async () => {
    await losingEach(
      (timeseries) => timeseries.write([{ ...CELL, value: 70_000 }], { mode: 'replace' }),
      async (outcome) => {
        expect(outcome).toEqual({ stored: 1, expired: 0, unexpected: [] })
        expect(await held()).toBe(70_000)
      },
      refill,
    )
  })

  it('write() of a cell with `expected` is in doubt rather than refused as unexpected', async () => {
    const cell = { ...CELL, value: 6, expected: 5 }
    await losingEach(
      (timeseries) => timeseries.write([cell], { mode: 'replace' }).catch((error: unknown) => error),
      async (outcome) => {
        if (KairosError.is(outcome)) expect(outcome).toMatchObject({ stored: 0, notApplied: [], maybeApplied: [cell] })
        else expect(outcome).toEqual({ stored: 1, expired: 0, unexpected: [] })
        expect(await held()).toBe(6)
      },
      refill,
    )
  })

  it('insert() with `returning` counts once; with delivery "once" it returns the count', async () => {
    await losingEach(
      (timeseries) => timeseries.insert('a', 2, { returning: 'minute', delivery: 'once' }),
      async (outcome) => {
        expect(outcome).toEqual({ stored: 1, expired: 0, value: 7 })
        expect(await held()).toBe(7)
      },
      refill,
    )
    await losingEach(
      (timeseries) => timeseries.insert('a', 2, { returning: 'minute' }).catch((error: unknown) => error),
      async (outcome) => {
        if (KairosError.is(outcome)) expect(outcome.maybeApplied).toEqual([{ ...CELL, value: 2 }])
        else expect(outcome).toEqual({ stored: 1, expired: 0, value: 7 })
        expect(await held()).toBe(7)
      },
      refill,
    )
  })
})
