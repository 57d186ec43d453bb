import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  type CellValue,
  type CellWrite,
  configChangedFailure,
  failedWrite,
  type StoreFailure,
} from '../../src/driver.ts'
import { KairosError, type WriteResult } from '../../src/index.ts'
import { type AnyTimeseries, createAny } from '../support/any-timeseries.ts'
import { failureOf } from '../support/failure.ts'
import { answerLost, type Fault, type FaultyDriver, faultyDriver, notApplied } from '../support/faulty-driver.ts'

const NOW = 1_700_000_000
const MINUTE = Math.floor(NOW / 60) * 60
const STORED = { stored: 1, expired: 0 }

interface Held {
  readonly driver: FaultyDriver
  readonly timeseries: AnyTimeseries
  /** Ends the first write, of the name `first`, which holds up all others. */
  release(): void
  readonly first: Promise<WriteResult>
}

/** A timeseries with its first write on its way. */
async function held(type: string, capabilities = {}, config = {}): Promise<Held> {
  const driver = faultyDriver(capabilities)
  const timeseries = createAny(driver, { type, intervals: { minute: { step: 60 } }, now: () => NOW, ...config })
  await timeseries.open()
  await timeseries.insert('before', 1)
  driver.batches.length = 0
  driver.calls.length = 0
  const { promise, resolve: release } = Promise.withResolvers<void>()
  driver.faults.push(async ({ cells }, write) => {
    await promise
    await write(cells)
  })
  return { driver, timeseries, release, first: timeseries.insert('first', 1) }
}

async function read(timeseries: AnyTimeseries, name: string): Promise<unknown> {
  return [...(await timeseries.get(name, 'minute')).values()][0]
}

const cellOf = (name: string) => ({ name, interval: 'minute', start: MINUTE })

afterEach(() => vi.useRealTimers())

describe('inserts that wait for an earlier one', () => {
  it('are one batch, and each hears what it wrote', async () => {
    const { driver, timeseries, release, first } = await held(
      'count',
      {},
      { intervals: { minute: { step: 60, steps: 1 }, hour: { step: '1h' } } },
    )
    const inserts = Array.from({ length: 100 }, (_, index) => timeseries.insert(`n${index % 10}`, index))
    const late = timeseries.insert('n0', 1000, { timestamp: NOW - 120 })
    release()
    expect(await first).toEqual({ stored: 2, expired: 0 })
    expect(await Promise.all(inserts)).toEqual(inserts.map(() => ({ stored: 2, expired: 0 })))
    expect(await late).toEqual({ stored: 1, expired: 1 })
    expect(driver.batches.map(({ cells }) => cells.length)).toEqual([2, 20])
    expect(await read(timeseries, 'n3')).toBe(3 + 13 + 23 + 33 + 43 + 53 + 63 + 73 + 83 + 93)
    const { cells } = driver.batches[1]!
    expect(cells.map(({ name, interval }) => `${name} ${interval}`)).toEqual(
      cells.map(({ name, interval }) => `${name} ${interval}`).sort(),
    )
  })

  it.each(['series', 'histogram', 'gauge', 'set'])('are merged as their type is: %s', async (type) => {
    const { driver, timeseries, release } = await held(type)
    const all = [timeseries.insert('a', 3), timeseries.insert('a', [1, 3]), timeseries.insert('a', 2)]
    release()
    await Promise.all(all)
    const expected: Readonly<Record<string, unknown>> = {
      series: [3, 1, 3, 2],
      histogram: new Map([
        [3, 2],
        [1, 1],
        [2, 1],
      ]),
      gauge: 2,
      set: new Set([3, 1, 2]),
    }
    expect(driver.batches).toHaveLength(2)
    expect(await read(timeseries, 'a')).toEqual(expected[type])
  })

  it('go at once when none is on its way', async () => {
    const { driver, timeseries, release, first } = await held('count')
    release()
    await first
    for (let index = 0; index < 3; index++) await timeseries.insert('a')
    expect(driver.batches).toHaveLength(4)
  })

  it('keep resolution buckets apart', async () => {
    const intervals = { minute: { step: 60, resolution: 10 } }
    const { timeseries, release } = await held('count', {}, { intervals })
    const all = [0, 1, 10, 11, 20].map((more) => timeseries.insert('a', 1, { timestamp: MINUTE + more }))
    release()
    await Promise.all(all)
    expect(await timeseries.get('a', 'minute')).toEqual(
      new Map([
        [MINUTE, 2],
        [MINUTE + 10, 2],
        [MINUTE + 20, 1],
      ]),
    )
  })

  it('fill batches within the limits, which do not wait where the order cannot be seen', async () => {
    const { driver, timeseries, release } = await held('count')
    const all = Array.from({ length: 25_000 }, (_, index) => timeseries.insert(`n${index}`))
    await vi.waitFor(() => expect(driver.batches).toHaveLength(3), { timeout: 30_000 })
    release()
    await Promise.all(all)
    expect(driver.batches.map(({ cells }) => cells.length)).toEqual([1, 10_000, 10_000, 5_000])
  })

  it('fill batches one after the other where the order can be seen', async () => {
    const { driver, timeseries, release } = await held('series')
    const numbers = Array.from({ length: 30_000 }, (_, index) => index)
    const all = [0, 1, 2, 3].map((part) =>
      timeseries.insert(
        'a',
        numbers.map((number) => number + part * 30_000),
      ),
    )
    await new Promise((resolve) => setImmediate(resolve))
    expect(driver.batches).toHaveLength(1)
    release()
    await Promise.all(all)
    expect(driver.batches).toHaveLength(5)
    expect(await read(timeseries, 'a')).toEqual(Array.from({ length: 120_000 }, (_, index) => index))
  })
})

