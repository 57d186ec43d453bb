import { describe, expect, it } from 'vitest'
import {
  type CellQuery,
  type CellStore,
  type FetchedCell,
  failedStore,
  type StorageDriver,
  type StoredCell,
} from '../../src/driver.ts'
import { memoryDriver } from '../../src/index.ts'
import { createAny } from '../support/any-timeseries.ts'
import { failureOf } from '../support/failure.ts'

const intervals = { minute: { step: 60, steps: 10 }, hour: { step: 3_600, resolution: 60 } }

/** A memory driver with some of its store's calls replaced, which accepts fetches if it has one. */
function driverWith(calls: Partial<CellStore>): StorageDriver {
  const memory = memoryDriver()
  return {
    ...memory,
    id: 'test',
    capabilities: { ...memory.capabilities, customFetch: calls.fetch !== undefined, readOptions: ['session'] },
    async open(schema, options) {
      const { store, records } = await memory.open(schema, options)
      return { store: { ...store, ...calls }, records }
    },
  }
}

describe('a cell that comes in several parts', () => {
  const cell = (value: StoredCell['value'], resolutionBucket = 0): StoredCell => ({
    name: 'a',
    bucket: 0,
    resolutionBucket,
    value,
  })

  it.each<[type: string, parts: StoredCell['value'][], joined: unknown]>([
    ['series', [[1, 2], [3], [4]], [1, 2, 3, 4]],
    [
      'histogram',
      [
        new Map([
          [1, 1],
          [2, 5],
        ]),
        new Map([[1, 2]]),
      ],
      new Map([
        [1, 3],
        [2, 5],
      ]),
    ],
    ['set', [new Set([1]), new Set([2, 1])], new Set([1, 2])],
  ])('is joined: %s', async (type, parts, joined) => {
    const driver = driverWith({ read: async () => parts.map((value) => cell(value, 7)) })
    const timeseries = createAny(driver, { type, intervals, now: () => 0 })
    expect(await timeseries.get('a', 'minute')).toEqual(new Map([[0, joined]]))
    const rows: unknown[] = []
    await timeseries.get('a', 'hour', { processRow: (row: unknown) => rows.push(row) })
    expect(rows).toEqual([joined])
  })

  it('may have thousands of them', async () => {
    const parts = Array.from({ length: 10_000 }, (_, index) => cell([index]))
    const series = createAny(driverWith({ read: async () => parts }), { type: 'series', intervals, now: () => 0 })
    expect((await series.get('a', 'minute')).get(0)).toEqual(parts.map((_, index) => index))
  })
})

it('cells may come in any order', async () => {
  const cells = [3, 1, 2].map((bucket) => ({ name: 'a', bucket, resolutionBucket: 0, value: bucket }))
  const counts = createAny(driverWith({ read: async () => cells }), { type: 'count', intervals, now: () => 200 })
  expect([...(await counts.series('a', 'minute', { steps: 3 }))]).toEqual([
    [60, 1],
    [120, 2],
    [180, 3],
  ])
  const order: number[] = []
  await counts.series('a', 'minute', { steps: 3, collapse: (rows: Map<number, unknown>) => order.push(...rows.keys()) })
  expect(order).toEqual([60, 120, 180])
})

