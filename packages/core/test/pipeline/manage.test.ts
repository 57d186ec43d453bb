import { describe, expect, it } from 'vitest'
import { type CellStore, failedStore, type StorageDriver } from '../../src/driver.ts'
import { discover, memoryDriver } from '../../src/index.ts'
import { createAny } from '../support/any-timeseries.ts'
import { collect } from '../support/collect.ts'
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

  it('by prefix, after a name, and at most this many', async () => {
    const counts = createAny('memory:', { type: 'count', intervals, now: () => 0 })
    const names = ['a', 'a%', 'a_', 'ab', 'b', '😀']
    await counts.bulkInsert(names.map((name) => ({ name })))
    expect(await counts.list({ prefix: 'a' })).toEqual(['a', 'a%', 'a_', 'ab'])
    expect(await counts.list({ prefix: 'a%' })).toEqual(['a%'])
    expect(await counts.list({ limit: 2 })).toEqual(['a', 'a%'])
    expect(await counts.list({ after: 'a%', limit: 2 })).toEqual(['a_', 'ab'])
    expect(await counts.list({ prefix: 'a', after: 'ab' })).toEqual([])
    expect(await counts.list({ after: 'b' })).toEqual(['😀'])
    for (const options of [{ limit: 0 }, { limit: 1.5 }, { prefix: 1 }, { after: '\ud800' }])
      await failureOf(() => counts.list(options), 'KAIROS_INVALID_CONFIG')
  })

  it('names: the same in pages, while names come and go', async () => {
    const counts = createAny('memory:', { type: 'count', intervals, now: () => 0 })
    const all = Array.from({ length: 12_000 }, (_, index) => `n${String(index).padStart(5, '0')}`)
    await counts.bulkInsert([...all, 'other'].map((name) => ({ name })))
    expect(await collect(counts.names({ prefix: 'n' }))).toEqual(all)
    expect(await collect(counts.names({ after: 'n11998' }))).toEqual(['n11999', 'other'])
    const found: string[] = []
    for await (const name of counts.names()) {
      found.push(name)
      if (name === 'n00000') await counts.delete('other')
    }
    expect(found).toEqual(all)
    await failureOf(() => counts.names({ limit: 5 }).next(), 'KAIROS_INVALID_CONFIG')
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

  it('of a range takes the buckets from that of the start to that of the end, and nothing else', async () => {
    const counts = createAny('memory:', { type: 'count', intervals, now: () => 0 })
    const days = [-86_400, -1, 0, 60, 119, 120, 90_000]
    const fill = () => counts.bulkInsert(['a', 'b'].flatMap((name) => days.map((timestamp) => ({ name, timestamp }))))
    const minutes = async (name: string) =>
      (await collect(counts.iterate(name, 'minute'))).flatMap(([start, count]) => (count === 0 ? [] : [start]))
    await fill()
    await counts.delete('a', { interval: 'minute', start: 30, end: 61 })
    expect(await minutes('a')).toEqual([-86_400, -60, 120, 90_000])
    expect(await minutes('b')).toEqual([-86_400, -60, 0, 60, 120, 90_000])
    expect((await counts.properties('a')).day).toEqual({ first: -86_400, last: 86_400 })
    await counts.delete('a', { end: -1 })
    expect(await counts.properties('a')).toEqual({
      day: { first: 0, last: 86_400 },
      minute: { first: 120, last: 90_000 },
    })
    await counts.delete('a', { start: 86_400 })
    expect(await counts.properties('a')).toEqual({ day: { first: 0, last: 0 }, minute: { first: 120, last: 120 } })
    await counts.delete('a', { interval: 'minute' })
    expect(await counts.properties('a')).toEqual({ day: { first: 0, last: 0 } })
    await failureOf(() => counts.delete('a', { interval: 'second' }), 'KAIROS_UNKNOWN_INTERVAL')
    await failureOf(() => counts.delete('a', { start: 5, end: 4 }), 'KAIROS_INVALID_RANGE')
    await failureOf(() => counts.delete('a', { start: 'soon' }), 'KAIROS_INVALID_VALUE')
    await failureOf(() => counts.delete(undefined, { start: 5 }), 'KAIROS_INVALID_VALUE')
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

describe('an option that is undefined', () => {
  it('is refused where it selects what is deleted', async () => {
    const counts = createAny('memory:', { type: 'count', intervals: { minute: { step: 60 } }, now: () => 0 })
    await counts.insert('a')
    for (const key of ['interval', 'start', 'end'])
      expect(await failureOf(() => counts.delete('a', { [key]: undefined }), 'KAIROS_INVALID_CONFIG')).toMatchObject({
        path: key,
      })
    await failureOf(() => counts.delete('a', { start: 0, end: undefined }), 'KAIROS_INVALID_CONFIG')
    await failureOf(() => counts.drop({ interval: undefined }), 'KAIROS_INVALID_CONFIG')
    const cell = { name: 'a', interval: 'minute', start: 0, value: 5 }
    await failureOf(() => counts.write([{ ...cell, expected: undefined }], { mode: 'replace' }), 'KAIROS_INVALID_VALUE')
    expect(await counts.get('a', 'minute')).toEqual(new Map([[0, 1]]))
    await counts.delete('a', { signal: undefined })
    expect(await counts.list()).toEqual([])
  })
})

describe('drop', () => {
  it('removes the timeseries and its records, and ends it wherever it is open', async () => {
    const driver = memoryDriver()
    const config = { name: 'views', type: 'count', intervals, now: () => 0 }
    const [counts, elsewhere, other] = [
      createAny(driver, config),
      createAny(driver, config),
      createAny(driver, { ...config, name: 'errors' }),
    ]
    for (const each of [counts, elsewhere, other]) await each.insert('a')
    await counts.drop()
    expect((await failureOf(() => counts.insert('a'), 'KAIROS_CLOSED')).message).toContain('dropped')
    await failureOf(() => elsewhere.get('a', 'minute'), 'KAIROS_CONFIG_CHANGED')
    expect(await other.list()).toEqual(['a'])
    expect((await discover(driver)).map(({ name }) => name)).toEqual(['errors'])
    // Of another step: nothing of the old record is left.
    const again = createAny(driver, { ...config, intervals: { minute: { step: 30 } } })
    expect(await again.list()).toEqual([])
  })

  it('of an interval removes what is left of one that is not configured any more', async () => {
    const driver = memoryDriver()
    const wide = createAny(driver, { type: 'count', intervals, now: () => 0 })
    await wide.insert('a')
    await failureOf(() => wide.drop({ interval: 'day' }), 'KAIROS_INVALID_CONFIG')
    await failureOf(() => wide.drop({ interval: 5 }), 'KAIROS_INVALID_CONFIG')
    const narrow = createAny(driver, { type: 'count', intervals: { minute: { step: 60 } }, now: () => 0 })
    await narrow.drop({ interval: 'day' })
    await narrow.insert('a')
    expect(await narrow.get('a', 'minute')).toEqual(new Map([[0, 2]]))
    expect((await discover(driver)).flatMap((each) => Object.keys(each.intervals))).toEqual(['minute'])
  })

  it('whose answer was lost is done when the store refuses the next attempt', async () => {
    let lost = false
    const counts = createAny(
      changed((store) => ({
        async drop(interval) {
          await store.drop!(interval)
          if (lost) return
          lost = true
          throw failedStore('the connection was cut', 'now')
        },
      })),
      { type: 'count', intervals, now: () => 0 },
    )
    await counts.drop()
    await failureOf(() => counts.list(), 'KAIROS_CLOSED')
  })

  it('is refused where the store cannot, and everything stays', async () => {
    const counts = createAny(
      changed(() => ({ drop: undefined as never })),
      { type: 'count', intervals, now: () => 0 },
    )
    await counts.insert('a')
    expect(await failureOf(() => counts.drop(), 'KAIROS_UNSUPPORTED')).toMatchObject({ feature: 'drop' })
    expect(await counts.list()).toEqual(['a'])
  })
})

/** The memory driver, with some calls of its store in other words. */
function changed(change: (store: CellStore) => Partial<CellStore>): StorageDriver {
  const memory = memoryDriver()
  return {
    ...memory,
    async open(schema, options) {
      const { store, records } = await memory.open(schema, options)
      return { records, store: { ...store, ...change(store) } }
    },
  }
}

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
      () => counts.names(options).next(),
      () => counts.properties('a', options),
      () => counts.delete('a', options),
      () => counts.delete('a', { ...options, end: 0 }),
      () => counts.drop(options),
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
      () => counts.list({ pattern: 'a*' }),
      () => counts.names({ pattern: 'a*' }).next(),
      () => counts.drop({ sure: true }),
      () => counts.properties('a', { interval: 'minute' }),
      () => counts.delete('a', { steps: 1 }),
      () => counts.delete('a', { interval: 'minute', steps: 1 }),
      () => counts.deleteAll({ sure: true }),
      () => counts.expire('a', { steps: 1 }),
      () => counts.list(null),
    ]) {
      await failureOf(call, 'KAIROS_INVALID_CONFIG')
    }
  })
})