describe('a store that takes two shared batches at once', () => {
  const names = Array.from({ length: 80 }, (_, index) => `n${index}`)

  /** Two rounds of inserts, of which the first is one batch and the second held up by both that are on their way. */
  async function divided(type = 'count') {
    const { driver, timeseries, release, first } = await held(type, { sharedBatches: 2 })
    const { promise, resolve: answer } = Promise.withResolvers<void>()
    const hold: Fault = async ({ cells }, write) => {
      await promise
      await write(cells)
    }
    const insertAll = () => names.map((name) => timeseries.insert(name, 1))
    const once = insertAll()
    release()
    await Promise.all([first, ...once])
    driver.batches.length = 0
    driver.faults.push(hold, hold)
    const all = [...insertAll(), ...insertAll()]
    await new Promise((resolve) => setImmediate(resolve))
    return { driver, timeseries, all, answer }
  }

  it('has two on their way where much is written, each with names of its own', async () => {
    const { driver, timeseries, all, answer } = await divided()
    // The first insert of each lane, which all others wait for.
    expect(driver.batches).toHaveLength(2)
    answer()
    await Promise.all(all)
    expect(driver.batches).toHaveLength(4)
    const written: string[] = []
    for (const { cells } of driver.batches.slice(2)) for (const { name } of cells) written.push(name)
    expect(written.sort()).toEqual([...names].sort())
    expect(await read(timeseries, 'n7')).toBe(3)
    // With little to write, one again.
    driver.batches.length = 0
    await Promise.all(names.slice(0, 8).map((name) => timeseries.insert(name)))
    driver.batches.length = 0
    await Promise.all(names.slice(0, 8).map((name) => timeseries.insert(name)))
    expect(driver.batches).toHaveLength(2)
    expect(driver.batches[1]!.cells).toHaveLength(7)
  })

  it('has one where many calls share each cell', async () => {
    const { driver, timeseries, all, answer } = await divided()
    answer()
    await Promise.all(all)
    const often = () => Promise.all(Array.from({ length: 400 }, (_, index) => timeseries.insert(`n${index % 80}`)))
    await often()
    driver.batches.length = 0
    await often()
    expect(driver.batches).toHaveLength(2)
  })

  it('has one where the order can be seen', async () => {
    const { driver, all, answer } = await divided('gauge')
    expect(driver.batches).toHaveLength(1)
    answer()
    await Promise.all(all)
    expect(driver.batches).toHaveLength(2)
  })

  it('has sent both before a delete', async () => {
    const { driver, timeseries, all, answer } = await divided()
    const deleted = timeseries.delete('n7')
    await vi.waitFor(() => expect(driver.batches).toHaveLength(4))
    answer()
    await Promise.all([...all, deleted])
  })
})

