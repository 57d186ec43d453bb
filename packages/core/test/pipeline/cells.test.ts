import { describe, expect, it } from 'vitest'
import { type CellStore, failedStore, failedWrite, type StorageDriver } from '../../src/driver.ts'
import { memoryDriver } from '../../src/index.ts'
import { type AnyCell, createAny } from '../support/any-timeseries.ts'
import { collect } from '../support/collect.ts'
import { failureOf } from '../support/failure.ts'
import { watchedDriver } from '../support/watched-driver.ts'

const minute = { minute: { step: 60 } }
const intervals = { ...minute, day: { step: 'daily', resolution: '1h' } }

/** The memory driver, with some calls of its store in other words. */
function changed(change: (store: CellStore) => Partial<CellStore>, capabilities: object = {}): StorageDriver {
  const memory = memoryDriver()
  return {
    ...memory,
    capabilities: { ...memory.capabilities, ...capabilities },
    async open(schema, options) {
      const { store, records } = await memory.open(schema, options)
      return { records, store: { ...store, ...change(store) } }
    },
  }
}

/** Values of each type, and the value types that need care. */
const KINDS: readonly (readonly [type: string, valueType: string | undefined, values: readonly unknown[]])[] = [
  ['count', undefined, [1, 0.5, 0]],
  ['series', 'int64', [1n, -(2n ** 63n)]],
  ['series', 'datetime', [new Date(0), new Date(5)]],
  ['gauge', 'blob', [new Uint8Array([1, 2])]],
  ['gauge', 'datetime', [new Date(7)]],
  ['histogram', 'boolean', [true, false, true]],
  ['set', 'string', ['a', '', '😀']],
]

