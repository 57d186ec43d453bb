import { setImmediate } from 'node:timers/promises'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createAny } from '../support/any-timeseries.ts'
import { failureOf } from '../support/failure.ts'
import { faultyDriver, notApplied } from '../support/faulty-driver.ts'

const NOW = 1_000_020
const intervals = { minute: { step: 60 } }
const never = (message: string): never => {
  throw new Error(message)
}
/** On a busy machine a chunk would end because it takes long. */
const stopTheClock = (): void => {
  vi.useFakeTimers({ toFake: ['performance'] })
  onTestFinished(() => void vi.useRealTimers())
}
const config = (type: string, more = {}): object => ({ type, intervals, now: () => NOW, ...more })

describe('points', () => {
  const STORED = new Map([[NOW, [1, 2, 3]]])

  it.each<[what: string, points: unknown]>([
    [
      'a Map of records',
      new Map([
        [null, { a: [1, 2] }],
        [NOW, { a: [3], b: [9] }],
      ] as [number | null, object][]),
    ],
    ['a Map of Maps', new Map([[null, new Map([['a', [1, 2, 3]]])]])],
    ['a Map of Sets', new Map([[new Date(NOW * 1_000), new Map([['a', new Set([1, 2, 3])]])]])],
    ['a Map of records without a prototype', new Map([[null, Object.assign(Object.create(null), { a: [1, 2, 3] })]])],
    [
      'an array',
      [
        { name: 'a', value: [1, 2] },
        { name: 'a', value: 3, timestamp: NOW },
      ],
    ],
    [
      'an iterable',
      new Set([
        { name: 'a', value: [1, 2] },
        { name: 'a', value: 3, timestamp: undefined },
      ]),
    ],
    [
      'an async iterable',
      (async function* () {
        yield { name: 'a', value: new Set([1, 2]) }
        yield { name: 'a', value: 3, timestamp: null }
      })(),
    ],
  ])('may be %s', async (_what, points) => {
    const series = createAny('memory:', config('series'))
    await series.bulkInsert(points)
    expect(await series.get('a', 'minute')).toEqual(STORED)
  })

  it.each([null, undefined, 5, 'text', {}, { name: 'a', value: 1 }])('may not be %o', async (points) => {
    await failureOf(() => createAny('memory:', config('series')).bulkInsert(points), 'KAIROS_INVALID_VALUE')
  })

  it.each<[what: string, points: unknown]>([
    ['a list of pairs', [['a', 1]]],
    ['a list of numbers', [1]],
    ['a point without a name', [{ value: 1 }]],
    ['a point without a value', [{ name: 'a' }]],
    ['a point with a key that is misspelt', [{ name: 'a', value: 1, time: 5 }]],
    ['a point of an iterator with one', [{ name: 'a', value: 1, count: 12 }].values()],
    ['a Map of lists', new Map([[NOW, [1]]])],
    ['a Map of Sets of names', new Map([[NOW, new Set(['a'])]])],
    ['a Map of Dates', new Map([[NOW, new Date()]])],
    ['a Map of nothing', new Map([[NOW, null]])],
    ['a Map of texts to values', new Map([['2024-01-01', { a: [1] }]])],
    ['a Map of milliseconds', new Map([[NOW * 1e6, { a: [1] }]])],
  ])('are refused where they are %s', async (_what, points) => {
    const driver = faultyDriver()
    await failureOf(() => createAny(driver, config('series')).bulkInsert(points), 'KAIROS_INVALID_VALUE')
    expect(driver.batches).toEqual([])
  })

  it('of a list or a Map are checked whole before anything is written', async () => {
    const driver = faultyDriver()
    const series = createAny(driver, config('series'))
    const many = Array.from({ length: 20_000 }, (_, index) => ({ name: 'a', value: index, timestamp: index * 60 }))
    for (const bad of [
      { name: 'a', value: 'x' },
      { name: '', value: 1 },
      { name: 'a', value: 1, timestamp: Number.NaN },
    ]) {
      await failureOf(() => series.bulkInsert([...many, bad]), 'KAIROS_INVALID_VALUE')
    }
    const map = new Map<number | null, object>(many.map(({ value, timestamp }) => [timestamp, { a: [value] }]))
    await failureOf(() => series.bulkInsert(map.set(null, { a: [1, Number.NaN] })), 'KAIROS_INVALID_VALUE')
    expect(driver.batches).toEqual([])
  })

  it('are never changed', async () => {
    const series = createAny('memory:', config('series'))
    const freeze = (values: number[]): readonly number[] => Object.freeze(values)
    const record = Object.freeze({ a: freeze([2, 1]), b: freeze([1]) })
    const points = new Map([[Object.freeze(new Date(NOW * 1_000)), record]])
    await series.bulkInsert(points)
    await series.bulkInsert(Object.freeze([Object.freeze({ name: 'a', value: freeze([3]) })]))
    expect(points.size).toBe(1)
    expect(record).toEqual({ a: [2, 1], b: [1] })
    expect(await series.get('a', 'minute')).toEqual(new Map([[NOW, [2, 1, 3]]]))
  })

  it('are merged before they reach the store: 10,000 increments are one command', async () => {
    const driver = faultyDriver()
    const counts = createAny(driver, config('count'))
    const points = Array.from({ length: 10_000 }, () => ({ name: 'a', timestamp: NOW }))
    expect(await counts.bulkInsert(points)).toEqual({ stored: 10_000, expired: 0 })
    expect(driver.batches.map(({ cells }) => cells.map(({ change }) => change))).toEqual([[10_000]])
  })

  it('of a count add up to the same number in any order', async () => {
    const driver = faultyDriver()
    const counts = createAny(driver, config('count'))
    const point = (value: number): object => ({ name: 'a', value })
    await counts.bulkInsert([0.055, 1e16, 0.1, -1e16].map(point))
    await counts.bulkInsert([-1e16, 0.1, 0.055, 1e16].map(point))
    await counts.bulkInsert(Array.from({ length: 70 }, () => point(0.4)))
    await counts.bulkInsert([Number.MAX_VALUE, Number.MAX_VALUE, -Number.MAX_VALUE].map(point))
    expect(driver.batches.map(({ cells }) => cells[0]!.change)).toEqual([0.155, 0.155, 28, Number.MAX_VALUE])
  })

  it('keep their order of arrival, whatever their moments', async () => {
    const driver = faultyDriver()
    const gauges = createAny(driver, { type: 'gauge', intervals: { hour: { step: '1h' } }, now: () => NOW })
    await gauges.bulkInsert([
      { name: 'a', value: 1, timestamp: NOW + 50 },
      { name: 'a', value: 2, timestamp: NOW },
    ])
    expect([...(await gauges.get('a', 'hour')).values()]).toEqual([2])
  })
})

