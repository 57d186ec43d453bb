import { createTimeseries } from '@kairos/core'
import type { Client } from 'cassandra-driver'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDriver } from '../src/driver.ts'
import { TIMINGS, type Timings } from '../src/timings.ts'
import { rawClient } from './support/raw.ts'
import { SINGLE_URL } from './support/servers.ts'

const KEYSPACE = 'tuned'
const MIDNIGHT = 1_700_006_400
const INTERVALS = { day: { step: 'daily' } } as const

describe.skipIf(SINGLE_URL === undefined)('very many values, and old registrations, with lowered limits', () => {
  let client: Client
  beforeAll(() => {
    client = rawClient(SINGLE_URL!)
  })
  afterAll(() => client.shutdown())

  const driverOf = (tableName: string, timings: Partial<Timings>) =>
    createDriver(SINGLE_URL!, { keyspace: KEYSPACE, replication: 1, tableName }, { ...TIMINGS, ...timings })
  const partsOf = async (tableName: string): Promise<string[]> => {
    const { rows } = await client.execute(`SELECT DISTINCT name, window FROM ${KEYSPACE}.${tableName}`)
    return rows.map(({ window }) => window as string)
  }
  const registered = async (table: string, tableName: string): Promise<number> => {
    const query = `SELECT name FROM ${KEYSPACE}.${table} WHERE place = ? ALLOW FILTERING`
    return (await client.execute(query, [tableName], { prepare: true })).rows.length
  }

  it('a bucket of a series continues in further parts, and any process reads it in order of arrival', async () => {
    const first = driverOf('parts', { partRows: 10 })
    const series = createTimeseries(first, { type: 'series', valueType: 'int', intervals: INTERVALS })
    await series.deleteAll()
    const values = Array.from({ length: 35 }, (_, index) => index)
    for (const value of values) await series.insert('a', value, { timestamp: MIDNIGHT + value })
    const parts = await partsOf('parts')
    expect(parts.length).toBeGreaterThanOrEqual(3)
    expect(new Set(parts).size).toBe(parts.length)
    expect((await series.get('a', 'day', { timestamp: MIDNIGHT })).get(MIDNIGHT)).toEqual(values)
    // Another process starts in the last part and continues from there.
    const second = driverOf('parts', { partRows: 10 })
    const later = createTimeseries(second, { type: 'series', valueType: 'int', intervals: INTERVALS })
    const more = Array.from({ length: 15 }, (_, index) => 100 + index)
    for (const value of more) await later.insert('a', value, { timestamp: MIDNIGHT })
    expect((await partsOf('parts')).length).toBeGreaterThan(parts.length)
    const all = [...values, ...more]
    expect((await later.get('a', 'day', { timestamp: MIDNIGHT })).get(MIDNIGHT)).toEqual(all)
    expect((await series.get('a', 'day', { timestamp: MIDNIGHT })).get(MIDNIGHT)).toEqual(all)
    await series.delete('a')
    expect(await partsOf('parts')).toEqual([])
    expect(await later.list()).toEqual([])
    await first.close()
    await second.close()
  })

  it('equal values of a set or histogram in several parts are one value', async () => {
    for (const type of ['set', 'histogram'] as const) {
      const driver = driverOf(`parts_${type}`, { partRows: 4 })
      const timeseries = createTimeseries(driver, { type, valueType: 'int', intervals: INTERVALS })
      await timeseries.deleteAll()
      for (let turn = 0; turn < 3; turn++)
        for (let value = 0; value < 5; value++) await timeseries.insert('a', value, { timestamp: MIDNIGHT })
      expect((await partsOf(`parts_${type}`)).length).toBeGreaterThanOrEqual(3)
      const found: unknown = (await timeseries.get('a', 'day', { timestamp: MIDNIGHT })).get(MIDNIGHT)
      const values = [0, 1, 2, 3, 4]
      expect(found).toEqual(type === 'set' ? new Set(values) : new Map(values.map((value) => [value, 3])))
      await driver.close()
    }
  })

  it('list() collects registrations without data once they are old, and not before', async () => {
    const patient = driverOf('collected', {})
    const gauges = createTimeseries(patient, { type: 'gauge', intervals: INTERVALS })
    await gauges.insert('gone', 1, { timestamp: MIDNIGHT })
    await gauges.insert('kept', 1, { timestamp: MIDNIGHT })
    await gauges.delete('gone')
    expect(await gauges.list()).toEqual(['kept'])
    expect(await registered('kairos_windows', 'collected')).toBe(2)
    expect(await registered('kairos_names', 'collected')).toBe(2)
    const hasty = driverOf('collected', { trustRegistration: 0, collectAfter: 1 })
    const collecting = createTimeseries(hasty, { type: 'gauge', intervals: INTERVALS })
    // First the window; then the name, once it has no window.
    expect(await collecting.list()).toEqual(['kept'])
    expect(await registered('kairos_windows', 'collected')).toBe(1)
    expect(await collecting.list()).toEqual(['kept'])
    expect(await registered('kairos_names', 'collected')).toBe(1)
    // A name that comes back is registered again.
    await collecting.insert('gone', 2, { timestamp: MIDNIGHT })
    expect((await gauges.list()).sort()).toEqual(['gone', 'kept'])
    await patient.close()
    await hasty.close()
  })
})
