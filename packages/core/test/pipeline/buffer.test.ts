import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { BufferFailure, BufferStats, KairosError } from '../../src/index.ts'
import { type AnyTimeseries, createAny } from '../support/any-timeseries.ts'
import { failureOf } from '../support/failure.ts'
import { answerLost, type FaultyDriver, faultyDriver, notApplied } from '../support/faulty-driver.ts'

const NOW = 1_700_000_000
const MINUTE = Math.floor(NOW / 60) * 60

/** A buffer as JavaScript sees it. */
interface AnyBuffer {
  add(name: unknown, value?: unknown, timestamp?: unknown, times?: unknown): boolean
  ready(): Promise<void>
  flush(): Promise<void>
  close(): Promise<void>
  stats(): BufferStats
  [Symbol.asyncDispose](): Promise<void>
}
type Buffered = AnyTimeseries & { buffer(options?: unknown): AnyBuffer }

async function buffered(
  type: string,
  config = {},
): Promise<{ driver: FaultyDriver; timeseries: Buffered; failures: [KairosError, BufferFailure][]; onError: unknown }> {
  const driver = faultyDriver()
  const timeseries = createAny(driver, { type, intervals: { minute: { step: 60 } }, now: () => NOW, ...config })
  await timeseries.open()
  const failures: [KairosError, BufferFailure][] = []
  return {
    driver,
    timeseries: timeseries as Buffered,
    failures,
    onError: (error: KairosError, cells: BufferFailure) => failures.push([error, cells]),
  }
}

async function read(timeseries: AnyTimeseries, name = 'a'): Promise<unknown> {
  return [...(await timeseries.get(name, 'minute')).values()][0]
}

const cell = { name: 'a', interval: 'minute', start: MINUTE }

/** Until the buffer's code is loaded. */
async function started(timeseries: Buffered, options: unknown = {}): Promise<AnyBuffer> {
  const buffer = timeseries.buffer(options)
  buffer.add('start')
  await buffer.flush()
  return buffer
}