describe('an iterable', () => {
  it('is written in chunks, each read only when the one before is stored, and "now" is read once for each', async () => {
    stopTheClock()
    let now = NOW
    const driver = faultyDriver()
    const counts = createAny(driver, { type: 'count', intervals: { second: { step: 1 } }, now: () => now })
    let read = 0
    const seen: number[] = []
    async function* source(): AsyncGenerator<object> {
      for (let index = 0; index < 25_000; index++) {
        read++
        now += 0
        yield { name: `n${index}` }
      }
    }
    for (let chunk = 0; chunk < 3; chunk++) {
      driver.faults.push(async ({ cells }, write) => {
        seen.push(read)
        // While a chunk is being written the source waits: back-pressure.
        await setImmediate()
        expect(read).toBe(seen.at(-1))
        now += 100
        await write(cells)
      })
    }
    expect(await counts.bulkInsert(source())).toEqual({ stored: 25_000, expired: 0 })
    expect(seen).toEqual([10_000, 20_000, 25_000])
    expect(driver.batches.map(({ cells }) => cells[0]!.bucket)).toEqual([NOW, NOW + 100, NOW + 200])
  })

  it('into few hot cells is written by how many values wait, or how many points', async () => {
    stopTheClock()
    const driver = faultyDriver()
    const series = createAny(driver, config('series'))
    await series.bulkInsert(
      (function* () {
        for (let index = 0; index < 120_000; index++) yield { name: 'a', value: index }
      })(),
    )
    expect(driver.batches).toHaveLength(3)
    const counts = createAny(driver, config('count'))
    await counts.bulkInsert(
      (function* () {
        for (let index = 0; index < 250_000; index++) yield { name: 'a' }
      })(),
    )
    expect(driver.batches).toHaveLength(6)
  })

  it.each(['an iterable', 'an async iterable'])(
    'that goes wrong in the middle: %s is left, the error says how many points were stored',
    async (kind) => {
      const driver = faultyDriver()
      const counts = createAny(driver, config('count'))
      let left = false
      function* points(): Generator<object> {
        try {
          for (let index = 0; index < 15_000; index++) yield { name: `n${index}` }
          yield { name: 'bad', value: 'one' }
          throw new Error('nobody should read on')
        } finally {
          left = true
        }
      }
      async function* later(): AsyncGenerator<object> {
        yield* points()
      }
      const error = await failureOf(
        () => counts.bulkInsert(kind === 'an iterable' ? points() : later()),
        'KAIROS_INVALID_VALUE',
      )
      expect(error).toMatchObject({ series: 'bad', value: 'one', stored: 15_000 })
      expect(left).toBe(true)
      expect(await counts.list()).toHaveLength(15_000)
    },
  )

  it.each(['an iterable', 'an async iterable'])(
    'that throws by itself: what %s throws passes through once all that it gave is stored',
    async (kind) => {
      const own = new Error('the file ended')
      const series = createAny('memory:', config('series', { valueType: 'int' }))
      function* points(thrown: unknown): Generator<object> {
        yield { name: 'a', value: [1, 2] }
        yield { name: 'a', value: 9, timestamp: NOW - 60 }
        throw thrown
      }
      async function* later(thrown: unknown): AsyncGenerator<object> {
        yield* points(thrown)
      }
      const source = kind === 'an iterable' ? points : later
      await expect(series.bulkInsert(source(own))).rejects.toBe(own)
      expect(own).toMatchObject({ stored: 2, expired: 0 })
      const frozen = Object.freeze(new Error('frozen'))
      await expect(series.bulkInsert(source(frozen))).rejects.toBe(frozen)
      await expect(series.bulkInsert(source('text'))).rejects.toBe('text')
      expect([...(await series.get('a', 'minute')).values()]).toEqual([[1, 2, 1, 2, 1, 2]])
    },
  )

  it.each<[what: string, bad: unknown, more: object]>([
    ['a bad value', { name: 'a', value: [7, 'x'] }, {}],
    [
      'a getter that throws',
      {
        get name() {
          throw new Error('gone')
        },
      },
      {},
    ],
    [
      'a writeFunc that throws',
      { name: 'a', value: [7, 13] },
      {
        writeFunc(value: number) {
          if (value === 13) throw new Error('unlucky')
          return value
        },
      },
    ],
  ])('is written up to %s', async (_what, bad, more) => {
    const series = createAny('memory:', config('series', more))
    const failure = series.bulkInsert([{ name: 'a', value: 1 }, { name: 'a', value: [2, 3] }, bad].values())
    await expect(failure).rejects.toMatchObject({ stored: 2, expired: 0 })
    expect([...(await series.get('a', 'minute')).values()]).toEqual([[1, 2, 3]])
  })

  it('that throws, and then the store fails: the error lists the cells, and holds what was thrown', async () => {
    const driver = faultyDriver()
    const counts = createAny(driver, config('count'))
    driver.faults.push(notApplied('never'))
    const own = new Error('the file ended')
    function* points(): Generator<object> {
      yield { name: 'a' }
      throw own
    }
    const error = await failureOf(() => counts.bulkInsert(points()), 'KAIROS_STORE_FAILED')
    expect(error).toMatchObject({ stored: 0, notApplied: [{ name: 'a' }], sourceError: own })
  })

  it.each<[what: string, next: () => unknown]>([
    ['throws', () => never('thrown')],
    ['gives nothing', () => undefined],
    ['resolves to null', async () => null],
  ])('whose next() %s has given all it will give', async (_what, next) => {
    const counts = createAny('memory:', config('count'))
    let asked = 0
    const first = { done: false, value: { name: 'a' } }
    const source = { [Symbol.asyncIterator]: () => ({ next: () => (asked++ === 0 ? first : next()) }) }
    await expect(counts.bulkInsert(source)).rejects.toMatchObject({ stored: 1 })
    expect([...(await counts.get('a', 'minute')).values()]).toEqual([1])
  })

  it.each(['an iterable', 'an async iterable'])(
    'an abort lists all that %s gave, and counts what is past',
    async (kind) => {
      const kept = { intervals: { minute: { step: 60, steps: 1 } } }
      const counts = createAny('memory:', config('count', kept))
      const controller = new AbortController()
      function* points(): Generator<object> {
        yield { name: 'a' }
        yield { name: 'b', timestamp: 0 }
        controller.abort()
        yield { name: 'c' }
        throw new Error('nobody should read on')
      }
      async function* later(): AsyncGenerator<object> {
        yield* points()
      }
      const source = kind === 'an iterable' ? points() : later()
      const error = await failureOf(() => counts.bulkInsert(source, { signal: controller.signal }), 'KAIROS_ABORTED')
      expect(error).toMatchObject({
        stored: 0,
        expired: 1,
        notApplied: [{ name: 'a' }, { name: 'c' }],
        maybeApplied: [],
      })
    },
  )

  it('is left when the store fails, and what had been stored is reported', async () => {
    const driver = faultyDriver()
    const counts = createAny(driver, config('count'))
    driver.faults.push(async ({ cells }, write) => write(cells), notApplied('never'))
    let left = false
    async function* points(): AsyncGenerator<object> {
      try {
        for (let index = 0; ; index++) yield { name: `n${index}` }
      } finally {
        left = true
      }
    }
    const error = await failureOf(() => counts.bulkInsert(points()), 'KAIROS_STORE_FAILED')
    // Of 10,000 points, or of fewer where those took a second.
    const [first, second] = driver.batches.map(({ cells }) => cells.length)
    expect(error).toMatchObject({ stored: first, maybeApplied: [] })
    expect(error.notApplied).toHaveLength(second!)
    expect(first).toBeGreaterThan(1_000)
    expect(left).toBe(true)
  })

  it('that fails while it is being left does not hide the first error', async () => {
    const counts = createAny('memory:', config('count'))
    const points = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false, value: 5 }),
        return: async () => {
          throw new Error('second')
        },
      }),
    }
    await failureOf(() => counts.bulkInsert(points), 'KAIROS_INVALID_VALUE')
  })

  it('that says nothing more does not hold up an abort; what waits is listed', async () => {
    const counts = createAny('memory:', config('count'))
    const controller = new AbortController()
    let asked = false
    const points = {
      [Symbol.asyncIterator]() {
        let index = 0
        return {
          next: () => {
            if (index++ === 0) return Promise.resolve({ done: false, value: { name: 'a' } })
            controller.abort()
            return new Promise(() => {})
          },
          return: async () => {
            asked = true
          },
        }
      },
    }
    const error = await failureOf(() => counts.bulkInsert(points, { signal: controller.signal }), 'KAIROS_ABORTED')
    expect(error).toMatchObject({
      stored: 0,
      notApplied: [{ name: 'a', interval: 'minute', start: NOW }],
      maybeApplied: [],
    })
    expect(asked).toBe(true)
  })

  it.each(['abort', 'close'])('may %s when it is asked, and then say nothing more', async (end) => {
    const counts = createAny('memory:', config('count'))
    const controller = new AbortController()
    const next = () => {
      if (end === 'abort') controller.abort()
      else void counts.close()
      return new Promise(() => {})
    }
    const points = { [Symbol.asyncIterator]: () => ({ next }) }
    await failureOf(
      () => counts.bulkInsert(points, { signal: controller.signal }),
      end === 'abort' ? 'KAIROS_ABORTED' : 'KAIROS_CLOSED',
    )
  })

  it('is not even begun when the signal has aborted', async () => {
    const counts = createAny('memory:', config('count'))
    let begun = false
    function* points(): Generator<object> {
      begun = true
      yield { name: 'a' }
    }
    await failureOf(() => counts.bulkInsert(points(), { signal: AbortSignal.abort() }), 'KAIROS_ABORTED')
    expect(begun).toBe(false)
  })

  it('of sums beyond what a number holds tells how many points were stored', async () => {
    const counts = createAny('memory:', config('count'))
    const points = [Number.MAX_VALUE, Number.MAX_VALUE].map((value) => ({ name: 'a', value }))
    expect((await failureOf(() => counts.bulkInsert(points.values()), 'KAIROS_INVALID_VALUE')).stored).toBe(0)
  })

  it.each(['generator', 'async generator'])(
    'from a %s without an end hears its signal on a store that answers at once',
    async (kind) => {
      const counts = createAny('memory:', config('count'))
      const began = Date.now()
      function* points(): Generator<object> {
        while (Date.now() - began < 10_000) yield { name: 'a' }
      }
      async function* later(): AsyncGenerator<object> {
        yield* points()
      }
      const source = kind === 'generator' ? points() : later()
      await failureOf(() => counts.bulkInsert(source, { signal: AbortSignal.timeout(50) }), 'KAIROS_ABORTED')
    },
  )

  it('of a long list lets timers in between its batches', async () => {
    const counts = createAny('memory:', config('count', { intervals: { second: { step: 1 } } }))
    const points = Array.from({ length: 300_000 }, (_, n) => ({ name: 'a', timestamp: n }))
    let timers = 0
    const timer = setInterval(() => timers++, 1)
    await counts.bulkInsert(points)
    clearInterval(timer)
    expect(timers).toBeGreaterThan(0)
  })
})

