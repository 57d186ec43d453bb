import { tracingChannel } from 'node:diagnostics_channel'
import { setImmediate } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Capabilities, CellStore, DriverCallOptions, StorageDriver, SweepQuery } from '../../src/driver.ts'
import { memoryDriver, type StoreMessage } from '../../src/index.ts'
import { expiryOf, TYPES_OF_SPEC_1 } from '../../src/toolkit/types-of-spec-1.ts'
import { createAny } from '../support/any-timeseries.ts'
import { failureOf } from '../support/failure.ts'

const OLD = 1_000
const config = { type: 'count', intervals: { minute: { step: 60, steps: 2 } }, sweep: true, now: () => OLD * 60 }
/** Far longer than anything takes here. */
const PATIENTLY = { timeout: 30_000, interval: 1 }

afterEach(() => vi.restoreAllMocks())

/** A memory driver that holds this many expired cells, each of a name of its own, and records its sweeps. */
async function driverWith(
  expired: number,
  { capabilities, sweep }: { capabilities?: Partial<Capabilities>; sweep?: CellStore['sweep'] } = {},
) {
  const memory = memoryDriver()
  const sweeps: {
    query: SweepQuery
    options: DriverCallOptions | undefined
    answer: ReturnType<NonNullable<CellStore['sweep']>>
  }[] = []
  let store: CellStore | undefined
  const driver: StorageDriver = {
    ...memory,
    capabilities: { ...memory.capabilities, ...capabilities },
    async open(...given) {
      const opened = await memory.open(...given)
      const own = opened.store
      store = own
      return {
        ...opened,
        store: {
          ...own,
          sweep(query, options) {
            const answer = (sweep ?? own.sweep!)(query, options)
            sweeps.push({ query, options, answer })
            return answer
          },
        },
      }
    },
  }
  const earlier = createAny(driver, { ...config, sweep: false, now: () => 0 })
  await earlier.bulkInsert([
    ...Array.from({ length: expired }, (_, index) => ({ name: `n${index}` })),
    { name: 'last' },
  ])
  /** How many cells the store holds, expired ones too. */
  const held = async (): Promise<number> => {
    const names = ['last', ...Array.from({ length: expired }, (_, index) => `n${index}`)]
    return (await store!.read({ names, interval: 'minute', range: { first: 0, last: OLD * 2 } })).length
  }
  return { driver, sweeps, held }
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await setImmediate()
}

/** A clock that a test moves, in milliseconds. */
function monotonicClock(): { at: number } {
  const clock = { at: performance.now() }
  vi.spyOn(performance, 'now').mockImplementation(() => clock.at)
  return clock
}