describe('a buffer', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => void vi.useRealTimers())

  it('refuses at once what it does not take, from when it is ready', async () => {
    const { timeseries } = await buffered('count')
    const buffer = timeseries.buffer()
    await buffer.ready()
    expect(() => buffer.add('a', 'five')).toThrow(expect.objectContaining({ code: 'KAIROS_INVALID_VALUE' }))
    await buffer.close()
    await buffer.ready()
    expect(() => buffer.add('a')).toThrow(expect.objectContaining({ code: 'KAIROS_CLOSED' }))
  })

  it('writes what was added at once, before its code is loaded, too', async () => {
    const { timeseries } = await buffered('count')
    const buffer = timeseries.buffer()
    expect(buffer.add('a')).toBe(true)
    expect(buffer.stats().pending).toBe(1)
    await buffer.flush()
    expect(buffer.add('a', 2, NOW - 60)).toBe(true)
    buffer.add('a', [3, 4])
    await buffer.flush()
    expect(await read(timeseries)).toBe(8)
    expect(buffer.stats()).toEqual({
      pending: 0,
      stored: 4,
      expired: 0,
      dropped: 0,
      failed: 0,
      inDoubt: 0,
      lastError: undefined,
    })
  })

  it('writes after its interval, and not before', async () => {
    const { timeseries, driver } = await buffered('count')
    const buffer = await started(timeseries, { interval: 500 })
    const before = driver.batches.length
    buffer.add('a')
    buffer.add('a')
    await vi.advanceTimersByTimeAsync(499)
    expect(driver.batches).toHaveLength(before)
    await vi.advanceTimersByTimeAsync(1)
    expect(driver.batches).toHaveLength(before + 1)
    expect(await read(timeseries)).toBe(2)
  })

  it('writes when its cells are as many as it may hold', async () => {
    const { timeseries, driver } = await buffered('count')
    const buffer = await started(timeseries, { maxCells: 3 })
    const before = driver.batches.length
    for (const name of ['a', 'b', 'a', 'c']) buffer.add(name)
    await buffer.flush()
    expect(driver.batches[before]!.cells).toHaveLength(3)
  })

  it('says when too many values wait, keeps them, and tells when there is room', async () => {
    const { timeseries, driver } = await buffered('count')
    const buffer = await started(timeseries, { maxPending: 2 })
    const { promise, resolve } = Promise.withResolvers<void>()
    driver.faults.push(async ({ cells }, write) => {
      await promise
      await write(cells)
    })
    expect([buffer.add('a'), buffer.add('a'), buffer.add('a')]).toEqual([true, false, false])
    let isReady = false
    const ready = buffer.ready().then(() => {
      isReady = true
    })
    await vi.advanceTimersByTimeAsync(0)
    expect(isReady).toBe(false)
    resolve()
    await ready
    await buffer.flush()
    expect(await read(timeseries)).toBe(3)
  })

  it('counts long texts as several values, while they wait and when they are kept', async () => {
    const { timeseries, driver, onError } = await buffered('set', { valueType: 'string', patience: 1 })
    const buffer = timeseries.buffer({ maxPending: 11, onError })
    buffer.add('start', 'a')
    await buffer.flush()
    expect([buffer.add('a', ['b', 'x'.repeat(255)]), buffer.stats().pending]).toEqual([true, 2])
    expect([buffer.add('a', 'y'.repeat(2_000)), buffer.stats().pending]).toEqual([true, 10])
    driver.faults.push(notApplied('later'))
    await buffer.flush()
    expect(buffer.stats().pending).toBe(10)
    expect(buffer.add('a', 'c')).toBe(false)
    await buffer.flush()
    expect(buffer.stats().pending).toBe(0)
    expect(((await read(timeseries)) as Set<string>).size).toBe(4)
  })

  it("drops values with overflow: 'drop', and counts them", async () => {
    const { timeseries } = await buffered('count')
    const buffer = await started(timeseries, { maxPending: 2, overflow: 'drop' })
    expect([buffer.add('a'), buffer.add('a'), buffer.add('a', [1, 1])]).toEqual([true, false, false])
    await buffer.flush()
    expect(buffer.stats()).toMatchObject({ dropped: 2, pending: 0 })
    expect(await read(timeseries)).toBe(2)
  })

  it('checks each value at once', async () => {
    const { timeseries } = await buffered('count')
    const buffer = await started(timeseries)
    for (const [name, value, timestamp] of [
      ['', 1],
      ['a', Number.NaN],
      ['a', 1, 'yesterday'],
      ['a', '1'],
    ]) {
      await failureOf(() => buffer.add(name, value, timestamp), 'KAIROS_INVALID_VALUE')
    }
    expect(buffer.stats().pending).toBe(0)
    await timeseries.close()
  })

  it('takes how many times a value counts, where values are counted, and checks it', async () => {
    const { timeseries } = await buffered('histogram')
    const buffer = timeseries.buffer()
    buffer.add('a', 1, null, 2)
    await buffer.flush()
    buffer.add('a', [1, 2], null, 3)
    await buffer.flush()
    expect(await read(timeseries)).toEqual(
      new Map([
        [1, 5],
        [2, 3],
      ]),
    )
    expect(() => buffer.add('a', 1, null, 0)).toThrow(/times must be a whole number .*, not 0 \(series "a"\)/)
    const set = await started((await buffered('series')).timeseries)
    expect(() => set.add('a', 1, null, 2)).toThrow(/times must be left out: a series does not count values/)
  })

  it('writes rolling copies', async () => {
    const { timeseries } = await buffered('count')
    const buffer = timeseries.buffer({ intervals: -2 })
    buffer.add('a', 5, null, 2)
    await buffer.flush()
    const { start, end } = { start: MINUTE - 180, end: MINUTE + 60 }
    expect([...(await timeseries.series('a', 'minute', { start, end })).values()]).toEqual([0, 10, 10, 10, 0])
    expect(() => timeseries.buffer({ intervals: 10_001 })).toThrow(/intervals must be an integer from -10000 to 10000/)
  })

  it('reports a value that it could only check later', async () => {
    const { timeseries, onError, failures } = await buffered('count')
    const buffer = timeseries.buffer({ onError })
    buffer.add('a', 'one')
    buffer.add('a', 2)
    await buffer.flush()
    expect(failures.map(([{ code }]) => code)).toEqual(['KAIROS_INVALID_VALUE'])
    expect(buffer.stats()).toMatchObject({ failed: 1, stored: 1 })
  })

  it('keeps what was added while the store cannot be opened', async () => {
    const driver = faultyDriver()
    const open = vi.fn(driver.open)
    open.mockRejectedValueOnce(Object.assign(new Error('no server'), { retry: 'later' }))
    const config = { type: 'count', intervals: { minute: { step: 60 } }, now: () => NOW, patience: 1 }
    const timeseries = createAny({ ...driver, open }, config) as Buffered
    const failures: BufferFailure[] = []
    const buffer = timeseries.buffer({ onError: (_error: unknown, cells: BufferFailure) => failures.push(cells) })
    buffer.add('a', 4)
    await buffer.flush()
    expect(failures).toEqual([{ kept: [{ ...cell, value: 4 }], refused: [], inDoubt: [] }])
    buffer.add('a', 5)
    await buffer.flush()
    expect(await read(timeseries)).toBe(9)
  })

  it('keeps what was not applied, in its order, for the next write', async () => {
    const { timeseries, driver, onError, failures } = await buffered('series', { patience: 1 })
    const buffer = timeseries.buffer({ onError })
    driver.faults.push(notApplied('later'))
    buffer.add('a', 1)
    buffer.add('a', 2)
    await buffer.flush()
    expect(failures[0]![1]).toEqual({ kept: [{ ...cell, value: [1, 2] }], refused: [], inDoubt: [] })
    expect(buffer.stats()).toMatchObject({ pending: 2, stored: 0, failed: 0, lastError: failures[0]![0] })
    buffer.add('a', 3)
    await vi.advanceTimersByTimeAsync(1_000)
    await buffer.flush()
    expect(await read(timeseries)).toEqual([1, 2, 3])
    expect(buffer.stats()).toMatchObject({ pending: 0, stored: 3 })
  })

  it('does not keep what the driver refuses', async () => {
    const { timeseries, driver, onError, failures } = await buffered('count')
    const buffer = timeseries.buffer({ onError })
    driver.faults.push(notApplied('never'))
    buffer.add('a')
    await buffer.flush()
    expect(failures[0]![1]).toEqual({ kept: [], refused: [{ ...cell, value: 1 }], inDoubt: [] })
    expect(buffer.stats()).toMatchObject({ pending: 0, failed: 1 })
  })

  it('does not write again what may have been applied', async () => {
    const { timeseries, driver, onError, failures } = await buffered('count')
    const buffer = timeseries.buffer({ onError })
    driver.faults.push(answerLost('now'))
    buffer.add('a', 5)
    await buffer.flush()
    await buffer.flush()
    expect(failures[0]![1]).toEqual({ kept: [], refused: [], inDoubt: [{ ...cell, value: 5 }] })
    expect(buffer.stats()).toMatchObject({ pending: 0, inDoubt: 1, stored: 0 })
    expect(await read(timeseries)).toBe(5)
  })

  it('refuses only the sum that is too large', async () => {
    const { timeseries, onError, failures } = await buffered('count')
    const buffer = timeseries.buffer({ onError })
    for (const value of [1e308, 1e308]) buffer.add('a', value)
    buffer.add('b', 1)
    await buffer.flush()
    expect(failures).toHaveLength(1)
    expect(failures[0]![0].code).toBe('KAIROS_INVALID_VALUE')
    expect(await read(timeseries, 'b')).toBe(1)
    expect(buffer.stats()).toMatchObject({ failed: 2, stored: 1, pending: 0 })
  })

  it('warns with the numbers if nothing listens', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const { timeseries, driver } = await buffered('count')
    const buffer = timeseries.buffer()
    driver.faults.push(notApplied('never'))
    buffer.add('a')
    await buffer.flush()
    expect(warn.mock.calls).toEqual([
      [
        expect.stringContaining('cells kept: 0, refused: 1, in doubt: 0'),
        expect.objectContaining({ code: 'KAIROS_BUFFER_FAILED' }),
      ],
    ])
    warn.mockRestore()
  })

  it('writes when it is closed, and takes no more; what fails then is refused', async () => {
    const { timeseries, driver, onError, failures } = await buffered('count', { patience: 1 })
    {
      await using buffer = timeseries.buffer()
      buffer.add('a')
    }
    expect(await read(timeseries)).toBe(1)
    const buffer = await started(timeseries, { onError })
    driver.faults.push(notApplied('later'))
    buffer.add('a')
    await buffer.close()
    await failureOf(() => buffer.add('a'), 'KAIROS_CLOSED')
    expect(failures[0]![1]).toMatchObject({ kept: [], refused: [cell] })
    expect(buffer.stats()).toMatchObject({ pending: 0, failed: 1 })
    await buffer.close()
  })

  it('writes when its timeseries is closed, which waits for it', async () => {
    const { timeseries, driver } = await buffered('count')
    const buffer = await started(timeseries)
    buffer.add('a', 7)
    await timeseries.close()
    expect(driver.batches.at(-1)!.cells).toMatchObject([{ name: 'a', change: 7 }])
    await failureOf(() => buffer.add('a'), 'KAIROS_CLOSED')
  })

  it('writes what was added before its code was loaded, also when its timeseries is closed at once', async () => {
    const { timeseries, driver } = await buffered('count')
    const buffer = timeseries.buffer()
    buffer.add('a', 7)
    await timeseries.close()
    expect(driver.batches.at(-1)!.cells).toMatchObject([{ name: 'a', change: 7 }])
    expect(buffer.stats()).toMatchObject({ stored: 1, failed: 0 })
  })

  it('writes all that is added in the turn in which its timeseries is closed, also where its code was loaded before', async () => {
    const { timeseries: other } = await buffered('count')
    await started(other)
    const { timeseries, driver, failures, onError } = await buffered('count')
    const buffer = timeseries.buffer({ onError })
    for (let index = 0; index < 100; index++) buffer.add('a')
    await timeseries.close()
    expect(driver.batches.at(-1)!.cells).toMatchObject([{ name: 'a', change: 100 }])
    expect(buffer.stats()).toMatchObject({ stored: 100, failed: 0 })
    expect(failures).toEqual([])
  })

  it('writes together with the others of its driver', async () => {
    const { timeseries, driver } = await buffered('count')
    const other = createAny(driver, {
      type: 'count',
      name: 'other',
      intervals: { minute: { step: 60 } },
      now: () => NOW,
    })
    const one = await started(timeseries, { interval: 1_000 })
    const two = await started(other as Buffered, { interval: 1_000 })
    const before = driver.batches.length
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    one.add('a')
    await vi.advanceTimersByTimeAsync(600)
    two.add('a')
    await vi.advanceTimersByTimeAsync(400)
    expect(driver.batches).toHaveLength(before + 1)
    one.add('a')
    await vi.advanceTimersByTimeAsync(600)
    expect(driver.batches).toHaveLength(before + 3)
  })

  it('writes at the end of the process if asked to', async () => {
    const { timeseries } = await buffered('count')
    const before = process.listeners('beforeExit')
    const buffer = await started(timeseries, { flushOnExit: true })
    const [listener] = process.listeners('beforeExit').filter((each) => !before.includes(each))
    buffer.add('a')
    ;(listener as () => void)()
    await buffer.flush()
    expect(await read(timeseries)).toBe(1)
    await buffer.close()
    expect(process.listeners('beforeExit')).toEqual(before)
  })

  it.each([
    ['interval', 0],
    ['maxCells', 1.5],
    ['maxPending', 0],
    ['overflow', 'keep'],
    ['onError', 1],
    ['flushOnExit', 'yes'],
    ['size', 1],
  ])('refuses a wrong option at once: %s', async (key, value) => {
    const { timeseries } = await buffered('count')
    const error = await failureOf(() => timeseries.buffer({ [key]: value }), 'KAIROS_INVALID_CONFIG')
    expect(error.path).toBe(key)
  })
})