describe('the order of arrival', () => {
  it.each(['series', 'gauge'])('is kept with other writes in between: %s', async (type) => {
    const { timeseries, release } = await held(type)
    const all = [
      timeseries.insert('a', 1),
      timeseries.insert('a', 2, { delivery: 'once' }),
      timeseries.insert('a', 3),
      timeseries.bulkInsert([{ name: 'a', value: 4 }]),
      timeseries.bulkInsert([{ name: 'a', value: 5 }]),
      timeseries.insert('a', 6, { once: 'key' }),
      timeseries.insert('a', 7),
    ]
    release()
    await Promise.all(all)
    expect(await read(timeseries, 'a')).toEqual(type === 'series' ? [1, 2, 3, 4, 5, 6, 7] : 7)
  })

  it('is kept after a batch of its own, which inserts wait for', async () => {
    const { driver, timeseries, release, first } = await held('series')
    release()
    await first
    const { promise, resolve: answer } = Promise.withResolvers<void>()
    driver.faults.push(async ({ cells }, write) => {
      await promise
      await write(cells)
    })
    const all = [timeseries.bulkInsert([{ name: 'a', value: 1 }]), timeseries.insert('a', 2), timeseries.insert('a', 3)]
    await new Promise((resolve) => setImmediate(resolve))
    expect(driver.batches).toHaveLength(2)
    answer()
    await Promise.all(all)
    expect(driver.batches).toHaveLength(3)
    expect(await read(timeseries, 'a')).toEqual([1, 2, 3])
  })

  it('is kept when a batch is tried again', async () => {
    const { driver, timeseries, release } = await held('gauge')
    driver.faults.push(notApplied('now'))
    const all = [timeseries.insert('a', 1), timeseries.bulkInsert([{ name: 'a', value: 2 }])]
    release()
    await Promise.all(all)
    expect(await read(timeseries, 'a')).toBe(2)
  })

  it('is kept by a delete, and what came after it stays', async () => {
    const { timeseries, release } = await held('count')
    const before = timeseries.insert('a', 1)
    const deleted = timeseries.delete('a')
    const after = timeseries.insert('a', 10)
    release()
    await Promise.all([before, deleted, after])
    expect(await read(timeseries, 'a')).toBe(10)
  })

  it("a call with the driver's own options never waits, and overtakes nothing", async () => {
    const { driver, timeseries, release, first } = await held('series', { writeOptions: ['transaction'] })
    const waiting = timeseries.insert('a', 1)
    await timeseries.insert('a', 2, { transaction: {} })
    await waiting
    expect(driver.calls.map(({ driverOptions }) => driverOptions)).toEqual([undefined, undefined, { transaction: {} }])
    expect(await read(timeseries, 'a')).toEqual([1, 2])
    release()
    await first
  })
})

