import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { failedStore } from '../../src/driver.ts'
import { type AnyTimeseries, createAny } from '../support/any-timeseries.ts'
import { collect } from '../support/collect.ts'
import { failureOf } from '../support/failure.ts'
import { watchedDriver } from '../support/watched-driver.ts'

/** Lets everything continue that waits for nothing but its turn. */
const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await setImmediate()
}

const at = (text: string): number => Date.parse(`${text}T00:00:00Z`) / 1_000

describe('what iterate gives', () => {
  it('of a coarse interval: every bucket from first to last, empties included', async () => {
    const counts = createAny('memory:', { type: 'count', intervals: { minute: { step: 60 } }, now: () => 0 })
    for (const timestamp of [-60, 120]) await counts.insert('a', 1, { timestamp })
    expect(await collect(counts.iterate('a', 'minute'))).toEqual([
      [-60, 1],
      [0, 0],
      [60, 0],
      [120, 1],
    ])
    expect(await collect(counts.iterate('none', 'minute'))).toEqual([])
  })

  it('of a fine interval: the resolution buckets that have data; condensed, every bucket', async () => {
    const sets = createAny('memory:', {
      type: 'set',
      valueType: 'int',
      intervals: { day: { step: 'daily', resolution: '1h' } },
      now: () => 0,
    })
    await sets.insert('a', 1, { timestamp: 3_600 })
    await sets.insert('b', 2, { timestamp: 3_700 })
    await sets.insert('a', 3, { timestamp: 2 * 86_400 })
    expect(await collect(sets.iterate(['a', 'b'], 'day'))).toEqual([
      [3_600, new Set([1, 2])],
      [2 * 86_400, new Set([3])],
    ])
    expect(await collect(sets.iterate('a', 'day', { condense: true }))).toEqual([
      [0, new Set([1])],
      [86_400, new Set()],
      [2 * 86_400, new Set([3])],
    ])
    expect(await collect(sets.iterate('a', 'day', { condense: true, transform: 'count' }))).toEqual([
      [0, 1],
      [86_400, 0],
      [2 * 86_400, 1],
    ])
  })

  it.each(['daily', 'weekly', 'monthly'])('crosses the ends of years: %s', async (step) => {
    const counts = createAny('memory:', { type: 'count', intervals: { it: { step } }, now: () => 0 })
    const [first, last] = [at('1999-12-25'), at('2001-01-08')]
    await counts.bulkInsert([
      { name: 'a', timestamp: first },
      { name: 'a', timestamp: last },
    ])
    const entries = await collect(counts.iterate('a', 'it'))
    expect(entries).toEqual([...(await counts.series('a', 'it', { start: first, end: last }))])
    expect(entries.filter(([, count]) => count === 1)).toHaveLength(2)
  })

  it('gives what series gives, whatever the density and the windows', async () => {
    const { driver, reads } = watchedDriver()
    const series = createAny(driver, {
      type: 'series',
      valueType: 'int',
      intervals: { second: { step: 1 } },
      now: () => 0,
    })
    // Dense, then sparse, then a gap, then large cells.
    const moments = [
      ...Array.from({ length: 3_000 }, (_, index) => index),
      ...Array.from({ length: 50 }, (_, index) => 3_000 + index * 97),
      30_000,
      30_001,
    ]
    await series.bulkInsert(moments.map((timestamp) => ({ name: 'a', value: timestamp, timestamp })))
    await series.insert(
      'a',
      Array.from({ length: 20_000 }, (_, index) => index),
      { timestamp: 30_002 },
    )
    await series.insert('a', 1, { timestamp: 30_003 })
    const entries = await collect(series.iterate('a', 'second'))
    expect(entries).toEqual([...(await series.series('a', 'second', { start: 0, end: 30_003 }))])
    expect(reads.length).toBeGreaterThan(4)
  })
})