describe("the caller's own fetch", () => {
  const rows = (query: CellQuery): FetchedCell[] =>
    query.names.map((name) => ({ name, bucket: query.range.last, resolutionBucket: 0, row: { name, n: 5 } }))

  it('is handed to the driver with the query, the options and the signal; its rows reach processRow', async () => {
    const calls: unknown[] = []
    const driver = driverWith({
      async fetch(query, fetch, options) {
        calls.push([query, fetch, options])
        return rows(query)
      },
    })
    const counts = createAny(driver, { type: 'count', intervals, now: () => 60 })
    const [fetch, session, { signal }] = [() => {}, {}, new AbortController()]
    const options = {
      fetch,
      session,
      signal,
      processRow: (row: { name: string }) => row.name,
      joinRows: (names: string[]) => names.join(),
    }
    expect(await counts.get(['a', 'b'], 'minute', options)).toEqual(new Map([[60, 'a,b']]))
    expect(calls).toEqual([
      [
        { names: ['a', 'b'], interval: 'minute', range: { first: 1, last: 1 } },
        fetch,
        { signal, driverOptions: { session } },
      ],
    ])
  })

  it('is decoded by the driver, and by readFunc, where there is no processRow', async () => {
    const driver = driverWith({ fetch: async (query) => rows(query), decodeRow: (row) => [(row as { n: number }).n] })
    const series = createAny(driver, {
      type: 'series',
      intervals,
      now: () => 60,
      readFunc: (value: number) => value * 10,
    })
    expect(await series.get('a', 'minute')).toEqual(new Map([[60, []]]))
    expect(await series.get('a', 'minute', { fetch: true })).toEqual(new Map([[60, [50]]]))
  })

  it('shows neither expired buckets nor names that were not asked for', async () => {
    const found = (bucket: number, name = 'a'): FetchedCell => ({
      name,
      bucket,
      resolutionBucket: bucket * 60,
      row: bucket,
    })
    const driver = driverWith({ fetch: async () => [found(99), found(98), found(50), found(101), found(99, 'b')] })
    const counts = createAny(driver, { type: 'count', intervals, now: () => 6_000 })
    const options = {
      fetch: true,
      processRow: (row: unknown) => row,
      collapse: (data: Map<number, unknown>) => [...data.values()],
      start: 0,
      end: 6_000,
    }
    expect(await counts.series('a', 'minute', options)).toEqual(new Map([[0, [98, 99]]]))
  })
})

it('a fetch of very many names costs by their number', async () => {
  const names = Array.from({ length: 300_000 }, (_, index) => `n${index}`)
  const driver = driverWith({
    fetch: async ({ names }) => names.map((name) => ({ name, bucket: 1, resolutionBucket: 0, row: 1 })),
    decodeRow: (row) => row as number,
  })
  const counts = createAny(driver, { type: 'count', intervals, now: () => 60 })
  expect(await counts.get(names, 'minute', { fetch: true })).toEqual(new Map([[60, names.length]]))
})

it('a range that has expired whole is not even asked for', async () => {
  const queries: CellQuery[] = []
  const driver = driverWith({
    async read(query) {
      queries.push(query)
      return []
    },
  })
  const counts = createAny(driver, { type: 'count', intervals, now: () => 6_000 })
  for (const end of [5_459, 5_460, 6_000]) await counts.series('a', 'minute', { start: 0, end })
  expect(queries.map(({ range }) => range)).toEqual([
    { first: 91, last: 91 },
    { first: 91, last: 100 },
  ])
})

describe('a read that fails', () => {
  it('is tried again where that may help', async () => {
    let attempts = 0
    const driver = driverWith({
      async read() {
        attempts++
        if (attempts < 4) throw failedStore('busy', attempts === 1 ? 'now' : 'later')
        return []
      },
    })
    const counts = createAny(driver, { type: 'count', intervals, now: () => 0 })
    expect(await counts.get('a', 'minute')).toEqual(new Map([[0, 0]]))
    expect(attempts).toBe(4)
  })

  it.each(['read', 'fetch', 'names', 'bounds', 'delete', 'sweep'])('is wrapped once: %s', async (call) => {
    const cause = new TypeError('no such table')
    const driver = driverWith({
      [call]: async () => {
        throw cause
      },
    })
    const counts = createAny(driver, { type: 'count', intervals, now: () => 0 })
    const [operation, work] = {
      read: ['read', () => counts.get('a', 'minute')],
      fetch: ['fetch', () => counts.get('a', 'minute', { fetch: true })],
      names: ['list', () => counts.list()],
      bounds: ['properties', () => counts.properties('a')],
      delete: ['delete', () => counts.deleteAll()],
      sweep: ['expire', () => counts.expire()],
    }[call] as [string, () => unknown]
    const error = await failureOf(work, 'KAIROS_STORE_FAILED')
    expect(error).toMatchObject({ driver: 'test', operation, retryable: false, cause })
    expect(error.message).toContain('no such table')
  })

  it('does not hold up an abort', async () => {
    const controller = new AbortController()
    const driver = driverWith({
      read: () => {
        controller.abort('enough')
        return new Promise(() => {})
      },
    })
    const counts = createAny(driver, { type: 'count', intervals, now: () => 0 })
    await counts.open()
    const error = await failureOf(() => counts.get('a', 'minute', { signal: controller.signal }), 'KAIROS_ABORTED')
    expect(error.cause).toBe('enough')
  })
})
