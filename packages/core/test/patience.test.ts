import { once } from 'node:events'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type DriverCallOptions, failedStore, failedWrite, type StorageDriver } from '../src/driver.ts'
import { memoryDriver } from '../src/index.ts'
import { connecting, managing, reading, writing } from '../src/parts.ts'
import { type AnyTimeseries, createAny } from './support/any-timeseries.ts'
import { collect } from './support/collect.ts'
import { failureOf } from './support/failure.ts'
import { faultyDriver, notApplied } from './support/faulty-driver.ts'
import { watchedDriver } from './support/watched-driver.ts'

const config = { type: 'count', intervals: { minute: { step: 60 } }, now: () => 0 }
const never = (): Promise<never> => new Promise(() => {})

// What the tests wait for is the store, not the modules of core.
beforeAll(() => Promise.all([connecting, writing, reading, managing].map((part) => part.load())))
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a store that does not answer', () => {
  it('a write: ten seconds, then its cells are in doubt, and those not sent are not applied', async () => {
    const driver = faultyDriver()
    const series = createAny(driver, { ...config, type: 'series' })
    await series.open()
    driver.faults.push(never)
    const failure = failureOf(() => series.insert('a', new Array(60_000).fill(1)), 'KAIROS_STORE_FAILED')
    await vi.advanceTimersByTimeAsync(9_999)
    expect(driver.batches).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    const error = await failure
    expect(error).toMatchObject({ operation: 'write', retryable: true, stored: 0 })
    expect([error.maybeApplied!.length, error.notApplied!.length]).toEqual([1, 1])
    expect(error.message).toContain('10000 ms')
  })

  it('each batch has its own time', async () => {
    const driver = faultyDriver()
    const series = createAny(driver, { ...config, type: 'series' })
    const slow = () => new Promise<void>((resolve) => setTimeout(resolve, 9_000))
    driver.faults.push(slow, slow, slow)
    const writing = series.insert('a', new Array(150_000).fill(1))
    await vi.advanceTimersByTimeAsync(30_000)
    expect(await writing).toEqual({ stored: 150_000, expired: 0 })
  })

  it.each<[what: string, own: object, patience: object]>([
    ['of the call', {}, { patience: 50 }],
    ['of the timeseries', { patience: 50 }, {}],
    ['of the call before that of the timeseries', { patience: 5_000 }, { patience: 50 }],
  ])('the patience is that %s', async (_what, own, options) => {
    const { driver } = watchedDriver(never)
    const counts = createAny(driver, { ...config, ...own })
    await counts.open()
    const failures = [
      failureOf(() => counts.get('a', 'minute', options), 'KAIROS_STORE_FAILED'),
      failureOf(() => counts.series('a', 'minute', { ...options, steps: 5 }), 'KAIROS_STORE_FAILED'),
    ]
    await vi.advanceTimersByTimeAsync(50)
    for (const failure of failures) expect(await failure).toMatchObject({ operation: 'read', retryable: true })
  })

  it('a window of an iteration is a step', async () => {
    const memory = memoryDriver()
    await createAny(memory, config).insert('a')
    const { driver } = watchedDriver(never)
    const counts = createAny(driver, config)
    await counts.insert('a')
    const failure = failureOf(() => collect(counts.iterate('a', 'minute', { patience: 20 })), 'KAIROS_STORE_FAILED')
    await vi.advanceTimersByTimeAsync(20)
    await failure
  })

  it('a delete, which takes as long as it takes, is not cut', async () => {
    const memory = memoryDriver()
    const driver: StorageDriver = {
      ...memory,
      async open(schema, options) {
        const { store, records } = await memory.open(schema, options)
        const slowly: typeof store.delete = async (names) => {
          await new Promise((resolve) => setTimeout(resolve, 60_000))
          return store.delete(names)
        }
        return { records, store: { ...store, delete: slowly } }
      },
    }
    const counts = createAny(driver, config)
    await counts.insert('a')
    const deleting = counts.delete('a')
    await vi.advanceTimersByTimeAsync(61_000)
    await deleting
    expect(await counts.list()).toEqual([])
  })

  it('opening: a call waits for it as long as its patience, and the opening continues', async () => {
    const memory = memoryDriver()
    const driver: StorageDriver = {
      ...memory,
      async open(schema, options) {
        await new Promise((resolve) => setTimeout(resolve, 20_000))
        return memory.open(schema, options)
      },
    }
    const counts = createAny(driver, config)
    const opening = counts.open()
    const failure = failureOf(() => counts.insert('a'), 'KAIROS_STORE_FAILED')
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await failure).toMatchObject({
      operation: 'open',
      retryable: true,
      stored: 0,
      notApplied: [{ name: 'a' }],
      maybeApplied: [],
    })
    await vi.advanceTimersByTimeAsync(10_000)
    await opening
    expect(await counts.insert('a')).toEqual({ stored: 1, expired: 0 })
  })
})