describe('a timeseries sweeps beside its writes', () => {
  it('in parts, each after a write that does not wait for it', async () => {
    const { driver, sweeps, held } = await driverWith(3_500)
    const clock = monotonicClock()
    const counts = createAny(driver, config)
    await counts.insert('a')
    expect(sweeps).toEqual([])
    for (let part = 1; part <= 4; part++) {
      await vi.waitUntil(() => sweeps.length === part, PATIENTLY)
      const { swept, done } = await sweeps[part - 1]!.answer
      expect(swept).toBe(part < 4 ? 1_000 : 501)
      expect(done).toBe(part === 4)
      await turns()
      // Nothing follows without a write.
      expect(sweeps).toHaveLength(part)
      clock.at += 1_000
      await counts.insert('a')
    }
    expect(await held()).toBe(0)
    expect(new Set(sweeps.map(({ query }) => query)).size).toBe(1)
    expect(sweeps[0]!.options?.driverOptions).toBeUndefined()
    await turns()
    expect(sweeps).toHaveLength(4)
    await counts.close()
  })

  it('looking at some names at a time, and again when a bucket has expired, at most once a minute', async () => {
    const { driver, sweeps } = await driverWith(0)
    const clock = monotonicClock()
    let now = OLD * 60
    const counts = createAny(driver, { ...config, now: () => now })
    await counts.bulkInsert(Array.from({ length: 4_500 }, (_, index) => ({ name: `n${index}` })))
    const finished = async (count: number) => {
      await vi.waitUntil(async () => {
        await turns()
        if (sweeps.length < count) await counts.insert('a')
        clock.at += 100
        return sweeps.length >= count
      }, PATIENTLY)
      await turns()
      return Promise.all(sweeps.map(async ({ answer }) => (await answer).swept))
    }
    expect(await finished(3)).toEqual([1, 0, 0])
    for (let index = 0; index < 100; index++) await counts.insert('a')
    now += 120
    for (let index = 0; index < 100; index++) await counts.insert('a')
    await turns()
    expect(sweeps).toHaveLength(3)
    clock.at += 60_000
    expect(await finished(8)).toEqual([1, 0, 0, 1_000, 1_000, 1_000, 1_000, 501])
    clock.at += 60_000
    for (let index = 0; index < 100; index++) await counts.insert('a')
    await turns()
    expect(sweeps).toHaveLength(8)
    await counts.close()
  })

  it('never in the transaction of the caller, nor by its writes', async () => {
    const { driver, sweeps } = await driverWith(5, { capabilities: { writeOptions: ['transaction'] } })
    const counts = createAny(driver, config)
    await counts.insert('a', 1, { transaction: {} })
    await counts.bulkInsert([{ name: 'a' }], { transaction: {} })
    await turns()
    expect(sweeps).toEqual([])
    await counts.insert('a')
    await vi.waitUntil(() => sweeps.length === 1, PATIENTLY)
    expect(sweeps[0]!.options?.driverOptions).toBeUndefined()
    await counts.close()
  })

  it('not where it is turned off, where nothing expires, and where the store does it', async () => {
    const native = expiryOf(TYPES_OF_SPEC_1, 'native')
    for (const [own, capabilities] of [
      [{ sweep: false }, {}],
      [{ intervals: { minute: { step: 60 } } }, {}],
      [{}, { expiry: native }],
    ] as const) {
      const { driver, sweeps } = await driverWith(5, { capabilities })
      const counts = createAny(driver, { ...config, ...own })
      await counts.insert('a')
      await turns()
      expect(sweeps).toEqual([])
      await counts.close()
    }
    await failureOf(() => createAny('memory:', { ...config, sweep: 1 }), 'KAIROS_INVALID_CONFIG')
  })

  it('harmlessly when that fails, and visibly; and tries again a minute later', async () => {
    const messages: StoreMessage[] = []
    const channel = tracingChannel<unknown, StoreMessage>('kairos:store')
    const nothing = (): void => {}
    const subscribers = {
      ...{ start: nothing, end: nothing, asyncStart: nothing, error: nothing },
      asyncEnd: (message: StoreMessage) => void (message.operation === 'sweep' && messages.push(message)),
    }
    channel.subscribe(subscribers)
    try {
      const clock = monotonicClock()
      const { driver, sweeps } = await driverWith(5, {
        sweep: () => Promise.reject(Object.assign(new Error('locked'), { retry: 'now' })),
      })
      const counts = createAny(driver, config)
      await counts.insert('a')
      await vi.waitUntil(() => messages.length === 1, PATIENTLY)
      expect(messages[0]).toMatchObject({
        driver: 'memory',
        outcome: 'failure',
        attempt: 1,
        calls: [],
        error: { message: 'locked' },
      })
      clock.at += 59_000
      for (let index = 0; index < 20; index++) await counts.insert('a')
      await turns()
      expect(sweeps).toHaveLength(1)
      clock.at += 1_001
      await counts.insert('a')
      await vi.waitUntil(() => messages.length === 2, PATIENTLY)
      await counts.close()
    } finally {
      channel.unsubscribe(subscribers)
    }
  })

  it('until it is closed, which ends a part that is under way', async () => {
    let stopped = false
    const { driver, sweeps } = await driverWith(5, {
      sweep: (_query, options) =>
        new Promise((_, reject) => {
          options!.signal!.addEventListener('abort', () => {
            stopped = true
            reject(new Error('stopped'))
          })
        }),
    })
    const counts = createAny(driver, config)
    await counts.insert('a')
    await vi.waitUntil(() => sweeps.length === 1, PATIENTLY)
    await counts.close()
    expect(stopped).toBe(true)
  })

  it('beside others who do the same', async () => {
    const { driver, sweeps, held } = await driverWith(2_500)
    const all = Array.from({ length: 4 }, () => createAny(driver, config))
    await vi.waitUntil(async () => {
      await Promise.all(all.map((counts) => counts.insert('a')))
      return (await held()) === 0
    }, PATIENTLY)
    expect(sweeps.length).toBeGreaterThan(3)
    for (const counts of all) await counts.close()
  })
})
