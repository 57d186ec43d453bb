import { describe, expect, it } from 'vitest'
import type { StorageDriver } from '../../src/driver.ts'
import { memoryDriver } from '../../src/index.ts'
import { type AnyTimeseries, createAny } from '../support/any-timeseries.ts'
import { failureOf } from '../support/failure.ts'
import { mergingDriver } from '../support/merging-driver.ts'

const HOUR = 3_600
const NOW = 1_700_000_000
const intervals = { minute: { step: 60, steps: 120 }, day: { step: 'daily', resolution: '1h' } }

/** How often each method of the store was called. */
function counted(memory: StorageDriver = memoryDriver()): { driver: StorageDriver; calls: Record<string, number> } {
  const calls: Record<string, number> = {}
  const driver: StorageDriver = {
    ...memory,
    async open(schema, options) {
      const { store, ...rest } = await memory.open(schema, options)
      const counting = Object.entries(store).map(([name, method]) => [
        name,
        (...given: unknown[]) => {
          calls[name] = (calls[name] ?? 0) + 1
          return (method as (...given: unknown[]) => unknown)(...given)
        },
      ])
      return { ...rest, store: Object.fromEntries(counting) }
    },
  }
  return { driver, calls }
}

const NAMES = ['a', 'b', 'c', 'd', 'ä', '\u{10000}', '\uffff']
const points = Array.from({ length: 140 }, (_, index) => ({
  name: NAMES[(index * 5) % NAMES.length]!,
  value: (index * 7) % 5,
  timestamp: NOW - index * 97,
}))

/** One read of each name: what `top` must find with many at once. */
async function byHand(
  timeseries: AnyTimeseries,
  names: readonly string[],
  interval: string,
  range: object,
  by: unknown,
) {
  const found: { name: string; value: number }[] = []
  for (const name of names) {
    const options = { ...range, collapse: true, ...(by !== undefined && { transform: by }) }
    const [value] = (await timeseries.series(name, interval, options)).values()
    if (typeof value === 'number') found.push({ name, value })
  }
  return found.sort(
    (one, other) => other.value - one.value || Buffer.compare(Buffer.from(one.name), Buffer.from(other.name)),
  )
}

describe.each([
  ['count', [undefined, 'rate', (value: number) => -value]],
  ['series', [undefined, 'mean', 'max', 'p50', (values: number[]) => values.length % 3]],
  ['histogram', [undefined, 'sum', 'distinct', (times: Map<number, number>) => (times.size === 0 ? null : times.size)]],
  ['set', [undefined, 'min']],
  ['gauge', [(value: number | null) => value]],
] as const)('top, of a %s', (type, ranks) => {
  it.each([
    ['core', memoryDriver],
    ['the store', () => mergingDriver(memoryDriver())],
  ])('ranks as one read of each name does, where %s merges', async (_, driverOf) => {
    const timeseries = createAny(driverOf(), { type, intervals, now: () => NOW })
    await timeseries.bulkInsert(points)
    for (const by of ranks) {
      for (const interval of ['minute', 'day']) {
        for (const range of [{}, { start: NOW - 2 * HOUR, end: NOW - HOUR }, { end: NOW - 60 }]) {
          const all = await byHand(timeseries, NAMES, interval, range, by)
          const rank = by === undefined && type !== 'count' ? 'count' : by
          const expected = rank === by ? all : await byHand(timeseries, NAMES, interval, range, rank)
          const options = { ...range, ...(by !== undefined && { by }) }
          const what = `${interval} by ${String(by)}`
          expect(await timeseries.top(interval, { ...options, limit: 100 }), what).toEqual(expected)
          expect(await timeseries.top(interval, { ...options, limit: 3 }), what).toEqual(expected.slice(0, 3))
          const some = ['d', 'b', 'none']
          const own = await byHand(timeseries, ['b', 'd', 'none'], interval, range, rank)
          expect(await timeseries.top(interval, { ...options, names: some }), what).toEqual(own)
        }
      }
    }
  })
})

