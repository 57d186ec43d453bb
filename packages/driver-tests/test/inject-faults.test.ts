import { createTimeseries, KairosError, memoryDriver } from '@kairos/core'
import type { CellWrite, StorageDriver, StoreSchema, WriteFailure } from '@kairos/core/driver'
import { describe, expect, it } from 'vitest'
import { type Injected, injectFaults } from '../src/inject-faults.ts'
import { schemaOf } from '../src/internal/schema.ts'
import { cell } from '../src/store/cells.ts'

const config = { type: 'count', intervals: { minute: { step: 60 } } } as const

/** A store of counts on a driver whose writes, or another method's calls, meet this fault. */
async function storeWith(injected: Injected, { method = 'write', memory = memoryDriver() } = {}) {
  const schema = await schemaOf(config)
  const driver = injectFaults(memory, (call) => (call.method === method ? injected : null))
  return { driver, ...(await countsOf(driver, schema)), honest: (await countsOf(memory, schema)).counts }
}

async function countsOf(driver: StorageDriver, schema: StoreSchema) {
  const { store } = await driver.open(schema)
  const counts = async () => {
    const query = { names: ['a', 'b', 'c', 'd'], interval: 'minute', range: { first: 0, last: 9 } }
    return Object.fromEntries((await store.read(query)).map(({ name, value }) => [name, value]))
  }
  return { store, counts }
}

const cells = ['a', 'b', 'c', 'd'].map((name) => cell(name, 'minute', 1, 0, 1))
const batch = { cells, oldestLive: { minute: 0 } }
const namesIn = (list: readonly CellWrite[]) => list.map(({ name }) => name)

describe('a write that fails', () => {
  it.for([
    ['before', {}, [], ['a', 'b', 'c', 'd']],
    ['after', { a: 1, b: 1, c: 1, d: 1 }, ['a', 'b', 'c', 'd'], []],
    ['part', { a: 1, b: 1 }, ['b', 'c'], ['d']],
  ] as const)('%s', async ([fault, stored, maybeApplied, notApplied]) => {
    const { store, honest } = await storeWith({ fault, retry: 'now' })
    const failure = (await store.write(batch).catch((error) => error)) as WriteFailure
    expect(failure.message).toBe(`injected fault: ${fault}`)
    expect(failure.retry).toBe('now')
    expect(namesIn(failure.maybeApplied)).toEqual(maybeApplied)
    expect(namesIn(failure.notApplied)).toEqual(notApplied)
    expect(await honest()).toEqual(stored)
  })

  it('in part, of a batch that is stored exactly once, is stored whole', async () => {
    const { store, honest } = await storeWith({ fault: 'part' })
    const failure = (await store.write({ ...batch, id: 'one' }).catch((error) => error)) as WriteFailure
    expect(namesIn(failure.maybeApplied)).toEqual(['a', 'b', 'c', 'd'])
    expect(Object.keys(await honest())).toHaveLength(4)
  })

  it('in part and by itself leaves all in doubt', async () => {
    const memory = memoryDriver()
    const twice = injectFaults(memory, ({ method }) => (method === 'write' ? { fault: 'before' } : null))
    const { store } = await storeWith({ fault: 'part' }, { memory: twice })
    const failure = (await store.write(batch).catch((error) => error)) as WriteFailure
    expect(namesIn(failure.maybeApplied)).toEqual(['a', 'b', 'c', 'd'])
  })
})

describe('an answer that is lost', () => {
  it('never comes, until the signal aborts', async () => {
    const { store, honest } = await storeWith({ fault: 'lost' })
    const abort = new AbortController()
    const writing = store.write(batch, { signal: abort.signal }).catch((error) => error)
    await expect.poll(honest).toEqual({ a: 1, b: 1, c: 1, d: 1 })
    abort.abort()
    expect(namesIn(((await writing) as WriteFailure).maybeApplied)).toHaveLength(4)
  })

  it('or the driver is closed', async () => {
    const { driver, store } = await storeWith({ fault: 'lost' }, { method: 'names' })
    const listing = store.names({ oldestLive: { minute: 0 }, limit: 9 }).catch((error) => error.message)
    await driver.close()
    expect(await listing).toBe('injected fault: lost')
  })
})

describe('other calls', () => {
  it('are counted by their method, and may be delayed', async () => {
    const seen: string[] = []
    const driver = injectFaults(memoryDriver(), ({ on, method, number }) => {
      seen.push(`${on} ${method} ${number}`)
      return { delay: 1 }
    })
    const counts = createTimeseries(driver, config)
    await counts.insert('a')
    await counts.insert('a')
    await counts.list()
    const events = await driver.openEvents!({ namespace: 'one' })
    await events.streams()
    expect(seen).toEqual([
      'cells open 1',
      'cells write 1',
      'cells write 2',
      'cells names 1',
      'events open 1',
      'events streams 1',
    ])
  })

  it('are halved where that means something', async () => {
    const { store, honest } = await storeWith({ fault: 'part' }, { method: 'delete' })
    await store.write(batch)
    await expect(store.delete(['a', 'b', 'c'])).rejects.toThrow('injected fault: part')
    expect(await honest()).toEqual({ c: 1, d: 1 })
    await expect(store.delete(null)).rejects.toThrow('injected fault: part')
    expect(await honest()).toEqual({})
  })

  it.for([
    [true, 0],
    [false, 2],
  ] as const)('an append, where atomic is %s, leaves %i of three events', async ([atomic, left]) => {
    const memory = memoryDriver()
    const driver = injectFaults(
      { ...memory, capabilities: { ...memory.capabilities, events: { atomic } } },
      ({ method }) => (method === 'append' ? { fault: 'part' } : null),
    )
    const events = ['1', '2', '3'].map((digit) => ({ key: digit.repeat(32), body: '{}' }))
    const storage = await driver.openEvents!({ namespace: 'one' })
    await expect(storage.append('s', events)).rejects.toThrow('injected fault: part')
    expect(await storage.count('s', { first: '0'.repeat(32), last: 'f'.repeat(32) })).toBe(left)
  })
})

it('shows an application what Kairos says then', async () => {
  const driver = injectFaults(memoryDriver(), ({ method }) => (method === 'write' ? { fault: 'after' } : null))
  const counts = createTimeseries(driver, config)
  const error: unknown = await counts.insert('a').catch((thrown) => thrown)
  expect(KairosError.is(error) && error.maybeApplied?.map(({ name }) => name)).toEqual(['a'])
})
