import { afterEach, describe, expect, it, vi } from 'vitest'
import { type CellWrite, failedWrite } from '../../src/driver.ts'
import { type AnyTimeseries, createAny } from '../support/any-timeseries.ts'
import { failureOf } from '../support/failure.ts'
import { answerLost, type FaultyDriver, faultyDriver, notApplied } from '../support/faulty-driver.ts'

const NOW = 1_700_000_000
const MINUTE = Math.floor(NOW / 60) * 60
const intervals = { hour: { step: '1h' }, minute: { step: 60 } }
const IDEMPOTENT = ['gauge', 'set']
const OTHERS = ['count', 'histogram', 'series']

function faulty(type: string, capabilities = {}): { driver: FaultyDriver; timeseries: AnyTimeseries } {
  const driver = faultyDriver(capabilities)
  return { driver, timeseries: createAny(driver, { type, intervals, now: () => NOW }) }
}

async function read(timeseries: AnyTimeseries, name = 'a'): Promise<unknown> {
  return [...(await timeseries.get(name, 'minute')).values()][0]
}

const ONCE: Readonly<Record<string, unknown>> = {
  count: 1,
  histogram: new Map([[1, 1]]),
  series: [1],
  gauge: 1,
  set: new Set([1]),
}

describe.each([...IDEMPOTENT, ...OTHERS])('%s: what was not applied', (type) => {
  it('is written again, and nothing else is', async () => {
    const { driver, timeseries } = faulty(type)
    driver.faults.push(
      notApplied('now', ({ interval }) => interval === 'hour'),
      notApplied('later'),
    )
    expect(await timeseries.insert('a', 1)).toEqual({ stored: 2, expired: 0 })
    expect(driver.batches.map(({ cells }) => cells.map(({ interval }) => interval))).toEqual([
      ['hour', 'minute'],
      ['minute'],
      ['minute'],
    ])
    expect(await read(timeseries)).toEqual(ONCE[type])
  })

  it('is listed when trying again will not help', async () => {
    const { driver, timeseries } = faulty(type)
    driver.faults.push(notApplied('never', ({ interval }) => interval === 'hour'))
    const error = await failureOf(() => timeseries.insert('a', 1), 'KAIROS_STORE_FAILED')
    expect(error).toMatchObject({
      driver: 'faulty',
      operation: 'write',
      retryable: false,
      stored: 1,
      expired: 0,
      notApplied: [{ name: 'a', interval: 'minute', start: MINUTE }],
      maybeApplied: [],
    })
    expect((error.cause as Error).message).toBe('refused')
    expect(driver.batches).toHaveLength(1)
  })
})

describe.each(OTHERS)('%s: what may have been applied', (type) => {
  it('is never written again', async () => {
    const { driver, timeseries } = faulty(type)
    driver.faults.push(answerLost('now'))
    const error = await failureOf(() => timeseries.insert('a', 1), 'KAIROS_STORE_FAILED')
    expect(error).toMatchObject({
      retryable: true,
      stored: 0,
      notApplied: [],
      maybeApplied: [
        { name: 'a', interval: 'hour', start: Math.floor(NOW / 3_600) * 3_600 },
        { name: 'a', interval: 'minute', start: MINUTE },
      ],
    })
    expect(await read(timeseries)).toEqual(ONCE[type])
    expect(driver.batches).toHaveLength(1)
  })

  it('stays in doubt while the rest is written again', async () => {
    const { driver, timeseries } = faulty(type)
    driver.faults.push(async ({ cells }) => {
      throw failedWrite('half a cut', { retry: 'now', notApplied: [cells[1]!], maybeApplied: [cells[0]!] })
    })
    const error = await failureOf(() => timeseries.insert('a', 1), 'KAIROS_STORE_FAILED')
    expect(error).toMatchObject({ stored: 1, notApplied: [], maybeApplied: [{ interval: 'hour' }] })
    expect(await read(timeseries)).toEqual(ONCE[type])
  })

  it('is all of a batch whose failure says nothing', async () => {
    const { driver, timeseries } = faulty(type)
    driver.faults.push(async () => {
      throw new TypeError('a bug of the driver')
    })
    const error = await failureOf(() => timeseries.insert('a', 1), 'KAIROS_STORE_FAILED')
    expect(error).toMatchObject({ retryable: false, stored: 0, notApplied: [] })
    expect(error.maybeApplied).toHaveLength(2)
  })

  it("is written again with delivery: 'once', as the same batch", async () => {
    const { driver, timeseries } = faulty(type, { exactlyOnce: { seconds: 0 } })
    // The store applied it, and knows the batch by its id: the second time adds nothing.
    driver.faults.push(answerLost('now'), async () => {})
    expect(await timeseries.insert('a', 1, { delivery: 'once' })).toEqual({ stored: 2, expired: 0 })
    const [first, second] = driver.batches
    expect(second).toBe(first)
    expect(first!.id).toMatch(/^id:[0-9a-f-]{36}$/)
    expect(await read(timeseries)).toEqual(ONCE[type])
  })
})