describe('cells', () => {
  it('come in the order of interval, name and bucket, with what they hold and when they expire', async () => {
    const config = { type: 'count', intervals: { ...intervals, minute: { step: 60, steps: 3 } }, now: () => 120 }
    const counts = createAny('memory:', config)
    for (const name of ['😀', '\uffff', 'a']) await counts.insert(name, 2, { timestamp: 60 })
    await counts.insert('a', 3, { timestamp: 7_200 })
    const day = { interval: 'day', start: 0, expires: null }
    const own = { interval: 'minute', start: 60, value: 2, expires: 240 }
    const cells = await collect(counts.cells())
    expect(cells.map(({ cursor: _, ...cell }) => cell)).toEqual([
      { ...day, name: 'a', resolutionStart: 0, value: 2 },
      { ...day, name: 'a', resolutionStart: 7_200, value: 3 },
      { ...day, name: '\uffff', resolutionStart: 0, value: 2 },
      { ...day, name: '😀', resolutionStart: 0, value: 2 },
      { ...own, name: 'a' },
      { ...own, name: 'a', start: 7_200, value: 3, expires: 7_380 },
      { ...own, name: '\uffff' },
      { ...own, name: '😀' },
    ])
  })

  it('may be chosen by name, prefix, interval and time, and continue behind any of them', async () => {
    const counts = createAny('memory:', { type: 'count', intervals, now: () => 0 })
    const points = ['a', 'ab', 'b'].flatMap((name) => [-60, 0, 60, 90_000].map((timestamp) => ({ name, timestamp })))
    await counts.bulkInsert(points)
    const all = await collect(counts.cells())
    expect(all).toHaveLength(3 * 3 + 3 * 4)
    const found = (options: object) => collect(counts.cells(options))
    const where = (keeps: (cell: AnyCell) => boolean) => all.filter(keeps)
    expect(await found({ names: 'ab' })).toEqual(where(({ name }) => name === 'ab'))
    expect(await found({ names: new Set(['b', 'nobody', 'a']) })).toEqual(where(({ name }) => name !== 'ab'))
    expect(await found({ prefix: 'a' })).toEqual(where(({ name }) => name !== 'b'))
    expect(await found({ names: ['ab', 'b'], prefix: 'a' })).toEqual(where(({ name }) => name === 'ab'))
    expect(await found({ intervals: ['minute'] })).toEqual(where(({ interval }) => interval === 'minute'))
    expect(await found({ start: 1, end: 61 })).toEqual(where(({ start }) => start === 0 || start === 60))
    for (const [index, { cursor }] of all.entries()) {
      const rest = all.slice(index + 1)
      expect(await found({ after: cursor })).toEqual(rest)
      const some = rest.filter(({ name, interval, start }) => name !== 'ab' && interval === 'minute' && start >= 0)
      expect(await found({ names: ['a', 'b'], intervals: ['minute'], start: 0, after: cursor })).toEqual(some)
    }
    // The cell itself, and its name, may be gone.
    const isMinuteOf = (wanted: string) => (cell: AnyCell) => cell.name === wanted && cell.interval === 'minute'
    await counts.delete('ab')
    expect(await found({ after: all.find(isMinuteOf('ab'))!.cursor })).toEqual(where(isMinuteOf('b')))
  })

  it('come with values as they are stored, before readFunc', async () => {
    const gauges = createAny('memory:', {
      type: 'gauge',
      valueType: 'int',
      intervals: minute,
      now: () => 0,
      readFunc: (value: number) => value / 100,
      writeFunc: (value: number) => Math.round(value * 100),
    })
    await gauges.insert('a', 1.5)
    const cells = await collect(gauges.cells())
    expect(cells.map(({ value }) => value)).toEqual([150])
    await gauges.deleteAll()
    await gauges.write(cells, { mode: 'replace' })
    expect(await gauges.get('a', 'minute')).toEqual(new Map([[0, 1.5]]))
  })

  it('hide what has expired', async () => {
    let now = 0
    const config = { type: 'count', intervals: { minute: { step: 60, steps: 2 } }, now: () => now }
    const counts = createAny('memory:', config)
    await counts.insert('old')
    now = 60
    await counts.insert('new')
    now = 120
    expect((await collect(counts.cells())).map(({ name }) => name)).toEqual(['new'])
    now = 1_000
    expect(await collect(counts.cells())).toEqual([])
  })

  it('are read of few names or a part of one at a time, without what is empty', async () => {
    const { driver, reads, found } = watchedDriver()
    const counts = createAny(driver, { type: 'count', intervals: { second: { step: 1 } }, now: () => 0 })
    const dense = Array.from({ length: 30_000 }, (_, timestamp) => ({ name: 'dense', timestamp }))
    const wide = Array.from({ length: 300 }, (_, index) => ({ name: 'wide', timestamp: index * 100_000_000 }))
    const many = Array.from({ length: 1_200 }, (_, index) => ({ name: `n${index}`, timestamp: index * 1_000_000 }))
    await counts.bulkInsert([...dense, ...wide, ...many])
    expect(await collect(counts.cells())).toHaveLength(31_500)
    expect(Math.max(...found.map(({ length }) => length))).toBeLessThanOrEqual(25_000)
    // One for each of the scattered cells of one name at most; those of many names together.
    expect(reads.length).toBeLessThan(330 * 2)
  })

  it('refuse options that they do not know', async () => {
    const counts = createAny('memory:', { type: 'count', intervals, now: () => 0 })
    const next = (options: object) => counts.cells(options).next()
    await failureOf(() => next({ name: 'a' }), 'KAIROS_INVALID_CONFIG')
    await failureOf(() => next({ prefix: 5 }), 'KAIROS_INVALID_CONFIG')
    await failureOf(() => next({ intervals: 'minute' }), 'KAIROS_INVALID_CONFIG')
    await failureOf(() => next({ intervals: ['second'] }), 'KAIROS_UNKNOWN_INTERVAL')
    await failureOf(() => next({ names: [''] }), 'KAIROS_INVALID_VALUE')
    await failureOf(() => next({ start: 2, end: 1 }), 'KAIROS_INVALID_RANGE')
    for (const after of ['', 'x', '[]', '["minute","a",1,2,3]', '["minute","a",1.5,0]', 7, null])
      await failureOf(() => next({ after }), 'KAIROS_INVALID_CONFIG')
    await failureOf(() => next({ signal: AbortSignal.abort() }), 'KAIROS_ABORTED')
  })
})

