import { describe, expect, it } from 'vitest'
import { memoryDriver } from '../../src/index.ts'
import { createAny } from '../support/any-timeseries.ts'
import { failureOf } from '../support/failure.ts'

const intervals = { minute: { step: 60 }, day: { step: 'daily', resolution: '1h' } }

describe('list', () => {
  it('is sorted by code points, each name once', async () => {
    const counts = createAny('memory:', { type: 'count', intervals, now: () => 0 })
    // U+1F600 comes before U+FFFF by code units, after it by code points.
    const names = ['b', '\uffff', 'a', '😀', 'B', 'a ', 'é']
    await counts.bulkInsert([...names, ...names].map((name, index) => ({ name, timestamp: index * 1_000 })))
    expect(await counts.list()).toEqual(['B', 'a', 'a ', 'b', 'é', '\uffff', '😀'])
  })

  it('names what this timeseries can show: intervals of others on the same driver do not count', async () => {
    const driver = memoryDriver()
    const one = createAny(driver, { type: 'count', intervals: { minute: { step: 60 } }, now: () => 0 })
    const other = createAny(driver, { type: 'count', intervals: { hour: { step: 3_600 } }, now: () => 0 })
    await one.insert('a')
    await other.insert('b')
    expect([await one.list(), await other.list()]).toEqual([['a'], ['b']])
    await one.deleteAll()
    expect([await one.list(), await other.list()]).toEqual([[], ['b']])
  })
})

it('properties: starts of the first and last interval bucket with data', async () => {
  const counts = createAny('memory:', { type: 'count', intervals, now: () => 0 })
  await counts.bulkInsert([
    { name: 'a', timestamp: 90_000 },
    { name: 'a', timestamp: -1 },
  ])
  expect(await counts.properties('a')).toEqual({
    day: { first: -86_400, last: 86_400 },
    minute: { first: -60, last: 90_000 },
  })
  expect(await counts.properties('none')).toEqual({})
})

describe('delete', () => {
  it('takes a name out of all intervals, and nothing else; what is not there is no error', async () => {
    const counts = createAny('memory:', { type: 'count', intervals, now: () => 0 })
    await counts.bulkInsert([{ name: 'a' }, { name: 'ab' }])
    await counts.delete('a')
    await counts.delete('a')
    expect(await counts.list()).toEqual(['ab'])
    expect(await counts.properties('a')).toEqual({})
    await counts.insert('a', 5)
    expect(await counts.get('a', 'minute')).toEqual(new Map([[0, 5]]))
    await counts.deleteAll()
    await counts.deleteAll()
    expect(await counts.list()).toEqual([])
  })

  it('without a name is refused: it is not deleteAll', async () => {
    const counts = createAny('memory:', { type: 'count', intervals, now: () => 0 })
    await counts.insert('a')
    await failureOf(() => counts.delete(), 'KAIROS_INVALID_VALUE')
    await failureOf(() => counts.delete(''), 'KAIROS_INVALID_VALUE')
    expect(await counts.list()).toEqual(['a'])
  })
})

describe('expire', () => {
  it('deletes what retention has ended, of one name or of all, and tells how many cells', async () => {
    let now = 0
    const counts = createAny('memory:', {
      type: 'count',
      intervals: { all: { step: 60 }, two: { step: 60, steps: 2 } },
      now: () => now,
    })
    for (const name of ['a', 'b', 'c']) await counts.insert(name)
    now = 60
    await counts.insert('c')
    now = 120
    expect(await counts.expire('a')).toBe(1)
    expect(await counts.expire('none')).toBe(0)
    expect(await counts.expire(undefined)).toBe(2)
    expect(await counts.properties('c')).toEqual({ all: { first: 0, last: 60 }, two: { first: 60, last: 60 } })
    expect(await counts.list()).toEqual(['a', 'b', 'c'])
  })

  it.each(['native', 'none'] as const)('is 0 where expiry is %s', async (expiry) => {
    const memory = memoryDriver()
    const driver = {
      ...memory,
      capabilities: { ...memory.capabilities, expiry: { ...memory.capabilities.expiry, count: expiry } },
    }
    let now = 0
    const counts = createAny(driver, { type: 'count', intervals: { two: { step: 60, steps: 2 } }, now: () => now })
    await counts.insert('a')
    now = 1_000
    expect(await counts.expire()).toBe(0)
    expect(await counts.list()).toEqual([])
  })
})

describe('signals and options', () => {
  it('every call takes a signal', async () => {
    const counts = createAny('memory:', { type: 'count', intervals, now: () => 0 })
    const options = { signal: AbortSignal.abort('enough') }
    for (const call of [
      () => counts.open(options),
      () => counts.insert('a', 1, options),
      () => counts.bulkInsert([], options),
      () => counts.get('a', 'minute', options),
      () => counts.series('a', 'minute', options),
      () => counts.iterate('a', 'minute', options).next(),
      () => counts.list(options),
      () => counts.properties('a', options),
      () => counts.delete('a', options),
      () => counts.deleteAll(options),
      () => counts.expire(undefined, options),
    ]) {
      expect((await failureOf(call, 'KAIROS_ABORTED')).cause).toBe('enough')
    }
  })

  it('and refuses what it does not know', async () => {
    const counts = createAny('memory:', { type: 'count', intervals, now: () => 0 })
    for (const call of [
      () => counts.open({ timeout: 5 }),
      () => counts.list({ prefix: 'a' }),
      () => counts.properties('a', { interval: 'minute' }),
      () => counts.delete('a', { interval: 'minute' }),
      () => counts.deleteAll({ sure: true }),
      () => counts.expire('a', { steps: 1 }),
      () => counts.list(null),
    ]) {
      await failureOf(call, 'KAIROS_INVALID_CONFIG')
    }
  })
})