describe('a driver whose verdict comes as the step ends', () => {
  /** In the turn in which the time is up, after some promises. */
  async function atTheEnd(options: DriverCallOptions, milliseconds: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    setTimeout(resolve, milliseconds)
    options.signal?.addEventListener('abort', () => resolve())
    await promise
    for (let index = 0; index < 20; index++) await null
  }

  it.each(['its patience', 'its signal', 'close'])('is heard: %s', async (what) => {
    const driver = faultyDriver()
    const counts = createAny(driver, config)
    await counts.open()
    const controller = new AbortController()
    const code =
      what === 'close' ? 'KAIROS_CLOSED' : what === 'its signal' ? 'KAIROS_ABORTED' : ('KAIROS_STORE_FAILED' as const)
    const call = { patience: what === 'its patience' ? 50 : 5_000, signal: controller.signal }
    const points = ['a', 'b'].map((name) => ({ name }))
    driver.faults.push(async (batch, write, options) => {
      // Core's timer is older by now, so that it is first.
      await null
      await atTheEnd(options, 50)
      await write(batch.cells.slice(0, 1))
      throw failedWrite('gave up', { retry: 'later', notApplied: batch.cells.slice(1) })
    })
    const failure = failureOf(() => counts.bulkInsert(points, call), code)
    const closing = what === 'close' ? counts.close({ timeout: 50 }) : undefined
    await vi.advanceTimersByTimeAsync(49)
    if (what === 'its signal') controller.abort()
    // All timers in one turn.
    vi.advanceTimersByTime(1)
    expect(await failure).toMatchObject({ stored: 1, notApplied: [{ name: 'b' }], maybeApplied: [] })
    await closing
  })

  it('may be that all is stored', async () => {
    const driver = faultyDriver()
    const counts = createAny(driver, config)
    await counts.open()
    driver.faults.push(async (batch, write, options) => {
      await null
      await atTheEnd(options, 50)
      await write(batch.cells)
    })
    const writing = counts.insert('a', 1, { patience: 50 })
    await vi.advanceTimersByTimeAsync(49)
    vi.advanceTimersByTime(1)
    expect(await writing).toEqual({ stored: 1, expired: 0 })
  })

  it('an abort is an abort, whatever the driver makes of it', async () => {
    const controller = new AbortController()
    const { driver } = watchedDriver(async () => {
      await once(controller.signal, 'abort')
      throw failedStore('stopped', 'never')
    })
    const counts = createAny(driver, config)
    await counts.open()
    const failure = failureOf(() => counts.get('a', 'minute', { signal: controller.signal }), 'KAIROS_ABORTED')
    await vi.advanceTimersByTimeAsync(1)
    controller.abort('enough')
    expect((await failure).cause).toBe('enough')
  })
})

describe('an opening that never answers', () => {
  const hanging = (more: object = {}): AnyTimeseries =>
    createAny({ ...memoryDriver(), open: never }, { ...config, ...more })

  it.each<[method: string, call: (counts: AnyTimeseries, options?: object) => unknown]>([
    ['open', (counts, options) => counts.open(options)],
    ['insert', (counts, options) => counts.insert('a', 1, options)],
    ['bulkInsert', (counts, options) => counts.bulkInsert([{ name: 'a' }], options)],
    ['bulkInsert', (counts, options) => counts.bulkInsert([{ name: 'a' }].values(), options)],
    ['get', (counts, options) => counts.get('a', 'minute', options)],
    ['series', (counts, options) => counts.series('a', 'minute', options)],
    ['iterate', (counts, options) => collect(counts.iterate('a', 'minute', options))],
    ['list', (counts, options) => counts.list(options)],
    ['properties', (counts, options) => counts.properties('a', options)],
    ['delete', (counts, options) => counts.delete('a', options)],
    ['deleteAll', (counts, options) => counts.deleteAll(options)],
    ['expire', (counts, options) => counts.expire('a', options)],
  ])('%s ends within its patience and says what it waited for', async (_method, call) => {
    const failures = [
      failureOf(() => call(hanging(), { patience: 50 }), 'KAIROS_STORE_FAILED'),
      failureOf(() => call(hanging({ patience: 50 })), 'KAIROS_STORE_FAILED'),
    ]
    await vi.advanceTimersByTimeAsync(50)
    for (const failure of failures) {
      const error = await failure
      expect(error.operation).toBe('open')
      expect(error.message).toMatch(/^open failed in the memory store: it took longer than 50 ms/)
    }
  })

  it('does not hold up close for longer either', async () => {
    const counts = hanging()
    const opening = failureOf(() => counts.open(), 'KAIROS_STORE_FAILED')
    await vi.advanceTimersByTimeAsync(60_000)
    const closing = counts.close()
    await vi.advanceTimersByTimeAsync(10_000)
    await closing
    await opening
  })
})