describe.each(IDEMPOTENT)('%s: what may have been applied', (type) => {
  it('is written again: that adds nothing', async () => {
    const { driver, timeseries } = faulty(type)
    driver.faults.push(
      answerLost('now'),
      answerLost('later', () => false),
    )
    expect(await timeseries.insert('a', 1)).toEqual({ stored: 2, expired: 0 })
    expect(driver.batches).toHaveLength(3)
    expect(await read(timeseries)).toEqual(ONCE[type])
  })

  it('is in doubt only until it has been written again', async () => {
    const { driver, timeseries } = faulty(type)
    driver.faults.push(
      answerLost('now'),
      notApplied('never', ({ interval }) => interval === 'hour'),
    )
    const error = await failureOf(() => timeseries.insert('a', 1), 'KAIROS_STORE_FAILED')
    // The hour was written by the second attempt; of the minute the first may have.
    expect(error).toMatchObject({ stored: 1, notApplied: [], maybeApplied: [{ interval: 'minute' }] })
  })
})

describe('patience', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('ends: after ten seconds of failures a write rejects, saying that trying again may help', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    const { driver, timeseries } = faulty('count')
    driver.faults.push(...Array.from({ length: 1_000 }, () => notApplied('later')))
    const failure = failureOf(() => timeseries.insert('a'), 'KAIROS_STORE_FAILED')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(await failure).toMatchObject({ retryable: true, stored: 0, maybeApplied: [] })
    // Pauses grow, so that a store that stays down is not hammered.
    expect(driver.batches.length).toBeGreaterThan(10)
    expect(driver.batches.length).toBeLessThan(50)
  })
})

describe.each(['series', 'set', 'histogram'])('%s: a cell that the driver wrote in parts', (type) => {
  it('counts as stored only as far as it is', async () => {
    const driver = faultyDriver()
    const timeseries = createAny(driver, { type, intervals: { minute: { step: 60 } }, now: () => NOW })
    const partOf = (cell: CellWrite, values: readonly number[]): CellWrite => ({
      ...cell,
      change:
        type === 'series' ? values : type === 'set' ? new Set(values) : new Map(values.map((value) => [value, 1])),
    })
    driver.faults.push(async ({ cells: [cell, other] }, write) => {
      await write([partOf(cell!, [1]), other!])
      throw failedWrite('cut', {
        retry: 'never',
        maybeApplied: [partOf(cell!, [2, 3])],
        notApplied: [partOf(cell!, [4])],
      })
    })
    const points = [
      { name: 'a', value: [1, 2, 3, 4] },
      { name: 'b', value: [5] },
    ]
    const error = await failureOf(() => timeseries.bulkInsert(points), 'KAIROS_STORE_FAILED')
    expect(error).toMatchObject({
      stored: 2,
      notApplied: [],
      maybeApplied: [{ name: 'a', interval: 'minute', start: MINUTE }],
    })
  })
})

describe("the driver's own options", () => {
  it('are passed on, and a write with any is never tried again', async () => {
    const { driver, timeseries } = faulty('gauge', { writeOptions: ['pipeline'] })
    driver.faults.push(notApplied('now'))
    const pipeline = {}
    await failureOf(() => timeseries.insert('a', 1, { pipeline }), 'KAIROS_STORE_FAILED')
    expect(driver.calls).toEqual([{ driverOptions: { pipeline } }])
    expect(driver.calls[0]!.driverOptions!.pipeline).toBe(pipeline)
    await failureOf(() => timeseries.insert('a', 1, { session: {} }), 'KAIROS_INVALID_CONFIG')
  })
})

