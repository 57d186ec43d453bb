import { describe, expect, it } from 'vitest'
import { memoryDriver } from '../../src/index.ts'
import { createAny } from '../support/any-timeseries.ts'
import { failureOf } from '../support/failure.ts'
import { mergingDriver } from '../support/merging-driver.ts'
import { watchedDriver } from '../support/watched-driver.ts'

const intervals = { minute: { step: 60 }, hour: { step: '1h', resolution: 60 } }
const points = Array.from({ length: 300 }, (_, index) => ({
  name: ['a', 'b', 'c'][index % 3]!,
  value: index % 7,
  timestamp: index * 37,
}))
const NAMES = ['c', 'none', 'a', 'b']

describe.each(['count', 'series', 'histogram', 'gauge', 'set'])('split, of a %s', (type) => {
  it.each([
    ['core', memoryDriver],
    ['the store', () => mergingDriver(memoryDriver())],
  ])('gives each name what it has when asked alone, where %s merges', async (_, driverOf) => {
    const timeseries = createAny(driverOf(), { type, intervals, now: () => 11_000 })
    await timeseries.bulkInsert(points)
    const transforms = type === 'count' ? ['rate'] : type === 'gauge' ? [] : ['count', 'max']
    const stages = [
      {},
      { condense: true },
      { condense: (rows: ReadonlyMap<number, unknown>) => [...rows.keys()] },
      ...transforms.map((transform) => ({ transform })),
      { processRow: (row: unknown) => [row] },
    ]
    for (const interval of ['minute', 'hour']) {
      for (const options of stages) {
        const what = `${interval} ${JSON.stringify(options)}`
        const moment = { timestamp: 3_700, ...options }
        const got = await timeseries.get(NAMES, interval, { ...moment, split: true })
        expect([...got.keys()], what).toEqual(NAMES)
        for (const [name, data] of got) expect(data, what).toEqual(await timeseries.get(name, interval, moment))
        for (const collapse of 'processRow' in options ? [false] : [false, true]) {
          const range = { start: 0, end: 10_000, collapse, ...options }
          const series = await timeseries.series(new Set(NAMES), interval, { ...range, split: true })
          expect([...series.keys()], what).toEqual(NAMES)
          for (const [name, data] of series) expect(data, what).toEqual(await timeseries.series(name, interval, range))
        }
      }
    }
    expect(await timeseries.get('a', 'minute', { split: true, timestamp: 0 })).toEqual(
      new Map([['a', await timeseries.get('a', 'minute', { timestamp: 0 })]]),
    )
    expect(JSON.parse(JSON.stringify(await timeseries.get(['none'], 'hour', { split: true, timestamp: 0 })))).toEqual([
      ['none', []],
    ])
  })
})

it('reads once, and in windows where the range is long and the answer short', async () => {
  const { driver, reads } = watchedDriver()
  const counts = createAny(driver, { type: 'count', intervals: { second: { step: 1 } }, now: () => 0 })
  await counts.bulkInsert(points)
  await counts.series(NAMES, 'second', { start: 0, end: 100, split: true })
  expect(reads).toHaveLength(1)
  const sums = await counts.series(NAMES, 'second', { start: 0, end: 5_000_000, split: true, collapse: true })
  expect(reads.length).toBeGreaterThan(2)
  for (const [name, sum] of sums)
    expect(sum).toEqual(await counts.series(name, 'second', { start: 0, end: 20_000, collapse: true }))
})

it('refuses what joins, and a result that would not fit', async () => {
  const counts = createAny('memory:', { type: 'count', intervals: { second: { step: 1 } }, now: () => 0 })
  const refused = async (options: object) =>
    (await failureOf(() => counts.series(['a', 'b'], 'second', options), 'KAIROS_INVALID_CONFIG')).path
  expect(await refused({ split: true, joinRows: () => 1 })).toBe('joinRows')
  expect(await refused({ split: 1 })).toBe('split')
  const error = await failureOf(
    () => counts.series(['a', 'b'], 'second', { split: true, steps: 6_000_000 }),
    'KAIROS_INVALID_RANGE',
  )
  expect(error.message).toContain('more than the 5000000 that one read lists')
})