it('a patience of the call ends also work of unknown size, and the driver learns about it', async () => {
  const memory = memoryDriver()
  const signals: AbortSignal[] = []
  const hang = (options: DriverCallOptions = {}): Promise<never> => {
    signals.push(options.signal!)
    return never()
  }
  const driver: StorageDriver = {
    ...memory,
    async open(schema, options) {
      const { store, records } = await memory.open(schema, options)
      return {
        records,
        store: {
          ...store,
          names: (_query, own) => hang(own),
          delete: (_names, own) => hang(own),
          sweep: (_query, own) => hang(own),
        },
      }
    },
  }
  const counts = createAny(driver, config)
  await counts.open()
  const patience = 50
  const failures = [
    () => counts.list({ patience }),
    () => counts.delete('a', { patience }),
    () => counts.deleteAll({ patience }),
    () => counts.expire('a', { patience }),
  ].map((call) => failureOf(call, 'KAIROS_STORE_FAILED'))
  await vi.advanceTimersByTimeAsync(50)
  const operations = (await Promise.all(failures)).map(({ operation }) => operation)
  expect(operations).toEqual(['list', 'delete', 'delete', 'expire'])
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, true, true])
})

describe('a store that fails', () => {
  it('is tried for as long, and the error says what it failed with', async () => {
    const down = failedStore('down', 'later')
    const counts = createAny({ ...memoryDriver(), open: () => Promise.reject(down) }, config)
    const failures = [counts.open, () => counts.get('a', 'minute')].map((call) =>
      failureOf(call, 'KAIROS_STORE_FAILED'),
    )
    await vi.advanceTimersByTimeAsync(10_001)
    for (const failure of failures) {
      const error = await failure
      expect(error).toMatchObject({ operation: 'open', retryable: true, cause: down })
      expect(error.message).toContain('down')
    }
  })

  it('an onRetry that rejects does no harm either', async () => {
    let fails = true
    const memory = memoryDriver()
    const driver: StorageDriver = {
      ...memory,
      open(schema, options) {
        if (fails) {
          fails = false
          return Promise.reject(failedStore('not yet', 'now'))
        }
        return memory.open(schema, options)
      },
    }
    const warned = once(process, 'warning')
    const counts = createAny(driver, {
      type: 'count',
      intervals: { minute: { step: 60 } },
      onRetry: async () => {
        throw new Error('the log is down')
      },
    })
    expect(await counts.insert('a')).toMatchObject({ stored: 1 })
    expect(String((await warned)[0])).toContain('the log is down')
  })

  it('each retry is reported to onRetry, which cannot do harm', async () => {
    const events: { operation: string; attempt: number; cause: unknown; wait: number }[] = []
    const onRetry = (event: (typeof events)[number]): never => {
      events.push(event)
      throw new Error('mine')
    }
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const driver = faultyDriver()
    const counts = createAny(driver, { ...config, onRetry })
    driver.faults.push(notApplied('now'), notApplied('later'))
    const writing = counts.insert('a')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await writing).toEqual({ stored: 1, expired: 0 })
    expect(events.map(({ operation, attempt }) => ({ operation, attempt }))).toEqual([
      { operation: 'write', attempt: 1 },
      { operation: 'write', attempt: 2 },
    ])
    expect(events[0]).toMatchObject({ wait: 0, cause: { message: 'refused' } })
    expect(events[1]!.wait).toBeGreaterThan(0)
    expect(warned).toHaveBeenCalledTimes(2)
    warned.mockRestore()
  })

  it('an abort keeps the last failure', async () => {
    const down = failedStore('down', 'later')
    const driver = faultyDriver()
    const counts = createAny(driver, config)
    driver.faults.push(...Array.from({ length: 50 }, () => notApplied('later')))
    const controller = new AbortController()
    const { signal } = controller
    const write = failureOf(() => counts.insert('a', 1, { signal }), 'KAIROS_ABORTED')
    const closed = createAny({ ...memoryDriver(), open: () => Promise.reject(down) }, config)
    const read = failureOf(() => closed.get('a', 'minute', { signal }), 'KAIROS_ABORTED')
    await vi.advanceTimersByTimeAsync(500)
    controller.abort()
    expect((await write).cause).toMatchObject({ message: 'refused' })
    expect((await read).cause).toBe(down)
    // Also that of the opening before, where this one has not failed yet.
    let opens = 0
    const hanging = createAny(
      { ...memoryDriver(), open: () => (opens++ === 0 ? Promise.reject(down) : never()) },
      { ...config, patience: 1 },
    )
    const first = failureOf(() => hanging.open(), 'KAIROS_STORE_FAILED')
    await vi.advanceTimersByTimeAsync(5)
    await first
    const again = failureOf(() => hanging.get('a', 'minute'), 'KAIROS_STORE_FAILED')
    await vi.advanceTimersByTimeAsync(5)
    expect((await again).cause).toBe(down)
  })
})