describe('a failure of a shared batch', () => {
  it('of cells that were not applied reaches each call with its own', async () => {
    const { driver, timeseries, release } = await held('count')
    driver.faults.push(notApplied('never', ({ name }) => name !== 'a'))
    const all = ['a', 'b', 'a'].map((name) => timeseries.insert(name))
    release()
    const [one, other, third] = await Promise.allSettled(all)
    expect(other).toEqual({ status: 'fulfilled', value: STORED })
    for (const settled of [one, third]) {
      expect((settled as PromiseRejectedResult).reason).toMatchObject({
        code: 'KAIROS_STORE_FAILED',
        retryable: false,
        stored: 0,
        expired: 0,
        notApplied: [{ ...cellOf('a'), value: 1 }],
        maybeApplied: [],
      })
    }
    expect(await read(timeseries, 'a')).toBe(0)
  })

  it('whose answer was lost puts the cells in doubt for each', async () => {
    const { driver, timeseries, release } = await held('count')
    driver.faults.push(answerLost('now'))
    const all = [1, 2].map((value) => timeseries.insert('a', value))
    release()
    for (const settled of await Promise.allSettled(all)) {
      expect((settled as PromiseRejectedResult).reason).toMatchObject({
        code: 'KAIROS_STORE_FAILED',
        notApplied: [],
        maybeApplied: [cellOf('a')],
      })
    }
  })

  it('of a part puts a cell of several calls in doubt, and not one of a single call', async () => {
    const { driver, timeseries, release } = await held('series')
    driver.faults.push(async ({ cells }, write) => {
      const parts = (half: (values: unknown[]) => unknown[]): CellWrite[] =>
        cells.map((cell) => ({ ...cell, change: half(cell.change as unknown[]) as CellValue }))
      await write(parts((values) => values.slice(0, 1)))
      throw failedWrite('refused', { retry: 'never', notApplied: parts((values) => values.slice(1)) })
    })
    const all = [timeseries.insert('a', 1), timeseries.insert('a', 2), timeseries.insert('b', [3, 4])]
    release()
    const [one, two, three] = (await Promise.allSettled(all)).map(
      (settled) => (settled as PromiseRejectedResult).reason,
    )
    for (const error of [one, two])
      expect(error).toMatchObject({ stored: 0, notApplied: [], maybeApplied: [cellOf('a')] })
    expect(three).toMatchObject({ stored: 1, notApplied: [{ ...cellOf('b'), value: [4] }], maybeApplied: [] })
  })

  it('is tried again like any other, and not told when that helps', async () => {
    const { driver, timeseries, release } = await held('count')
    driver.faults.push(notApplied('now'), notApplied('later'))
    const all = [1, 2].map((value) => timeseries.insert('a', value))
    release()
    expect(await Promise.all(all)).toEqual([STORED, STORED])
    expect(await read(timeseries, 'a')).toBe(3)
  })

  it('that is a replaced configuration reaches all, also those that wait', async () => {
    const { driver, timeseries, release } = await held('count')
    let waiting: Promise<WriteResult> | undefined
    driver.faults.push(async () => {
      waiting = timeseries.insert('c')
      waiting.catch(() => {})
      throw configChangedFailure()
    })
    const all = ['a', 'b'].map((name) => timeseries.insert(name))
    release()
    const errors = await Promise.allSettled(all)
    errors.push(...(await Promise.allSettled([waiting!])))
    expect(errors.map((settled) => (settled as PromiseRejectedResult).reason)).toMatchObject(
      ['a', 'b', 'c'].map((name) => ({ code: 'KAIROS_CONFIG_CHANGED', notApplied: [cellOf(name)], maybeApplied: [] })),
    )
  })

  it('to open reaches each with its own cells', async () => {
    const driver = faultyDriver()
    const broken = { ...driver, open: () => Promise.reject(new Error('no server')) }
    const timeseries = createAny(broken, { type: 'count', intervals: { minute: { step: 60 } }, now: () => NOW })
    const errors = await Promise.allSettled(['a', 'b', 'c'].map((name) => timeseries.insert(name)))
    expect(errors.map((settled) => (settled as PromiseRejectedResult).reason)).toMatchObject(
      ['a', 'b', 'c'].map((name) => ({ code: 'KAIROS_STORE_FAILED', notApplied: [cellOf(name)], maybeApplied: [] })),
    )
  })
})

