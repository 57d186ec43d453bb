import { describe, expect, it } from 'vitest'
import { memoryDriver } from '../../src/index.ts'
import { createAny } from '../support/any-timeseries.ts'
import { mergingDriver } from '../support/merging-driver.ts'

const DAY = 86_400
const intervals = {
  minute: { step: 60 },
  day: { step: 'daily', resolution: '1h' },
  local: { step: 'daily', resolution: '1h', zone: 'Europe/Berlin' },
}
const TRANSFORMS: Readonly<Record<string, readonly unknown[]>> = {
  count: [undefined, 'rate', (data: unknown) => [data]],
  gauge: [undefined],
  series: [undefined, 'count', 'rate', 'mean', ['min', 'max'], { all: 'sum', n: 'count' }, { n: 'count', own: String }],
  histogram: [undefined, 'count', 'mean', ['min', 'max', 'sum']],
  set: [undefined, 'count', 'rate', ['count', 'sum'], { n: 'count' }],
  summary: [undefined, 'mean', ['last', 'max'], (data: unknown) => [data]],
  distribution: [undefined, 'count', ['p50', 'sum'], (data: unknown) => [data]],
  unique: [undefined, (data: unknown) => [data]],
}
const STAGES: readonly object[] = [
  {},
  { condense: true },
  { collapse: true },
  { condense: true, collapse: true },
  { condense: (rows: Map<number, unknown>) => [...rows.keys()] },
]

/** The same data, once where the store merges and once where core does. */
async function both(type: string, config: object = {}) {
  const memory = memoryDriver()
  const driver = mergingDriver(memory)
  const given = { type, intervals, now: () => 2 * DAY, ...(type === 'unique' && { valueType: 'float' }), ...config }
  const [merging, plain] = [createAny(driver, given), createAny(memory, given)]
  const points = ['a', 'b', 'c'].flatMap((name, own) =>
    Array.from({ length: 20 }, (_, index) => ({
      name,
      value: (index * 7 + own) % 5,
      timestamp: index * 7_919 + own * 30,
    })),
  )
  await plain.bulkInsert(points)
  return { driver, merging, plain }
}

describe.each(Object.entries(TRANSFORMS))('%s', (type, transforms) => {
  it.each([false, true])('gives the same answers where the store merges (inexactly: %s)', async (inexact) => {
    const { driver, merging, plain } = await both(type)
    driver.inexact = inexact
    for (const interval of Object.keys(intervals)) {
      for (const names of ['a', ['a', 'b'], ['c', 'nobody', 'a'], ['nobody']]) {
        for (const transform of transforms) {
          for (const stages of STAGES) {
            const options = { ...stages, ...(transform !== undefined && { transform }) }
            const what = JSON.stringify([interval, names, options])
            const range = {
              start: interval === 'minute' ? 0 : -DAY,
              end: interval === 'minute' ? 9_000 : 3 * DAY,
              ...options,
            }
            const asked = [merging, plain].map((each) => each.series(names, interval, range).catch(String))
            const [found, expected] = await Promise.all(asked)
            expect(found, what).toEqual(expected)
            if ('collapse' in stages) continue
            const moments = [merging, plain].map((each) =>
              each.get(names, interval, { timestamp: 7_919, ...options }).catch(String),
            )
            expect(await moments[0], what).toEqual(await moments[1])
          }
        }
      }
    }
    const isSpared = inexact && (type === 'series' || type === 'summary')
    if (type !== 'gauge') expect(driver.merged.length).toBeGreaterThan(isSpared ? 5 : 50)
  })
})

it('asks for the least that the read needs', async () => {
  const asked = async (type: string, config: object, names: string[], interval: string, options: object) => {
    const { driver, merging } = await both(type, config)
    await merging.series(names, interval, { start: 0, end: 9_000, ...options })
    return driver.merged.map(({ result, groups, resolution, range }) => ({ result, groups, resolution, range }))
  }
  const range = { first: 0, last: 150 }
  const each = { groups: { size: 1, from: 0 }, resolution: false, range }
  const names = ['a', 'b']
  expect(await asked('count', {}, names, 'minute', {})).toEqual([{ ...each, result: 'value' }])
  expect(await asked('count', {}, names, 'minute', { collapse: true })).toEqual([
    { ...each, result: 'value', groups: { starts: [0] } },
  ])
  expect(await asked('set', {}, ['a'], 'minute', { transform: 'count' })).toEqual([{ ...each, result: 'size' }])
  expect(await asked('set', {}, names, 'minute', { transform: ['count', 'sum'] })).toEqual([
    { ...each, result: 'value' },
  ])
  expect(await asked('series', {}, ['a'], 'minute', { transform: 'mean' })).toEqual([{ ...each, result: 'stats' }])
  const days = { first: 19700101, last: 19700101 }
  expect(await asked('count', {}, names, 'day', {})).toEqual([
    { ...each, result: 'value', range: days, resolution: true },
  ])
  expect(await asked('count', {}, ['a'], 'day', { condense: true })).toEqual([
    { ...each, result: 'value', range: days },
  ])
})

it('asks for nothing where a function of the caller needs the cells, or nothing is merged', async () => {
  const readFunc = (value: number) => value % 2
  for (const [type, config, names, options] of [
    ['count', {}, ['a'], {}],
    ['count', {}, ['a', 'b'], { joinRows: (rows: unknown[]) => rows }],
    ['count', {}, ['a', 'b'], { processRow: (row: unknown) => row }],
    ['count', {}, ['a'], { collapse: () => 1 }],
    ['set', { readFunc }, ['a'], { transform: 'count' }],
    ['series', { readFunc }, ['a'], { transform: 'mean' }],
    ['series', { valueType: 'int64' }, ['a'], { transform: 'sum' }],
    ['series', {}, ['a', 'b'], {}],
    ['gauge', {}, ['a', 'b'], {}],
  ] as const) {
    const { driver, merging, plain } = await both(type, config)
    const range = { start: 0, end: 9_000, ...options }
    expect(await merging.series([...names], 'minute', range)).toEqual(await plain.series([...names], 'minute', range))
    expect(driver.merged, `${type} ${Object.keys(options)}`).toEqual([])
  }
})

it('asks a store less and less that cannot add exactly, and as before once it can', async () => {
  const { driver, merging } = await both('summary')
  const asked = async (reads: number) => {
    const before = driver.merged.length
    for (let read = 0; read < reads; read++) await merging.series(['a', 'b'], 'minute', { start: 0, end: 9_000 })
    return driver.merged.length - before
  }
  driver.inexact = true
  expect([await asked(1), await asked(1), await asked(1)]).toEqual([1, 0, 1])
  expect(await asked(1_000)).toBeLessThan(25)
  driver.inexact = false
  expect(await asked(64)).toBeGreaterThan(0)
  expect(await asked(10)).toBe(10)
})

it('applies readFunc to what was merged', async () => {
  for (const type of ['set', 'histogram']) {
    const { driver, merging, plain } = await both(type, { readFunc: (value: number) => value % 2 })
    const options = { start: -DAY, end: 3 * DAY, condense: true }
    expect(await merging.series(['a', 'b'], 'day', options)).toEqual(await plain.series(['a', 'b'], 'day', options))
    expect(driver.merged).toHaveLength(1)
  }
})
