import { describe, expect, it } from 'vitest'
import type { CellStore, CellWrite, OpenOptions, StorageDriver, StoreSchema, TimeseriesType } from '../../src/driver.ts'
import { memoryDriver } from '../../src/index.ts'
import { schemaRecord } from '../../src/records.ts'
import { createAny } from '../support/any-timeseries.ts'
import { failureOf } from '../support/failure.ts'

const record = (seconds: number): string => JSON.stringify({ version: 1, step: seconds })

/** A schema of the contract, without core in between. */
function schemaOf(type: TimeseriesType, steps: Readonly<Record<string, number>>): StoreSchema {
  const interval = (seconds: number): StoreSchema['intervals'][string] => ({
    record: record(seconds),
    facts: '{}',
    hasResolution: false,
    fanOut: 1,
    resolutionRange: () => ({ first: 0, last: 0 }),
    expiresAt: () => null,
  })
  return {
    type: type as StoreSchema['type'],
    valueType: 'float',
    record: schemaRecord({ type, valueType: null, accuracy: null, precision: null }),
    facts: '{}',
    intervals: Object.fromEntries(Object.entries(steps).map(([name, seconds]) => [name, interval(seconds)])),
  }
}

const write = (interval: string, bucket: number, change: CellWrite['change'], name = 'a'): CellWrite => ({
  name,
  interval,
  bucket,
  resolutionBucket: 0,
  change,
})
const batch = (...cells: CellWrite[]) => ({ cells, oldestLive: {} })
const cellsOf = async (store: CellStore, interval: string) =>
  (await store.read({ names: ['a'], interval, range: { first: -1e15, last: 1e15 } })).map(({ value }) => value)

describe('records', () => {
  const opened = async (driver: StorageDriver, steps: Readonly<Record<string, number>>, options?: OpenOptions) =>
    driver.open(schemaOf('count', steps), options)

  it('are replaced one by one where no cell under them is live', async () => {
    const driver = memoryDriver()
    const { store } = await opened(driver, { a: 60, b: 60 })
    await store.write(batch(write('a', 5, 1), write('b', 6, 1)))
    const replace = { intervals: { a: record(60), b: record(60) } }
    const after = await opened(driver, { a: 300, b: 300 }, { replace, oldestLive: { a: 6, b: 6 } })
    expect(after.records.intervals).toEqual({ a: record(300), b: record(60) })
    const { store: fresh } = await opened(driver, { a: 300, b: 60 })
    expect([await cellsOf(fresh, 'a'), await cellsOf(fresh, 'b')]).toEqual([[], [1]])
  })

  it('of a schema go whole or not at all, and an interval that is not named counts as live', async () => {
    const driver = memoryDriver()
    const { store, records } = await opened(driver, { a: 60, b: 60 })
    await store.write(batch(write('b', 5, 1)))
    const strings = { ...schemaOf('count', { a: 300 }), record: 'another' }
    const attempt = (options: OpenOptions) => driver.open(strings, options)
    expect((await attempt({ replace: records, oldestLive: { a: 0, b: 5 } })).records).toEqual(records)
    expect((await attempt({ replace: records, oldestLive: { a: 0 } })).records).toEqual(records)
    expect((await attempt({ replace: { ...records, schema: 'unlike' }, oldestLive: { b: 6 } })).records).toEqual(
      records,
    )
    expect((await attempt({ replace: records, oldestLive: { a: 0, b: 6 } })).records).toEqual({
      schema: 'another',
      intervals: { a: record(300) },
    })
  })

  it('that were replaced end every call of a store that was opened under them', async () => {
    for (const replaces of ['interval', 'schema']) {
      const driver = memoryDriver()
      const { store, records } = await opened(driver, { a: 60 })
      const schema =
        replaces === 'schema' ? { ...schemaOf('count', { a: 60 }), record: 'x' } : schemaOf('count', { a: 61 })
      const replace = replaces === 'schema' ? records : { intervals: records.intervals }
      const fresh = await driver.open(schema, { replace, oldestLive: { a: 0 } })
      const query = { names: ['a'], interval: 'a', range: { first: 0, last: 9 } }
      for (const call of [
        () => store.write(batch(write('a', 5, 1))),
        () => store.read(query),
        () => store.bounds(query),
        () => store.names({ oldestLive: { a: 0 }, limit: 9 }),
        () => store.delete(null),
        () => store.sweep!({ oldestLive: { a: 9 }, names: null, limit: 9 }),
        () => store.deleteRange(query),
        () => store.replace!({ cells: [], oldestLive: {} }),
        () => store.drop!(null),
      ])
        await expect(call()).rejects.toMatchObject({ configChanged: true, retry: 'never' })
      expect(await fresh.store.names({ oldestLive: { a: 0 }, limit: 9 })).toEqual({ names: [] })
    }
  })
})