describe('a sum that would overflow', () => {
  it('fails only the call that no longer fits', async () => {
    const { timeseries, release } = await held('count')
    const all = [1e308, 1, 1e308, 2].map((value) => timeseries.insert('a', value))
    release()
    const settled = await Promise.allSettled(all)
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
    expect((settled[2] as PromiseRejectedResult).reason).toMatchObject({ notApplied: [cellOf('a')], maybeApplied: [] })
    expect(await read(timeseries, 'a')).toBe(1e308)
  })
})

describe('a call that leaves early', () => {
  it('by its signal has not been written if its batch was not sent, and the others are', async () => {
    const { driver, timeseries, release } = await held('count')
    const ender = new AbortController()
    const leaving = Array.from({ length: 1_000 }, () => timeseries.insert('a', 1, { signal: ender.signal }))
    const staying = [1, 2].map((value) => timeseries.insert('a', value))
    for (const promise of leaving) promise.catch(() => {})
    ender.abort(new Error('enough'))
    for (const settled of await Promise.allSettled(leaving)) {
      expect((settled as PromiseRejectedResult).reason).toMatchObject({
        code: 'KAIROS_ABORTED',
        notApplied: [cellOf('a')],
        maybeApplied: [],
      })
    }
    release()
    expect(await Promise.all(staying)).toEqual([STORED, STORED])
    expect(driver.batches).toHaveLength(2)
    expect(await read(timeseries, 'a')).toBe(3)
  })

  it('by its signal is in doubt if its batch was sent, which closing waits for', async () => {
    const { driver, timeseries, release } = await held('count')
    const ender = new AbortController()
    const { promise, resolve: answer } = Promise.withResolvers<void>()
    const sent = Promise.withResolvers<void>()
    driver.faults.push(async ({ cells }, write) => {
      sent.resolve()
      await promise
      await write(cells)
    })
    const all = ['a', 'b'].map((name) => timeseries.insert(name, 1, { signal: ender.signal }))
    for (const each of all) each.catch(() => {})
    release()
    await sent.promise
    ender.abort()
    for (const [index, settled] of (await Promise.allSettled(all)).entries()) {
      expect((settled as PromiseRejectedResult).reason).toMatchObject({
        code: 'KAIROS_ABORTED',
        notApplied: [],
        maybeApplied: [cellOf(index === 0 ? 'a' : 'b')],
      })
    }
    let closed = false
    const closing = timeseries.close().then(() => {
      closed = true
    })
    await new Promise((resolve) => setImmediate(resolve))
    expect(closed).toBe(false)
    answer()
    await closing
  })

  it('by its patience, which may be shorter than that of its batch', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    const { driver, timeseries, release } = await held('count')
    const { promise, resolve: answer } = Promise.withResolvers<void>()
    const sent = Promise.withResolvers<void>()
    driver.faults.push(async ({ cells }, write) => {
      sent.resolve()
      await promise
      await write(cells)
    })
    const unsent = failureOf(() => timeseries.insert('a', 1, { patience: 100 }), 'KAIROS_STORE_FAILED')
    const inDoubt = failureOf(() => timeseries.insert('b', 1, { patience: 500 }), 'KAIROS_STORE_FAILED')
    const stored = timeseries.insert('b', 2)
    await vi.advanceTimersByTimeAsync(200)
    expect(await unsent).toMatchObject({ retryable: true, notApplied: [cellOf('a')], maybeApplied: [] })
    release()
    await sent.promise
    await vi.advanceTimersByTimeAsync(400)
    await vi.advanceTimersByTimeAsync(200)
    expect(await inDoubt).toMatchObject({ retryable: true, notApplied: [], maybeApplied: [cellOf('b')] })
    answer()
    expect(await stored).toEqual(STORED)
    expect(await read(timeseries, 'b')).toBe(3)
  })
})

it('closing waits for the batches that wait', async () => {
  const { timeseries, driver, release } = await held('count')
  const waiting = timeseries.insert('a')
  const closing = timeseries.close()
  release()
  await closing
  expect(await waiting).toEqual(STORED)
  expect(driver.batches).toHaveLength(2)
})