describe('write', () => {
  it.each(KINDS)('copies from store to store, again and again: %s of %s', async (type, valueType, values) => {
    const config = { type, valueType, intervals, now: () => 0 }
    const [from, to] = [createAny('memory:', config), createAny('memory:', config)]
    for (const [index, value] of values.entries())
      for (const name of ['a', 'b']) await from.insert(name, value, { timestamp: index * 1_000 })
    const cells = await collect(from.cells())
    for (const round of [1, 2]) {
      const answer = await to.write(from.cells(), { mode: 'replace' })
      expect(answer, `round ${round}`).toEqual({ stored: cells.length, expired: 0, unexpected: [] })
    }
    expect(await collect(to.cells())).toEqual(cells)
    await to.deleteAll()
    await to.write(cells)
    expect(await collect(to.cells())).toEqual(cells)
    const none = cells.map((cell) => ({ ...cell, value: null }))
    await to.write(none, { mode: 'replace' })
    expect(await to.list()).toEqual([])
  })

  it('copies the hours of local days', async () => {
    const days = { day: { step: 'daily', zone: 'Europe/Berlin', resolution: '1h' } }
    const config = { type: 'count', intervals: days, now: () => 0 }
    const [from, to] = [createAny('memory:', config), createAny('memory:', config)]
    const night = Date.UTC(2024, 9, 26, 22) / 1_000
    await from.bulkInsert(Array.from({ length: 30 }, (_, hour) => ({ name: 'a', timestamp: night + hour * 3_600 })))
    const cells = await collect(from.cells())
    expect(cells.map(({ start, resolutionStart }) => [start - night, resolutionStart! - night])).toEqual(
      Array.from({ length: 30 }, (_, hour) => [hour < 25 ? 0 : 90_000, hour * 3_600]),
    )
    await to.write(cells, { mode: 'replace' })
    expect(await collect(to.cells())).toEqual(cells)
  })

  it('continues behind the last cell of a copy that died', async () => {
    const config = { type: 'count', intervals: minute, now: () => 0 }
    const [from, to] = [createAny('memory:', config), createAny('memory:', config)]
    await from.bulkInsert(Array.from({ length: 500 }, (_, index) => ({ name: `n${index % 7}`, timestamp: index * 60 })))
    let last: string | undefined
    for (let round = 0; round < 50; round++) {
      const part: AnyCell[] = []
      for await (const cell of from.cells({ after: last })) if (part.push(cell) === 13) break
      await to.write(part, { mode: 'replace' })
      // Now and then it died before it was noted: the same cells once more.
      if (round % 3 !== 0) last = part.at(-1)?.cursor ?? last
    }
    await to.write(from.cells({ after: last }), { mode: 'replace' })
    expect(await collect(to.cells())).toEqual(await collect(from.cells()))
  })

  it('merges by default, also a cell that comes twice; replaces where asked, by the later one', async () => {
    const series = createAny('memory:', { type: 'series', intervals: minute, now: () => 0 })
    await series.insert('a', 1)
    const cell = (value: unknown) => ({ name: 'a', interval: 'minute', start: 0, value })
    expect(await series.write([cell([2]), cell([3, 4])])).toEqual({ stored: 2, expired: 0, unexpected: [] })
    expect(await series.get('a', 'minute')).toEqual(new Map([[0, [1, 2, 3, 4]]]))
    await series.write([cell([9]), cell([8])], { mode: 'replace' })
    expect(await series.get('a', 'minute')).toEqual(new Map([[0, [8]]]))
  })

  it.each(['merge', 'replace'])('leaves out what has expired, and says how many: %s', async (mode) => {
    const config = { type: 'count', intervals: { minute: { step: 60, steps: 2 } }, now: () => 600 }
    const counts = createAny('memory:', config)
    const cells = [0, 540, 600].map((start) => ({ name: 'a', interval: 'minute', start, value: 5 }))
    expect(await counts.write(cells, { mode })).toEqual({ stored: 2, expired: 1, unexpected: [] })
    expect((await collect(counts.cells())).map(({ start }) => start)).toEqual([540, 600])
  })

  it('replaces only what is expected, and returns the others', async () => {
    const counts = createAny('memory:', { type: 'count', intervals: minute, now: () => 0 })
    await counts.insert('a', 1)
    await counts.insert('b', 1)
    const cell = { interval: 'minute', start: 0 }
    const wrong = { ...cell, name: 'b', value: 2, expected: 7 }
    const fitting = { ...cell, name: 'a', value: 2, expected: 1 }
    const fresh = { ...cell, name: 'c', value: 3, expected: null }
    const answer = await counts.write([fitting, wrong, fresh], { mode: 'replace' })
    expect(answer).toEqual({ stored: 2, expired: 0, unexpected: [wrong] })
    expect((await collect(counts.cells())).map(({ value }) => value)).toEqual([2, 1, 3])
  })

  it('returns what was unexpected in its order, whatever the order of the driver', async () => {
    const driver = changed((store) => ({
      replace: async (batch) => ({ unexpected: [...(await store.replace!(batch)).unexpected].reverse() }),
    }))
    const counts = createAny(driver, { type: 'count', intervals: minute, now: () => 0 })
    const cells = ['a', 'b', 'c'].map((name) => ({ name, interval: 'minute', start: 0, value: 6, expected: 5 }))
    expect((await counts.write(cells, { mode: 'replace' })).unexpected).toEqual(cells)
  })

  it('does not repeat a replacement of what was expected: it would find its own value, or that of another', async () => {
    const calls: number[] = []
    const driver = changed((store) => ({
      async replace(batch) {
        calls.push(batch.cells.length)
        if (calls.length === 1) throw failedWrite('not sent', { retry: 'now', notApplied: batch.cells })
        await store.replace!(batch)
        throw failedWrite('the answer was lost', { retry: 'now', maybeApplied: batch.cells })
      },
    }))
    const counts = createAny(driver, { type: 'count', intervals: minute, now: () => 0 })
    const cells = [{ name: 'a', interval: 'minute', start: 0, value: 6, expected: null }]
    const error = await failureOf(() => counts.write(cells, { mode: 'replace' }), 'KAIROS_STORE_FAILED')
    expect(error).toMatchObject({ stored: 0, notApplied: [], maybeApplied: cells })
    expect(calls).toEqual([1, 1])
  })

  it('repeats a replacement whose answer was lost, and lists what it gave up on', async () => {
    const faults: ('now' | 'never')[] = ['now', 'never']
    const driver = changed((store) => ({
      async replace(batch) {
        const receipt = await store.replace!(batch)
        const retry = faults.shift()
        if (retry !== undefined) throw failedWrite('the answer was lost', { retry, maybeApplied: batch.cells })
        return receipt
      },
    }))
    const counts = createAny(driver, { type: 'count', intervals: minute, now: () => 0 })
    const cells = ['a', 'b'].map((name) => ({ name, interval: 'minute', start: 0, value: 5 }))
    const error = await failureOf(() => counts.write(cells, { mode: 'replace' }), 'KAIROS_STORE_FAILED')
    expect(error).toMatchObject({ stored: 0, notApplied: [], maybeApplied: cells })
    expect(faults).toEqual([])
    faults.push('now')
    expect(await counts.write(error.maybeApplied, { mode: 'replace' })).toMatchObject({ stored: 2 })
    expect((await collect(counts.cells())).map(({ value }) => value)).toEqual([5, 5])
  })

  it('writes a cell of more values than a batch may hold, in either mode', async () => {
    const sizes: number[] = []
    let lost = true
    const driver = changed((store) => ({
      async write(batch) {
        sizes.push(...batch.cells.map(({ change }) => (change as unknown[]).length))
        await store.write(batch)
        if (!lost) return
        lost = false
        throw failedWrite('the answer was lost', { retry: 'later', maybeApplied: batch.cells })
      },
      replace(batch) {
        sizes.push(...batch.cells.map(({ value }) => (value as unknown[]).length))
        return store.replace!(batch)
      },
    }))
    const series = createAny(driver, { type: 'series', intervals: minute, now: () => 0 })
    const values = Array.from({ length: 120_000 }, (_, index) => index)
    const cell = { name: 'a', interval: 'minute', start: 0, value: values }
    for (const mode of ['replace', 'replace']) {
      expect(await series.write([cell], { mode })).toMatchObject({ stored: 1 })
      expect((await series.get('a', 'minute')).get(0)).toEqual(values)
    }
    await series.write([cell])
    expect((await series.get('a', 'minute')).get(0)).toEqual([...values, ...values])
    expect(Math.max(...sizes)).toBe(50_000)
  })

  it('writes what an error says was not applied, and only in the intervals concerned', async () => {
    let refused = 'day'
    const driver = changed((store) => ({
      async write(batch) {
        const notApplied = batch.cells.filter(({ interval }) => interval === refused)
        await store.write({ ...batch, cells: batch.cells.filter((cell) => !notApplied.includes(cell)) })
        if (notApplied.length > 0) throw failedWrite('full', { retry: 'never', notApplied })
        return {}
      },
    }))
    const histogram = createAny(driver, { type: 'histogram', valueType: 'string', intervals, now: () => 0 })
    const points = ['x', 'y', 'x'].map((value, index) => ({ name: 'a', value, timestamp: index }))
    const error = await failureOf(() => histogram.bulkInsert(points), 'KAIROS_STORE_FAILED')
    const value = new Map(Object.entries({ x: 2, y: 1 }))
    expect(error.notApplied).toEqual([{ name: 'a', interval: 'day', start: 0, resolutionStart: 0, value }])
    expect(error.maybeApplied).toEqual([])
    refused = ''
    await histogram.write(error.notApplied!)
    expect((await collect(histogram.cells())).map((cell) => cell.value)).toEqual([value, value])
  })

  it('of a list lists every cell that was not written, of a stream those of the batch', async () => {
    const driver = changed((store) => ({
      async write(batch) {
        if (batch.cells.some(({ name }) => name === 'n10000'))
          throw failedWrite('full', { retry: 'never', notApplied: batch.cells })
        return store.write(batch)
      },
    }))
    const counts = createAny(driver, { type: 'count', intervals: minute, now: () => 0 })
    const names = Array.from({ length: 25_000 }, (_, index) => `n${index}`)
    const cells = names.map((name) => ({ name, interval: 'minute', start: 0, value: 1 }))
    const error = await failureOf(() => counts.write(cells), 'KAIROS_STORE_FAILED')
    expect(error.stored).toBe(10_000)
    expect(error.notApplied!.map(({ name }) => name).sort()).toEqual(names.slice(10_000).sort())
    const streamed = await failureOf(() => counts.write(cells.values()), 'KAIROS_STORE_FAILED')
    expect(streamed.stored).toBe(10_000)
    expect(streamed.notApplied).toHaveLength(10_000)
  })

  it('of a store that cannot be opened lists all cells', async () => {
    const driver = { ...memoryDriver(), open: () => Promise.reject(failedStore('down', 'never')) }
    const counts = createAny(driver, { type: 'count', intervals: minute, now: () => 0 })
    const cells = ['a', 'b'].map((name) => ({ name, interval: 'minute', start: 0, value: 5 }))
    for (const mode of ['merge', 'replace'])
      expect((await failureOf(() => counts.write(cells, { mode }), 'KAIROS_STORE_FAILED')).notApplied).toEqual(cells)
    const absent = createAny('nowhere:', { type: 'count', intervals: minute, now: () => 0 })
    for (const mode of ['merge', 'replace'])
      expect((await failureOf(() => absent.write(cells, { mode }), 'KAIROS_DRIVER_MISSING')).notApplied).toEqual(cells)
  })

  it('ends with its signal also while its source is silent, and says what waits', async () => {
    const cell = { name: 'a', interval: 'minute', start: 0, value: 1 }
    const controller = new AbortController()
    const silent = (async function* () {
      yield cell
      controller.abort('enough')
      await new Promise(() => {})
    })()
    const counts = createAny('memory:', { type: 'count', intervals, now: () => 0 })
    const error = await failureOf(() => counts.write(silent, { signal: controller.signal }), 'KAIROS_ABORTED')
    expect(error).toMatchObject({ cause: 'enough', stored: 0, notApplied: [cell] })
  })

  it.each<[cells: unknown, code?: 'KAIROS_UNKNOWN_INTERVAL']>([
    [null],
    [{ name: 'a' }],
    [[5]],
    [[{ name: 'a', interval: 'minute', start: 0, value: 1, pairs: 1 }]],
    [[{ name: '', interval: 'minute', start: 0, value: 1 }]],
    [[{ name: 'a', interval: 'second', start: 0, value: 1 }], 'KAIROS_UNKNOWN_INTERVAL'],
    [[{ name: 'a', interval: 'minute', value: 1 }]],
    [[{ name: 'a', interval: 'minute', start: 1, value: 1 }]],
    [[{ name: 'a', interval: 'minute', start: 0, resolutionStart: 0, value: 1 }]],
    [[{ name: 'a', interval: 'day', start: 0, value: 1 }]],
    [[{ name: 'a', interval: 'day', start: 0, resolutionStart: 86_400, value: 1 }]],
    [[{ name: 'a', interval: 'day', start: 0, resolutionStart: 60, value: 1 }]],
    [[{ name: 'a', interval: 'minute', start: 0 }]],
    [[{ name: 'a', interval: 'minute', start: 0, value: null }]],
    [[{ name: 'a', interval: 'minute', start: 0, value: Number.NaN }]],
    [[{ name: 'a', interval: 'minute', start: 0, value: [1] }]],
    [[{ name: 'a', interval: 'minute', start: 0, value: 1, expected: 1 }]],
  ])('refuses %j before anything is written', async (cells, code) => {
    const counts = createAny('memory:', { type: 'count', intervals, now: () => 0 })
    const good = { name: 'good', interval: 'minute', start: 0, value: 1 }
    const given = Array.isArray(cells) ? [good, ...cells] : cells
    await failureOf(() => counts.write(given), code ?? 'KAIROS_INVALID_VALUE')
    expect(await counts.list()).toEqual([])
  })

  it.each<[type: string, value: unknown]>([
    ['series', []],
    ['series', 5],
    ['series', ['x']],
    ['histogram', new Map()],
    ['histogram', new Map([[1, 0]])],
    ['histogram', new Map([[1, 0.5]])],
    ['histogram', [[1, 1]]],
    ['set', new Set()],
    ['set', [1]],
    ['gauge', undefined],
    ['gauge', 'x'],
  ])('refuses for a %s the value %j', async (type, value) => {
    const timeseries = createAny('memory:', { type, intervals, now: () => 0 })
    const cells = [{ name: 'a', interval: 'minute', start: 0, value }]
    for (const mode of ['merge', 'replace'])
      await failureOf(() => timeseries.write(cells, { mode }), 'KAIROS_INVALID_VALUE')
  })

  it('refuses what the store cannot do, by its capabilities', async () => {
    const config = { type: 'count', intervals: minute, now: () => 0 }
    const cell = { name: 'a', interval: 'minute', start: 0, value: 1 }
    const none = createAny(
      changed(() => ({}), { replace: undefined }),
      config,
    )
    const replacing = await failureOf(() => none.write([cell], { mode: 'replace' }), 'KAIROS_UNSUPPORTED')
    expect(replacing).toMatchObject({ feature: 'replace' })
    const blind = createAny(
      changed(() => ({}), { replace: { atomic: true, expected: false } }),
      config,
    )
    const expecting = [{ ...cell, expected: null }]
    const error = await failureOf(() => blind.write(expecting, { mode: 'replace' }), 'KAIROS_UNSUPPORTED')
    expect(error).toMatchObject({ feature: 'replace.expected' })
    await failureOf(() => none.write([cell], { mode: 'add' }), 'KAIROS_INVALID_CONFIG')
    await failureOf(() => none.write([cell], { expected: 5 }), 'KAIROS_INVALID_CONFIG')
  })
})