describe('a slow source', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('has each point filed at the moment when it came, and what came is stored within a second', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    let now = NOW
    const driver = faultyDriver()
    const counts = createAny(driver, { type: 'count', intervals: { second: { step: 1 } }, now: () => now })
    let left = false
    async function* source(): AsyncGenerator<object> {
      try {
        for (let point = 0; point < 5; point++) {
          yield { name: 'a' }
          await new Promise((resolve) => setTimeout(resolve, 700))
          now += 100
        }
      } finally {
        left = true
      }
    }
    const running = counts.bulkInsert(source())
    await vi.advanceTimersByTimeAsync(1_100)
    expect(driver.batches.map(({ cells }) => cells.map(({ bucket }) => bucket))).toEqual([[NOW, NOW + 100]])
    await vi.advanceTimersByTimeAsync(5_000)
    expect(await running).toEqual({ stored: 5, expired: 0 })
    expect(driver.batches.flatMap(({ cells }) => cells.map(({ bucket }) => bucket))).toEqual(
      [0, 100, 200, 300, 400].map((after) => NOW + after),
    )
    expect(left).toBe(true)
  })

  it('that gives nothing more keeps neither what came nor the signal waiting', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    const driver = faultyDriver()
    const counts = createAny(driver, config('count'))
    const controller = new AbortController()
    async function* source(): AsyncGenerator<object> {
      yield { name: 'a' }
      await new Promise(() => {})
    }
    const failure = failureOf(() => counts.bulkInsert(source(), { signal: controller.signal }), 'KAIROS_ABORTED')
    await vi.advanceTimersByTimeAsync(1_001)
    expect(driver.batches).toHaveLength(1)
    controller.abort()
    expect(await failure).toMatchObject({ stored: 1, notApplied: [], maybeApplied: [] })
  })

  it.each(['an async iterable', 'an iterable'])(
    '%s is left when the timeseries closes: what came is written',
    async (kind) => {
      const driver = faultyDriver()
      const counts = createAny(driver, config('count'))
      let left = false
      let came = 0
      function* endless(): Generator<object> {
        try {
          for (;;) {
            came++
            yield { name: 'a' }
          }
        } finally {
          left = true
        }
      }
      async function* live(): AsyncGenerator<object> {
        try {
          for (let point = 0; point < 3; point++) {
            came++
            yield { name: 'a' }
          }
          await new Promise(() => {})
        } finally {
          left = true
        }
      }
      const failure = failureOf(() => counts.bulkInsert(kind === 'an iterable' ? endless() : live()), 'KAIROS_CLOSED')
      await vi.waitUntil(() => came >= 3, { timeout: 30_000 })
      await counts.close()
      const error = await failure
      expect(error).toMatchObject({ stored: came, notApplied: [], maybeApplied: [] })
      expect(driver.batches.reduce((sum, { cells }) => sum + (cells[0]!.change as number), 0)).toBe(came)
      if (kind === 'an iterable') expect(left).toBe(true)
    },
  )
})

it('a silent source is left when the timeseries closes before the driver is there', async () => {
  let left = false
  const silent = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise<never>(() => {}),
      return: async () => {
        left = true
        return { done: true, value: undefined }
      },
    }),
  }
  const counts = createAny('memory:', { type: 'count', intervals: { minute: { step: 60 } } })
  const inserting = failureOf(() => counts.bulkInsert(silent), 'KAIROS_CLOSED')
  await counts.close()
  expect((await inserting).stored).toBe(0)
  expect(left).toBe(true)
})
