import { KairosError, memoryDriver } from '@kairos/core'
import { type CellValue, ORIGINAL_TYPES, type StorageDriver, type TimeseriesType } from '@kairos/core/driver'
import { describe, expect, it } from 'vitest'
import { injectFaults } from '../src/inject-faults.ts'
import { everyExpiry, wrapped } from './broken/wrapped.ts'
import { failedTitles, record, skippedTitles } from './recorder.ts'

/** For what runs much of the kit, also on a busy machine. */
const MANY_TESTS = 600_000

/** What that driver takes as a caller's own fetch. */
const AS_READ = 'as read'

function refused(fetch: unknown): KairosError {
  return new KairosError('KAIROS_INVALID_CONFIG', `fetch must be '${AS_READ}', not ${fetch}`, { path: 'fetch' })
}

/** Capabilities that the memory driver does not have, in a few drivers that keep their promises, and pass. */
const others: Readonly<Record<string, () => StorageDriver>> = {
  'neither fractional counts nor exactly-once, but limits and options of its own': () =>
    wrapped(() => ({}), {
      fractionalCounts: false,
      exactlyOnce: false,
      maxStringLength: 300,
      maxNameBytes: 290,
      maxKeyBytes: 280,
      writeOptions: ['pipeline'],
      readOptions: ['session'],
    }),
  'expiry by the store itself, and a fetch': () => {
    const driver = wrapped(
      (store) => ({
        async fetch(query, callerFetch) {
          if (callerFetch !== AS_READ) throw refused(callerFetch)
          return (await store.read(query)).map(({ value, ...position }) => ({ ...position, row: [value] }))
        },
        decodeRow: (row) => (row as readonly CellValue[])[0]!,
      }),
      { customFetch: true, expiry: everyExpiry('native') },
    )
    return { ...driver, open: async (...call) => ({ ...(await driver.open(...call)), clock: storesClock() }) }
  },
  'no expiry, and changes of a bounded size': () =>
    wrapped(() => ({}), { expiry: everyExpiry('none'), maxChange: 2 ** 969 }),
}

/** Whatever Date says. */
function storesClock(): number {
  return (performance.timeOrigin + performance.now()) / 1000
}

describe('a driver passes whose capability is', () => {
  it.for(Object.entries(others))('%s', { timeout: MANY_TESTS }, async ([, create]) => {
    expect(failedTitles(await record({ create, shared: false, fetch: () => AS_READ, seed: 1 }))).toEqual([])
  })
})

/** The memory driver, every third call of which is rejected before it has done anything: it may be made again. */
function repeating(methods: RegExp, retry: 'now' | 'later'): () => StorageDriver {
  return () =>
    injectFaults(memoryDriver(), ({ on, method, number }) =>
      on === 'cells' && methods.test(method) && number % 3 === 0 ? { fault: 'before', retry } : null,
    )
}

describe('a driver passes that now and then', () => {
  // As optimistic locking does: the second of two has to begin again.
  it("is to be opened again 'now'", { timeout: MANY_TESTS }, async () => {
    const only = (title: string) => /^(open|replace|configurations|capabilities|close): |at once/.test(title)
    const results = await record({ create: repeating(/^open$/, 'now'), shared: false, only })
    expect(failedTitles(results)).toEqual([])
  })

  it("is to be called again 'later'", { timeout: MANY_TESTS }, async () => {
    const only = (title: string) => /^(open|merge|names|delete|replace|close): |does not know/.test(title)
    const results = await record({ create: repeating(/./, 'later'), shared: false, only })
    expect(failedTitles(results)).toEqual([])
  })
})

const REFUSED = 'capabilities: types that the driver does not list are refused by name'

/** A driver that must never be asked to open another type than these; whose capabilities list them, or say nothing about types. */
function refusing(types: readonly TimeseriesType[], listed: boolean): StorageDriver {
  const driver = wrapped(() => ({}), { types })
  const { types: _, ...unlisted } = driver.capabilities
  return {
    ...driver,
    capabilities: listed ? driver.capabilities : unlisted,
    async open(schema, options) {
      if (!types.includes(schema.type)) throw new Error(`asked to open a ${schema.type}`)
      return driver.open(schema, options)
    },
  }
}

describe('what a driver leaves out is skipped, by name:', () => {
  it('event streams', async () => {
    const create = (): StorageDriver => {
      const { openEvents: _, ...driver } = wrapped(() => ({}))
      const { events: __, ...capabilities } = driver.capabilities
      return { ...driver, capabilities }
    }
    const results = await record({ create, shared: false })
    expect(failedTitles(results)).toEqual([])
    expect(skippedTitles(results).filter((title) => title.startsWith('events:')).length).toBeGreaterThan(20)
    expect(results.get('events: model: 200 random calls answer as a sorted list would')).toBe(
      'not asked of this driver: capabilities.events is absent',
    )
  })

  it('types that it does not list', async () => {
    const only = (title: string) => /^(capabilities|vectors|model): /.test(title)
    const results = await record({ create: () => refusing(['count', 'gauge'], true), shared: false, only })
    expect(failedTitles(results)).toEqual([])
    expect(results.get('vectors: set of float')).toBe('not asked of this driver: capabilities.types leaves out set')
    expect(results.get('vectors: count')).toBeNull()
  })

  it('the three newer types, if it says nothing about types', { timeout: MANY_TESTS }, async () => {
    const results = await record({ create: () => refusing(ORIGINAL_TYPES, false), shared: false })
    expect(failedTitles(results)).toEqual([])
    for (const type of ['summary', 'distribution', 'unique'])
      expect(skippedTitles(results).filter((title) => title.includes(type)).length).toBeGreaterThan(20)
    expect(results.get(REFUSED)).toBeNull()
  })

  it('what the kit was given no way to ask', async () => {
    const results = await record({
      create: () => wrapped(() => ({})),
      shared: false,
      only: (each) => /process/.test(each),
    })
    expect([...results.values()]).toEqual(
      Array.from(results, () => 'not asked of this driver: describeDriver was not given `processes`'),
    )
    expect(results.size).toBe(2)
  })
})