describe('what a window holds', () => {
  /** How many values each read of the store returned. */
  async function weights(
    config: object,
    write: (timeseries: AnyTimeseries) => Promise<unknown>,
    names: unknown,
    options = {},
  ): Promise<number[]> {
    const { driver, found } = watchedDriver()
    const timeseries = createAny(driver, { intervals: { minute: { step: 60 } }, now: () => 0, ...config })
    await write(timeseries)
    await collect(timeseries.iterate(names, 'minute', options))
    return found.map((cells) =>
      cells.reduce((sum, { value }) => sum + (Array.isArray(value) || typeof value === 'string' ? value.length : 1), 0),
    )
  }
  const names = Array.from({ length: 300 }, (_, index) => `n${index}`)

  it('of many names is sized by their cells, not by what they are joined to', async () => {
    const found = await weights(
      { type: 'count' },
      async (counts) => {
        for (let minute = 0; minute < 300; minute++)
          await counts.bulkInsert(names.map((name) => ({ name, timestamp: minute * 60 })))
      },
      names,
    )
    expect(Math.max(...found)).toBeLessThanOrEqual(5_000)
    expect(found.length).toBeLessThan(30)
  })

  it('is sized by what the store gave, not by what functions made of it', async () => {
    const found = await weights(
      { type: 'series', valueType: 'int' },
      async (series) => {
        for (let minute = 0; minute < 200; minute++)
          await series.insert('a', new Array(100).fill(1), { timestamp: minute * 60 })
      },
      'a',
      { processRow: (row: number[]) => row.length },
    )
    expect(Math.max(...found)).toBeLessThanOrEqual(6_400)
    expect(Math.max(...found.slice(2))).toBeLessThanOrEqual(5_000)
  })

  it('of long texts is short', async () => {
    const text = 'x'.repeat(100_000)
    const found = await weights(
      { type: 'gauge', valueType: 'text' },
      (gauges) =>
        gauges.bulkInsert(
          Array.from({ length: 100 }, (_, minute) => ({ name: 'a', value: text, timestamp: minute * 60 })),
        ),
      'a',
    )
    expect(Math.max(...found)).toBeLessThanOrEqual(16 * 100_000)
    expect(Math.max(...found.slice(1))).toBeLessThanOrEqual(13 * 100_000)
  })

  it('is no larger after sparse data than what may become dense in it', async () => {
    const { driver, reads } = watchedDriver()
    const counts = createAny(driver, { type: 'count', intervals: { minute: { step: 60 } }, now: () => 0 })
    await counts.bulkInsert(Array.from({ length: 200 }, (_, hour) => ({ name: 'n0', timestamp: hour * 3_600 })))
    await collect(counts.iterate(names, 'minute'))
    const cells = reads.map(({ range }) => (range.last - range.first + 1) * names.length)
    expect(Math.max(...cells)).toBeLessThanOrEqual(200_000)
    expect(reads.length).toBeLessThan(40)
  })
})

