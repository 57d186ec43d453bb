import { createTimeseries } from '@kairos/core'
import type { OriginalType } from '@kairos/core/driver'
import { describe, expect, it } from 'vitest'
import { type CassandraFetch, cassandraDriver } from '../src/index.ts'
import { SINGLE_URL } from './support/servers.ts'

const MIDNIGHT = 1_700_006_400
const DAY = { intervals: { day: { step: 'daily' } } } as const

const everything: CassandraFetch = async (client, { table, name, windows }) => {
  const query = `SELECT * FROM ${table} WHERE name = ? AND window = ?`
  const options = { prepare: true, consistency: 1, isIdempotent: true }
  const results = await Promise.all(windows.map((window) => client.execute(query, [name, window], options)))
  return results.flatMap(({ rows = [] }) => rows)
}

describe.skipIf(SINGLE_URL === undefined)('a custom fetch', () => {
  const driverOf = (tableName: string) =>
    cassandraDriver(SINGLE_URL!, { keyspace: 'fetching', replication: 1, tableName })

  it.each<[OriginalType, boolean]>([
    ['series', true],
    ['histogram', true],
    ['set', true],
    ['count', false],
    ['gauge', false],
  ])('calls processRow for a %s with one value with a list: %s', async (type, list) => {
    const driver = driverOf(`one_${type}`)
    const timeseries = createTimeseries(driver, { type, ...DAY })
    await timeseries.deleteAll()
    await timeseries.insert('a', 1, { timestamp: MIDNIGHT })
    const rows: unknown[] = []
    const processRow = (row: unknown): unknown => rows.push(row)
    await timeseries.get('a', 'day', { timestamp: MIDNIGHT, fetch: everything, processRow } as object)
    expect(rows).toEqual([list ? [expect.objectContaining({ name: 'a' })] : expect.objectContaining({ name: 'a' })])
    await driver.close()
  })

  it.each([
    ['count', 3, 3],
    ['summary', expect.any(Buffer), { count: 2, sum: 3, min: 1, max: 2, last: 2, lastAt: MIDNIGHT }],
    ['unique', expect.any(Buffer), 2],
  ] as const)('gives one row of a %s that several writers have written', async (type, base, expected) => {
    const drivers = [driverOf(`writers_${type}`), driverOf(`writers_${type}`)]
    const valueType = type === 'unique' && ({ valueType: 'int' } as const)
    const cells = drivers.map((driver) => createTimeseries(driver, { type, ...valueType, ...DAY } as never))
    await cells[0]!.deleteAll()
    for (const [index, each] of cells.entries()) await each.insert('a', index + 1, { timestamp: MIDNIGHT })
    const rows: unknown[] = []
    const processRow = (row: unknown): number => rows.push(row)
    const options = { timestamp: MIDNIGHT, fetch: everything }
    await cells[0]!.get('a', 'day', { ...options, processRow } as never)
    expect(rows).toEqual([expect.objectContaining({ name: 'a', b: base, d: null })])
    expect([...(await cells[0]!.get('a', 'day', options as never)).values()]).toEqual([expected])
    await Promise.all(drivers.map((driver) => driver.close()))
  })

  it('must be a function and return rows with name, i and r', async () => {
    const driver = driverOf('refused')
    const counts = createTimeseries(driver, { type: 'count', ...DAY })
    const invalid = { code: 'KAIROS_INVALID_CONFIG', path: 'fetch' }
    await expect(counts.get('a', 'day', { fetch: 5 } as never)).rejects.toMatchObject(invalid)
    await expect(counts.get('a', 'day', { fetch: () => [{ total: 3 }] })).rejects.toThrow(/name, i and r, not total/)
    await expect(counts.get('a', 'day', { fetch: () => null as never })).rejects.toThrow(/must return rows, not null/)
    const texts: CassandraFetch = (_client, { name, buckets }) => [{ name, i: buckets.first, r: 0, b: '4' }]
    await expect(counts.get('a', 'day', { fetch: texts })).rejects.toMatchObject({
      ...{ code: 'KAIROS_STORE_FAILED', retryable: false },
    })
    await driver.close()
  })
})

describe.skipIf(SINGLE_URL === undefined)('limits', () => {
  it('the longest name fits next to the longest interval, even one of marks, which are doubled', async () => {
    const driver = cassandraDriver(SINGLE_URL!, { keyspace: 'fetching', replication: 1, tableName: 'x'.repeat(40) })
    const { maxNameBytes, maxIntervalBytes, maxChange } = driver.capabilities
    const [name, interval] = ['n'.repeat(maxNameBytes!), '\u0001'.repeat(maxIntervalBytes!)]
    const counts = createTimeseries(driver, { type: 'count', intervals: { [interval]: { step: 60 } } })
    await counts.insert(name, 1, { timestamp: MIDNIGHT })
    expect([...(await counts.get(name, interval, { timestamp: MIDNIGHT })).values()]).toEqual([1])
    expect(await counts.list()).toEqual([name])
    expect(maxChange).toBe(2 ** 969)
    await counts.deleteAll()
    await driver.close()
  })
})