describe('the cells of a buffer', () => {
  it('are in the order of their names, whichever of them came before, and however often', async () => {
    const { timeseries, driver } = await buffered('summary')
    const buffer = timeseries.buffer()
    const rounds = [['d', 'b'], ['a', 'd', 'c', 'b', 'a'], [], ['c'], ['e', 'a', 'd', 'b', 'B', 'c'], ['a']]
    for (const [round, names] of rounds.entries()) {
      const before = driver.batches.length
      for (const name of names) buffer.add(name, round, NOW)
      await buffer.flush()
      const written = driver.batches.slice(before).flatMap(({ cells }) => cells.map(({ name }) => name))
      expect(written).toEqual([...new Set(names)].sort())
    }
    expect(await read(timeseries)).toEqual({ count: 4, sum: 11, min: 1, max: 5, last: 5, lastAt: NOW })
  })

  it('are those of its buckets, in their order, when values come in another', async () => {
    const { timeseries, driver } = await buffered('count', {
      intervals: { minute: { step: 60 }, hour: { step: 3_600 } },
    })
    const buffer = timeseries.buffer()
    for (let round = 1; round <= 2; round++) {
      const before = driver.batches.length
      for (const minute of [3, 0, 3, 1, 0, 2, 3]) buffer.add('a', round, MINUTE - minute * 60)
      await buffer.flush()
      const [batch] = driver.batches.slice(before)
      const minutes = batch!.cells.filter(({ interval }) => interval === 'minute')
      expect(minutes.map(({ bucket, change }) => [MINUTE / 60 - bucket, change])).toEqual([
        [3, 3 * round],
        [2, round],
        [1, round],
        [0, 2 * round],
      ])
    }
  })

  it('are written although names that no longer come are forgotten', async () => {
    const { timeseries, driver } = await buffered('count')
    const buffer = timeseries.buffer({ maxCells: 100_000 })
    for (const turn of [1, 2]) {
      const first = driver.batches.length
      for (let name = 0; name < 10_002; name++) buffer.add(`n${name}`)
      await buffer.flush()
      expect(driver.batches.slice(first).flatMap(({ cells }) => cells)).toHaveLength(10_002)
      for (let time = 0; time < 2; time++) {
        const before = driver.batches.length
        for (const name of ['n3', 'n10001', 'm']) buffer.add(name)
        await buffer.flush()
        expect(driver.batches[before]!.cells.map(({ name }) => name)).toEqual(['m', 'n10001', 'n3'])
      }
      expect(await read(timeseries, 'n3')).toBe(3 * turn)
    }
  })
})