describe('a sum that a number cannot hold', () => {
  it('of a count is refused, its cell unchanged, the others of the batch stored', async () => {
    const { store } = await memoryDriver().open(schemaOf('count', { a: 60 }))
    await store.write(batch(write('a', 1, 1e308), write('a', 2, -1e308)))
    const cells = [write('a', 1, 1e308), write('a', 2, 1e308), write('a', 3, 5)]
    await expect(store.write(batch(...cells))).rejects.toMatchObject({
      retry: 'never',
      notApplied: [cells[0]],
      maybeApplied: [],
    })
    expect(await cellsOf(store, 'a')).toEqual([1e308, 0, 5])
  })

  it('of a value in a histogram likewise, the cell unchanged as a whole', async () => {
    const { store } = await memoryDriver().open(schemaOf('histogram', { a: 60 }))
    await store.write(batch(write('a', 1, new Map([[7, 1e308]]))))
    const cell = write(
      'a',
      1,
      new Map([
        [5, 1],
        [7, 1e308],
      ]),
    )
    await expect(store.write(batch(cell))).rejects.toMatchObject({ retry: 'never', notApplied: [cell] })
    expect(await cellsOf(store, 'a')).toEqual([new Map([[7, 1e308]])])
  })

  it('is reported to the caller, with what was stored beside it', async () => {
    const counts = createAny(memoryDriver(), { type: 'count', intervals: { m: { step: 60 } }, now: () => 0 })
    await counts.insert('a', 1e308)
    const points = [
      { name: 'a', value: 1e308 },
      { name: 'b', value: 1 },
    ]
    const error = await failureOf(() => counts.bulkInsert(points), 'KAIROS_STORE_FAILED')
    expect(error).toMatchObject({
      retryable: false,
      stored: 1,
      notApplied: [{ name: 'a', start: 0 }],
      maybeApplied: [],
    })
    expect(await counts.get(['a', 'b'], 'm', { joinRows: (rows: unknown) => rows })).toEqual(new Map([[0, [1e308, 1]]]))
  })
})

describe('a batch with an id', () => {
  it('adds nothing the second time, also by another store, and says so', async () => {
    const driver = memoryDriver()
    const [one, other] = [
      await driver.open(schemaOf('count', { a: 60 })),
      await driver.open(schemaOf('count', { a: 60 })),
    ]
    const once = { ...batch(write('a', 1, 1)), id: 'key:x' }
    expect(await one.store.write(once)).not.toMatchObject({ repeated: true })
    expect(await one.store.write(once)).toEqual({ repeated: true })
    expect(await other.store.write({ ...once })).toEqual({ repeated: true })
    expect(await other.store.write({ ...once, id: 'key:y' })).not.toMatchObject({ repeated: true })
    expect(await cellsOf(one.store, 'a')).toEqual([2])
  })

  it('of another type is another', async () => {
    const driver = memoryDriver()
    for (const [type, change] of [
      ['count', 1],
      ['gauge', 1],
    ] as const) {
      const { store } = await driver.open(schemaOf(type, { a: 60 }))
      expect(await store.write({ ...batch(write('a', 1, change)), id: 'x' })).not.toMatchObject({ repeated: true })
    }
  })
})

it.each([
  ['type', { type: 'sketch' }],
  ['valueType', { valueType: 'complex' }],
])('a %s that it does not know is refused', async (feature, unknown) => {
  const schema = { ...schemaOf('set', { a: 60 }), ...unknown } as StoreSchema
  expect(await failureOf(() => memoryDriver().open(schema), 'KAIROS_UNSUPPORTED')).toMatchObject({ feature })
})

it('cells that come newest first are found in order', async () => {
  const { store } = await memoryDriver().open(schemaOf('count', { a: 60 }))
  const buckets = Array.from({ length: 20_000 }, (_, index) => 20_000 - index)
  for (const bucket of buckets) await store.write(batch(write('a', bucket, 1)))
  expect(await cellsOf(store, 'a')).toHaveLength(20_000)
  expect(await store.bounds({ names: ['a'], interval: 'a', range: { first: -1e9, last: 1e9 } })).toEqual({
    first: 1,
    last: 20_000,
  })
})