describe('close({ timeout })', () => {
  it('ends what still waits, with the cells of writes', async () => {
    const driver = faultyDriver()
    const counts = createAny(driver, config)
    await counts.open()
    driver.faults.push(never)
    const write = failureOf(() => counts.insert('a', 1, { patience: 100_000 }), 'KAIROS_CLOSED')
    const closing = counts.close({ timeout: 300 })
    await vi.advanceTimersByTimeAsync(301)
    await closing
    expect(await write).toMatchObject({ operation: 'write', stored: 0, notApplied: [], maybeApplied: [{ name: 'a' }] })
  })

  it('ends what patience does not: a delete and a sweep hear a signal, and an opening its end', async () => {
    const memory = memoryDriver()
    const signals: AbortSignal[] = []
    const driver: StorageDriver = {
      ...memory,
      async open(schema, options) {
        const { store, records } = await memory.open(schema, options)
        const hanging = (_which: unknown, { signal }: { signal?: AbortSignal } = {}): Promise<never> => {
          signals.push(signal!)
          return never()
        }
        return { records, store: { ...store, delete: hanging, sweep: hanging } }
      },
    }
    const counts = createAny(driver, config)
    await counts.open()
    const deleting = failureOf(() => counts.deleteAll(), 'KAIROS_CLOSED')
    const sweeping = failureOf(() => counts.expire(), 'KAIROS_CLOSED')
    const unopened = createAny({ ...memory, open: never }, config)
    const opening = failureOf(() => unopened.open(), 'KAIROS_CLOSED')
    const closing = Promise.all([counts.close({ timeout: 0 }), unopened.close({ timeout: 0 })])
    await vi.advanceTimersByTimeAsync(1)
    await closing
    await Promise.all([deleting, sweeping, opening])
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true])
  })

  it('may hurry a close that waits already', async () => {
    const driver = faultyDriver()
    const counts = createAny(driver, config)
    await counts.open()
    driver.faults.push(never)
    const write = failureOf(() => counts.insert('a', 1, { patience: 100_000 }), 'KAIROS_CLOSED')
    const closing = counts.close()
    const again = counts.close({ timeout: 10 })
    await vi.advanceTimersByTimeAsync(11)
    await Promise.all([closing, again, write])
  })

  it('without a timeout waits for what continues behind an abort', async () => {
    const driver = faultyDriver()
    const counts = createAny(driver, config)
    await counts.open()
    let stopped = false
    driver.faults.push(async () => {
      await new Promise((resolve) => setTimeout(resolve, 500))
      stopped = true
    })
    const controller = new AbortController()
    const write = failureOf(() => counts.insert('a', 1, { signal: controller.signal }), 'KAIROS_ABORTED')
    await vi.advanceTimersByTimeAsync(1)
    controller.abort()
    await write
    const closing = counts.close().then(() => stopped)
    await vi.advanceTimersByTimeAsync(600)
    expect(await closing).toBe(true)
  })

  it.each([-1, '5', Number.NaN, null])('its timeout is milliseconds, not %o', async (timeout) => {
    expect((await failureOf(() => createAny('memory:', config).close({ timeout }), 'KAIROS_INVALID_CONFIG')).path).toBe(
      'timeout',
    )
  })
})

it.each([0, -1, '5', Number.NaN, null, Number.POSITIVE_INFINITY, 2 ** 31])(
  'a patience is milliseconds, not %o',
  async (patience) => {
    const { path } = await failureOf(() => createAny('memory:', { ...config, patience }), 'KAIROS_INVALID_CONFIG')
    expect(path).toBe('patience')
    const counts = createAny('memory:', config)
    for (const call of [
      () => counts.insert('a', 1, { patience }),
      () => counts.get('a', 'minute', { patience }),
      () => counts.list({ patience }),
    ])
      expect((await failureOf(call, 'KAIROS_INVALID_CONFIG')).path).toBe('patience')
  },
)