describe('how iterate works', () => {
  it('leaps over holes: history may be as long as it likes', async () => {
    const { driver, reads, bounds } = watchedDriver()
    const counts = createAny(driver, {
      type: 'count',
      intervals: { day: { step: 86_400, resolution: 1 } },
      now: () => 0,
    })
    await counts.bulkInsert([
      { name: 'a', timestamp: at('0001-01-01') },
      { name: 'a', timestamp: at('2024-01-01') },
      { name: 'a', timestamp: at('9999-12-31') },
    ])
    expect(await collect(counts.iterate('a', 'day'))).toEqual(
      ['0001-01-01', '2024-01-01', '9999-12-31'].map((day) => [at(day), 1]),
    )
    expect(reads.length + bounds.length).toBeLessThan(20)
  })

  it('gives the empties of a hole without asking for them', async () => {
    const { driver, reads } = watchedDriver()
    const counts = createAny(driver, { type: 'count', intervals: { minute: { step: 60 } }, now: () => 0 })
    await counts.bulkInsert([
      { name: 'a', timestamp: 0 },
      { name: 'a', timestamp: 60 * 100_000 },
    ])
    const entries = await collect(counts.iterate('a', 'minute'))
    expect(entries).toHaveLength(100_001)
    expect(entries.at(-1)).toEqual([6_000_000, 1])
    expect(reads.length).toBeLessThan(6)
  })

  it('reads one window ahead, and no more', async () => {
    const { driver, reads } = watchedDriver()
    const counts = createAny(driver, { type: 'count', intervals: { second: { step: 1 } }, now: () => 0 })
    await counts.bulkInsert(Array.from({ length: 100_000 }, (_, timestamp) => ({ name: 'a', timestamp })))
    const entries = counts.iterate('a', 'second')
    await entries.next()
    await turns()
    expect(reads).toHaveLength(2)
    await entries.return?.()
    await turns()
    expect(reads).toHaveLength(2)
  })

  it('is abandoned by break; a failure of the window that was on its way troubles nobody', async () => {
    let reads = 0
    const { driver } = watchedDriver(async () => {
      reads++
      if (reads === 2) throw failedStore('gone', 'never')
    })
    const counts = createAny(driver, { type: 'count', intervals: { second: { step: 1 } }, now: () => 0 })
    await counts.bulkInsert(Array.from({ length: 2_000 }, (_, timestamp) => ({ name: 'a', timestamp })))
    for await (const [seconds] of counts.iterate('a', 'second')) if (seconds === 10) break
    await turns()
    await counts.close()
    expect(reads).toBe(2)
  })

  it('a failure comes after what was read before it', async () => {
    let reads = 0
    const { driver } = watchedDriver(async () => {
      reads++
      if (reads === 2) throw failedStore('gone', 'never')
    })
    const counts = createAny(driver, { type: 'count', intervals: { second: { step: 1 } }, now: () => 0 })
    await counts.bulkInsert(Array.from({ length: 2_000 }, (_, timestamp) => ({ name: 'a', timestamp })))
    const seen: number[] = []
    const failure = failureOf(async () => {
      for await (const [seconds] of counts.iterate('a', 'second')) seen.push(seconds)
    }, 'KAIROS_STORE_FAILED')
    expect(await failure).toMatchObject({ operation: 'read', driver: 'memory', retryable: false })
    expect(seen.length).toBe(500)
  })

  it('what is live is asked with each window: buckets that expire meanwhile are not read', async () => {
    let now = 60 * 6_000
    const oldest = (): number => now / 60 - 5_999
    const read: boolean[] = []
    const { driver } = watchedDriver(async ({ range }) => void read.push(range.first >= oldest()))
    const counts = createAny(driver, {
      type: 'count',
      intervals: { minute: { step: 60, steps: 6_000 } },
      now: () => now,
    })
    await counts.bulkInsert(Array.from({ length: 6_000 }, (_, index) => ({ name: 'a', timestamp: (index + 1) * 60 })))
    const seen: number[] = []
    for await (const [seconds] of counts.iterate('a', 'minute')) {
      seen.push(seconds)
      // From now on only the newest hundred are live.
      if (seen.length === 10) now += 60 * 5_900
    }
    expect(read).not.toContain(false)
    // The window that was yielded and the one in flight, then the rest.
    expect(seen.length).toBeLessThan(3_000)
    expect(seen.slice(-100)).toEqual(Array.from({ length: 100 }, (_, index) => (5_901 + index) * 60))
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b))
  })

  it('ends where everything has expired meanwhile', async () => {
    let now = 10_000
    const counts = createAny('memory:', {
      type: 'count',
      intervals: { second: { step: 1, steps: 9_000 } },
      now: () => now,
    })
    await counts.bulkInsert(Array.from({ length: 9_000 }, (_, index) => ({ name: 'a', timestamp: 1_001 + index })))
    let seen = 0
    for await (const _ of counts.iterate('a', 'second')) if (seen++ === 0) now += 1e6
    expect(seen).toBeLessThan(4_000)
  })

  it('a signal ends it between two entries', async () => {
    const counts = createAny('memory:', { type: 'count', intervals: { second: { step: 1 } }, now: () => 0 })
    await counts.bulkInsert([
      { name: 'a', timestamp: 0 },
      { name: 'a', timestamp: 9 },
    ])
    const controller = new AbortController()
    const seen: number[] = []
    const failure = failureOf(async () => {
      for await (const [seconds] of counts.iterate('a', 'second', { signal: controller.signal })) {
        seen.push(seconds)
        if (seconds === 3) controller.abort('enough')
      }
    }, 'KAIROS_ABORTED')
    expect((await failure).cause).toBe('enough')
    expect(seen).toEqual([0, 1, 2, 3])
  })

  it('closing in the middle ends it with an error, after what was already read', async () => {
    const counts = createAny('memory:', { type: 'count', intervals: { second: { step: 1 } }, now: () => 0 })
    await counts.bulkInsert(Array.from({ length: 5_000 }, (_, timestamp) => ({ name: 'a', timestamp })))
    let seen = 0
    const failure = failureOf(async () => {
      for await (const _entry of counts.iterate('a', 'second')) if (++seen === 10) await counts.close()
    }, 'KAIROS_CLOSED')
    await failure
    expect(seen).toBeLessThan(5_000)
  })

  it('close waits for a window on its way', async () => {
    const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const { driver } = watchedDriver(() => {
      begun.resolve()
      return gate.promise
    })
    const counts = createAny(driver, { type: 'count', intervals: { second: { step: 1 } }, now: () => 0 })
    await counts.insert('a', 1, { timestamp: 0 })
    const entry = counts.iterate('a', 'second').next()
    await begun.promise
    let isClosed = false
    const closing = counts.close().then(() => {
      isClosed = true
    })
    await turns()
    expect(isClosed).toBe(false)
    gate.resolve()
    await closing
    expect(await entry).toEqual({ done: false, value: [0, 1] })
  })

  it('hears its signal on a store that answers at once', async () => {
    const counts = createAny('memory:', { type: 'count', intervals: { second: { step: 1 } }, now: () => 0 })
    await counts.bulkInsert([
      { name: 'a', timestamp: 0 },
      { name: 'a', timestamp: 5e9 },
    ])
    const began = Date.now()
    const read = async (): Promise<void> => {
      for await (const _ of counts.iterate('a', 'second', { signal: AbortSignal.timeout(50) })) {
        if (Date.now() - began > 10_000) return
      }
    }
    await failureOf(read, 'KAIROS_ABORTED')
  })
})