describe('which names', () => {
  it('all that have live data, or those with a prefix, or a list; ten without a limit', async () => {
    const counts = createAny('memory:', { type: 'count', intervals, now: () => NOW })
    const names = Array.from({ length: 30 }, (_, index) => `${index % 2 === 0 ? 'even' : 'odd'} ${index}`)
    await counts.bulkInsert(names.map((name, index) => ({ name, value: index })))
    const top = async (options?: object) => (await counts.top('minute', options)).map(({ value }) => value)
    expect(await top()).toEqual([29, 28, 27, 26, 25, 24, 23, 22, 21, 20])
    expect(await top({ prefix: 'even', limit: 2 })).toEqual([28, 26])
    expect(await top({ names: new Set(['odd 1', 'even 4', 'none']) })).toEqual([4, 1, 0])
    expect(await top({ names: ['odd 1', 'even 4'], prefix: 'odd' })).toEqual([1])
    expect(await top({ prefix: 'none' })).toEqual([])
    // From its start to now.
    await counts.insert('even 2', 100, { timestamp: NOW - HOUR })
    expect(await top({ start: NOW - 2 * HOUR, limit: 1 })).toEqual([102])
    expect(await top({ start: NOW - HOUR, end: NOW - HOUR, limit: 1 })).toEqual([100])
  })

  it('bigints are ranked with what they count', async () => {
    const series = createAny('memory:', { type: 'series', valueType: 'int64', intervals, now: () => NOW })
    await series.bulkInsert([
      { name: 'a', value: [1n, 2n] },
      { name: 'b', value: 2n ** 60n },
    ])
    expect(await series.top('minute', { by: 'sum' })).toEqual([
      { name: 'b', value: 2n ** 60n },
      { name: 'a', value: 3n },
    ])
    expect(await series.top('minute')).toEqual([
      { name: 'a', value: 2 },
      { name: 'b', value: 1 },
    ])
  })
})

describe('many names', () => {
  const many = Array.from({ length: 1_000 }, (_, index) => ({ name: `n${index}`, value: (index * 7_919) % 1_000 }))

  it.each([
    ['count', 'minute', { end: NOW }, 4],
    ['count', 'day', { start: NOW - 7 * 86_400 }, 4],
    ['series', 'minute', { end: NOW }, 6],
  ] as const)('take a few calls of the store: %s, %s', async (type, interval, range, most) => {
    const { driver, calls } = counted()
    const timeseries = createAny(driver, { type, intervals, now: () => NOW })
    await timeseries.bulkInsert(many)
    const before = { ...calls }
    const found = await timeseries.top(interval, { ...range, ...(type === 'series' && { by: 'max' }) })
    expect(found.map(({ value }) => value)).toEqual([999, 998, 997, 996, 995, 994, 993, 992, 991, 990])
    const made = Object.entries(calls).map(([name, times]) => times - (before[name] ?? 0))
    expect(made.reduce((sum, times) => sum + times, 0)).toBeLessThanOrEqual(most)
  })
})

it.each([
  ['gauge', {}, 'KAIROS_INVALID_CONFIG', 'by must be given for a gauge'],
  ['gauge', { by: 'count' }, 'KAIROS_UNKNOWN_TRANSFORM', 'has no transform'],
  ['count', { by: 'sum' }, 'KAIROS_UNKNOWN_TRANSFORM', 'has no transform'],
  ['histogram', { by: 'rate' }, 'KAIROS_INVALID_CONFIG', 'by must give numbers'],
  ['count', { by: () => 'text' }, 'KAIROS_INVALID_CONFIG', 'by must give numbers'],
  ['count', { limit: 0 }, 'KAIROS_INVALID_CONFIG', 'limit must be an integer of at least 1'],
  ['count', { names: [] }, 'KAIROS_INVALID_VALUE', 'at least one name'],
  ['count', { condense: true }, 'KAIROS_INVALID_CONFIG', 'condense is not an option of this call'],
  ['count', { start: 5, end: 4 }, 'KAIROS_INVALID_RANGE', 'start must be at or before end'],
] as const)('of a %s, %j is refused', async (type, options, code, text) => {
  const timeseries = createAny('memory:', { type, intervals, now: () => NOW })
  await timeseries.insert('a', 1)
  expect((await failureOf(() => timeseries.top('minute', options), code)).message).toContain(text)
})