describe('returning', () => {
  it('tells each of forty callers another count', async () => {
    const counts = createAny('memory:', { type: 'count', intervals, now: () => 0 })
    const told = await Promise.all(Array.from({ length: 40 }, () => counts.insert('ip', 1, { returning: 'minute' })))
    const values = told.map(({ value }) => value ?? 0)
    expect(values.sort((a, b) => a - b)).toEqual(told.map((_, index) => index + 1))
    expect(await counts.insert('ip', [1, 2], { returning: 'minute' })).toEqual({ stored: 4, expired: 0, value: 43 })
    expect(await counts.insert('ip')).toEqual({ stored: 2, expired: 0 })
  })

  it('asks only for cells without a resolution', async () => {
    const asked: [boolean | undefined, string[]][] = []
    const driver = changed((store) => ({
      write(batch) {
        asked.push([batch.returning, batch.cells.map(({ interval }) => interval)])
        return store.write(batch)
      },
    }))
    const counts = createAny(driver, {
      type: 'count',
      intervals: { ...intervals, hour: { step: 3_600 } },
      now: () => 0,
    })
    expect(await counts.insert('ip', 1, { returning: 'minute' })).toEqual({ stored: 3, expired: 0, value: 1 })
    expect(asked).toEqual([
      [true, ['hour', 'minute']],
      [undefined, ['day']],
    ])
  })

  it('is absent where the bucket has expired, or the write was stored before', async () => {
    const config = { type: 'count', intervals: { minute: { step: 60, steps: 1 } }, now: () => 600 }
    const counts = createAny('memory:', config)
    const late = { returning: 'minute', timestamp: 0 }
    expect(await counts.insert('a', 1, late)).toEqual({ stored: 0, expired: 1 })
    const once = { returning: 'minute', once: 'key' }
    expect(await counts.insert('a', 5, once)).toEqual({ stored: 1, expired: 0, value: 5 })
    expect(await counts.insert('a', 5, once)).toEqual({ stored: 0, expired: 0, repeated: true })
  })

  it('is refused where there is no such count, or the store cannot', async () => {
    const counts = createAny('memory:', { type: 'count', intervals, now: () => 0 })
    await failureOf(() => counts.insert('a', 1, { returning: 'day' }), 'KAIROS_INVALID_CONFIG')
    await failureOf(() => counts.insert('a', 1, { returning: 'second' }), 'KAIROS_UNKNOWN_INTERVAL')
    await failureOf(() => counts.insert('a', 1, { returning: 'minute', intervals: 2 }), 'KAIROS_INVALID_CONFIG')
    const keyed = await failureOf(
      () => counts.insert('a', 1, { returning: 'minute', once: 'key' }),
      'KAIROS_INVALID_CONFIG',
    )
    expect(keyed.message).toContain('if once is a key, not with one for')
    await failureOf(() => counts.bulkInsert([], { returning: 'minute' }), 'KAIROS_INVALID_CONFIG')
    const gauges = createAny('memory:', { type: 'gauge', intervals, now: () => 0 })
    await failureOf(() => gauges.insert('a', 1, { returning: 'minute' }), 'KAIROS_INVALID_CONFIG')
    const silent = createAny(
      changed(() => ({}), { returning: false }),
      { type: 'count', intervals, now: () => 0 },
    )
    const error = await failureOf(() => silent.insert('a', 1, { returning: 'minute' }), 'KAIROS_UNSUPPORTED')
    expect(error).toMatchObject({ feature: 'returning' })
    expect(await silent.list()).toEqual([])
  })
})