describe('batches', () => {
  const positions = (cells: readonly CellWrite[]): string[] =>
    cells.map(({ name, interval, bucket }) => `${name} ${interval} ${String(bucket).padStart(12, '0')}`)

  it('hold at most 10,000 cells, each once, sorted by name, interval and bucket', async () => {
    const driver = faultyDriver()
    const counts = createAny(driver, { type: 'count', intervals: { b: { step: 1 }, a: { step: 1 }, A: { step: 1 } } })
    const points = Array.from({ length: 4_000 }, (_, index) => ({
      name: `n${(index * 7) % 5}`,
      timestamp: ((index * 7_919) % 4_001) + 1_000_000,
    }))
    const { stored } = await counts.bulkInsert([...points, ...points])
    expect(stored).toBe(24_000)
    expect(driver.batches.map(({ cells }) => cells.length)).toEqual([10_000, 2_000])
    const all = driver.batches.flatMap(({ cells }) => positions(cells))
    expect(all).toEqual([...new Set(all)].sort())
  })

  it('hold at most 50,000 values; a larger cell comes in parts, in order, never twice in a batch', async () => {
    const driver = faultyDriver()
    const series = createAny(driver, {
      type: 'series',
      valueType: 'int',
      intervals: { day: { step: 'daily' } },
      now: () => NOW,
    })
    const values = Array.from({ length: 120_001 }, (_, index) => index)
    await series.bulkInsert([
      { name: 'a', value: 1 },
      { name: 'b', value: values },
      { name: 'c', value: values.slice(0, 30_000) },
      { name: 'd', value: values.slice(0, 30_000) },
    ])
    const sizes = driver.batches.map(({ cells }) =>
      cells.map(({ name, change }) => `${name} ${(change as readonly unknown[]).length}`),
    )
    expect(sizes).toEqual([['a 1'], ['b 50000'], ['b 50000'], ['b 20001'], ['c 30000'], ['d 30000']])
    const [read] = [...(await series.get('b', 'day')).values()]
    expect(read).toEqual(values)
  })

  it('come one after the other: what a failure leaves is a prefix', async () => {
    const driver = faultyDriver()
    const series = createAny(driver, {
      type: 'series',
      valueType: 'int',
      intervals: { day: { step: 'daily' } },
      now: () => NOW,
    })
    driver.faults.push(async ({ cells }, write) => write(cells), notApplied('never'))
    const values = Array.from({ length: 150_000 }, (_, index) => index)
    const error = await failureOf(() => series.insert('a', values), 'KAIROS_STORE_FAILED')
    expect(error.stored).toBe(50_000)
    // Two parts are left, of one cell.
    expect(error.notApplied).toHaveLength(1)
    expect([...(await series.get('a', 'day')).values()][0]).toEqual(values.slice(0, 50_000))
  })

  it('count repeated values that became one, in whichever part they are', async () => {
    const driver = faultyDriver()
    const set = createAny(driver, {
      type: 'set',
      valueType: 'int',
      intervals: { day: { step: 'daily' } },
      now: () => NOW,
    })
    const values = Array.from({ length: 60_000 }, (_, index) => index)
    expect(await set.insert('a', [...values, ...values])).toEqual({ stored: 120_000, expired: 0 })
    driver.faults.push(notApplied('never'))
    expect((await failureOf(() => set.insert('a', [...values, ...values]), 'KAIROS_STORE_FAILED')).stored).toBe(0)
  })
})

describe('a signal', () => {
  it('that aborts in mid-flight: the batch is in doubt, later ones were not written', async () => {
    const driver = faultyDriver()
    const controller = new AbortController()
    const series = createAny(driver, { type: 'series', intervals: { day: { step: 'daily' } }, now: () => NOW })
    driver.faults.push(
      async ({ cells }, write) => write(cells),
      // The call does not wait for the store.
      () => {
        controller.abort(new Error('enough'))
        return new Promise(() => {})
      },
    )
    const failure = failureOf(
      () => series.insert('a', new Array(150_000).fill(1), { signal: controller.signal }),
      'KAIROS_ABORTED',
    )
    const error = await failure
    expect(error).toMatchObject({ driver: 'faulty', operation: 'write', stored: 50_000, expired: 0 })
    expect([error.maybeApplied!.length, error.notApplied!.length]).toEqual([1, 1])
    expect((error.cause as Error).message).toBe('enough')
  })

  it('that aborts between attempts ends the pause', async () => {
    const { driver, timeseries } = faulty('count')
    const controller = new AbortController()
    driver.faults.push(...Array.from({ length: 50 }, () => notApplied('later')))
    const attempt = driver.faults[3]!
    driver.faults[3] = (...call) => {
      setImmediate(() => controller.abort())
      return attempt(...call)
    }
    const error = await failureOf(() => timeseries.insert('a', 1, { signal: controller.signal }), 'KAIROS_ABORTED')
    expect([error.maybeApplied!.length, error.notApplied!.length]).toEqual([0, 2])
  })

  it('that has aborted before: nothing is written, the cells are listed', async () => {
    const { driver, timeseries } = faulty('count')
    const signal = AbortSignal.abort()
    for (const write of [
      () => timeseries.insert('a', 1, { signal }),
      () => timeseries.bulkInsert([{ name: 'a' }], { signal }),
      () => timeseries.bulkInsert(new Map([[null, { a: [1] }]]), { signal }),
    ]) {
      const error = await failureOf(write, 'KAIROS_ABORTED')
      expect(error).toMatchObject({ stored: 0, expired: 0, maybeApplied: [], cause: signal.reason })
      expect(error.notApplied).toHaveLength(2)
    }
    await failureOf(() => timeseries.insert('a', [], { signal }), 'KAIROS_ABORTED')
    expect(driver.batches).toEqual([])
  })
})
