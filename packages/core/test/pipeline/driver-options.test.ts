import { describe, expect, it } from 'vitest'
import {
  type CellStore,
  type DriverCallOptions,
  failedStore,
  failedWrite,
  type StorageDriver,
} from '../../src/driver.ts'
import { KairosError, memoryDriver } from '../../src/index.ts'
import { type AnyTimeseries, createAny } from '../support/any-timeseries.ts'
import { collect } from '../support/collect.ts'
import { failureOf } from '../support/failure.ts'

const intervals = { minute: { step: 60, steps: 5 } }
const [session, transaction] = [{ is: 'a session' }, { is: 'a transaction' }]

/** A store that records its own options of each call; `session` is for reads, `transaction` for writes. */
function notingDriver(fail: () => void = () => {}) {
  const memory = memoryDriver()
  const seen: [call: string, driverOptions: unknown][] = []
  const driver: StorageDriver = {
    ...memory,
    capabilities: {
      ...memory.capabilities,
      readOptions: ['session'],
      writeOptions: ['transaction'],
      customFetch: true,
    },
    async open(schema, options) {
      const { store, records } = await memory.open(schema, options)
      const calls = { ...store, fetch: async () => [] } satisfies CellStore
      const noted = Object.entries(calls).map(([name, call]: [string, (...all: never[]) => unknown]) => [
        name,
        (...all: never[]) => {
          seen.push([name, (all.at(-1) as DriverCallOptions | undefined)?.driverOptions])
          fail()
          return call(...all)
        },
      ])
      return { store: Object.fromEntries(noted) as CellStore, records }
    },
  }
  return { driver, seen }
}

describe('a write with an option that the driver refuses', () => {
  it('rejects with the code of the driver, and nothing was applied', async () => {
    const { driver } = notingDriver(() => {
      throw new KairosError('KAIROS_INVALID_CONFIG', 'transaction must be one', { path: 'transaction' })
    })
    const counts = createAny(driver, { type: 'count', intervals, now: () => 0 })
    const cell = { name: 'a', interval: 'minute', start: 0, value: 1 }
    for (const write of [
      () => counts.insert('a', 1, { transaction }),
      () => counts.bulkInsert([{ name: 'a', value: 1 }], { transaction }),
      () => counts.write([cell], { mode: 'replace', transaction }),
    ]) {
      const error = await failureOf(write, 'KAIROS_INVALID_CONFIG')
      expect(error).toMatchObject({ path: 'transaction', stored: 0, notApplied: [cell], maybeApplied: [] })
    }
  })
})

type Call = (counts: AnyTimeseries, own: object) => Promise<unknown>
const READS: readonly [name: string, call: Call, store: string[]][] = [
  ['get', (counts, own) => counts.get('a', 'minute', own), ['read']],
  ['series', (counts, own) => counts.series('a', 'minute', own), ['read']],
  ['get with a fetch', (counts, own) => counts.get('a', 'minute', { fetch: true, ...own }), ['fetch']],
  [
    'series of a long range',
    (counts, own) => counts.series('a', 'all', { start: 0, end: 9e9, collapse: true, ...own }),
    ['bounds', 'read'],
  ],
  ['iterate', (counts, own) => collect(counts.iterate('a', 'minute', own)), ['bounds', 'read']],
  ['list', (counts, own) => counts.list(own), ['names']],
  ['properties', (counts, own) => counts.properties('a', own), ['bounds', 'bounds']],
]
const WRITES: readonly [name: string, call: Call, store: string[]][] = [
  ['insert', (counts, own) => counts.insert('a', 1, own), ['write']],
  ['bulkInsert', (counts, own) => counts.bulkInsert([{ name: 'a' }], own), ['write']],
  ['delete', (counts, own) => counts.delete('a', own), ['delete']],
  ['deleteAll', (counts, own) => counts.deleteAll(own), ['delete']],
  ['expire', (counts, own) => counts.expire('a', own), ['sweep']],
]

async function filled(fail = () => {}) {
  const { driver, seen } = notingDriver(() => failing && fail())
  let failing = false
  const counts = createAny(driver, { type: 'count', intervals: { ...intervals, all: { step: 60 } }, now: () => 0 })
  await counts.insert('a')
  seen.length = 0
  failing = true
  return { counts, seen }
}

describe.each([
  ...READS.map(([name, call, store]) => ({ name, call, store, own: { session }, other: { transaction } })),
  ...WRITES.map(([name, call, store]) => ({ name, call, store, own: { transaction }, other: { session } })),
])("a driver's own option: $name", ({ call, store, own, other }) => {
  it('reaches every call of the store', async () => {
    const { counts, seen } = await filled()
    await call(counts, own)
    expect(seen).toEqual(store.map((name) => [name, own]))
  })

  it('is not there where it was not given', async () => {
    const { counts, seen } = await filled()
    await call(counts, {})
    expect(seen).toEqual(store.map((name) => [name, undefined]))
  })

  it('ends the retrying: its transaction has failed', async () => {
    const { counts, seen } = await filled(() => {
      throw failedStore('busy', 'now')
    })
    await failureOf(() => call(counts, own), 'KAIROS_STORE_FAILED')
    // `properties` makes one call per interval.
    expect(seen.length).toBe(store.every((name) => name === store[0]) ? store.length : 1)
  })

  it('of the other kind of call is refused', async () => {
    const { counts, seen } = await filled()
    await failureOf(() => call(counts, other), 'KAIROS_INVALID_CONFIG')
    expect(seen).toEqual([])
  })
})

it('a transaction that the database ends in a later batch: nothing counts as stored, and every cell as not applied', async () => {
  let writes = 0
  const { driver } = notingDriver(() => {
    writes++
    if (writes === 2) throw failedWrite('a deadlock', { retry: 'never', transactionEnded: true })
  })
  const counts = createAny(driver, { type: 'count', intervals: { hour: { step: 3600 } }, now: () => 0 })
  const points = Array.from({ length: 10_001 }, (_, index) => ({ name: `n${index}` }))
  const failure = await failureOf(() => counts.bulkInsert(points, { transaction }), 'KAIROS_STORE_FAILED')
  expect(failure).toMatchObject({ stored: 0, maybeApplied: [] })
  expect(new Set(failure.notApplied!.map(({ name }) => name)).size).toBe(10_001)
})