it('closing with a timeout ends those who wait', async () => {
  const { timeseries, first } = await held('count')
  first.catch(() => {})
  const waiting = [timeseries.insert('a'), timeseries.insert('b')]
  for (const each of waiting) each.catch(() => {})
  await timeseries.close({ timeout: 1 })
  for (const settled of await Promise.allSettled(waiting))
    expect((settled as PromiseRejectedResult).reason).toMatchObject({ code: 'KAIROS_CLOSED', maybeApplied: [] })
})

/** What a store does to each cell of a batch. */
type Fate = 'stored' | 'refused' | 'lost' | 'lost but stored'
const FATES: readonly Fate[] = ['stored', 'refused', 'lost', 'lost but stored']

function faultBy(fates: readonly Fate[], retry: StoreFailure['retry']): Fault {
  return async ({ cells }, write) => {
    const fateOf = (index: number): Fate => fates[index % fates.length]!
    const those = (...chosen: Fate[]): CellWrite[] => cells.filter((_, index) => chosen.includes(fateOf(index)))
    await new Promise((resolve) => setImmediate(resolve))
    await write(those('stored', 'lost but stored'))
    const refused = those('refused')
    const lost = those('lost', 'lost but stored')
    if (refused.length + lost.length > 0)
      throw failedWrite('scripted', { retry, notApplied: refused, maybeApplied: lost })
  }
}

it('what is stored is between what was acknowledged and that with what is in doubt, for each cell', async () => {
  const inserts = fc.array(
    fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      value: fc.integer({ min: 1, max: 100 }),
      bucket: fc.integer({ min: 0, max: 1 }),
      pause: fc.boolean(),
      abort: fc.constantFrom('no', 'no', 'no', 'soon'),
    }),
    { minLength: 1, maxLength: 30 },
  )
  const faults = fc.array(
    fc.tuple(
      fc.array(fc.constantFrom(...FATES), { minLength: 1, maxLength: 4 }),
      fc.constantFrom('now' as const, 'never' as const),
    ),
    { maxLength: 8 },
  )
  await fc.assert(
    fc.asyncProperty(inserts, faults, async (plan, script) => {
      const driver = faultyDriver()
      const timeseries = createAny(driver, { type: 'count', intervals: { minute: { step: 60 } }, now: () => NOW })
      await timeseries.open()
      driver.faults.push(...script.map(([fates, retry]) => faultBy(fates, retry)))
      const acknowledged = new Map<string, number>()
      const doubted = new Map<string, number>()
      const add = (to: Map<string, number>, key: string, value: number) => to.set(key, (to.get(key) ?? 0) + value)
      const calls: Promise<void>[] = []
      for (const { name, value, bucket, pause, abort } of plan) {
        const key = `${name} ${MINUTE - bucket * 60}`
        const ender = new AbortController()
        calls.push(
          timeseries.insert(name, value, { timestamp: NOW - bucket * 60, signal: ender.signal }).then(
            ({ stored }) => {
              expect(stored).toBe(1)
              add(acknowledged, key, value)
            },
            (error: unknown) => {
              if (!KairosError.is(error)) throw error
              for (const { start, name: cell } of error.maybeApplied!) add(doubted, `${cell} ${start}`, value)
              expect(error.notApplied!.length + error.maybeApplied!.length).toBe(1)
            },
          ),
        )
        if (abort === 'soon') setImmediate(() => ender.abort())
        if (pause) await new Promise((resolve) => setImmediate(resolve))
      }
      await Promise.all(calls)
      for (const name of ['a', 'b', 'c']) {
        for (const start of [MINUTE, MINUTE - 60]) {
          const key = `${name} ${start}`
          const stored = (await timeseries.get(name, 'minute', { timestamp: start })).get(start) as number
          const least = acknowledged.get(key) ?? 0
          expect(stored).toBeGreaterThanOrEqual(least)
          expect(stored).toBeLessThanOrEqual(least + (doubted.get(key) ?? 0))
        }
      }
      await timeseries.close()
    }),
    { numRuns: 60 },
  )
})
