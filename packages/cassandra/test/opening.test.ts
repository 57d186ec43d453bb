import { createTimeseries } from '@kairos/core'
import type { Client } from 'cassandra-driver'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cassandraDriver } from '../src/index.ts'
import { rawClient } from './support/raw.ts'
import { SINGLE_URL } from './support/servers.ts'

describe.skipIf(SINGLE_URL === undefined)('opening', () => {
  let client: Client
  beforeAll(() => {
    client = rawClient(SINGLE_URL!)
  })
  afterAll(() => client.shutdown())

  it('refuses a keyspace that is not there, unless it may make it', async () => {
    const driver = cassandraDriver(SINGLE_URL!, { keyspace: 'nowhere' })
    const opening = createTimeseries(driver, { type: 'count', intervals: { day: { step: 'daily' } } }).open()
    await expect(opening).rejects.toMatchObject({ code: 'KAIROS_INVALID_CONFIG', path: 'keyspace' })
    await driver.close()
  })

  it("refuses a table that is somebody else's, and leaves it alone", async () => {
    const driver = cassandraDriver(SINGLE_URL!, { keyspace: 'shared', replication: 1 })
    const series = createTimeseries(driver, { type: 'series', intervals: { day: { step: 'daily' } } })
    await series.open()
    await client.execute('CREATE TABLE IF NOT EXISTS shared.visits (name text PRIMARY KEY, total int)')
    await client.execute("INSERT INTO shared.visits (name, total) VALUES ('a', 3)")
    const visits = cassandraDriver(SINGLE_URL!, { keyspace: 'shared', tableName: 'visits' })
    const opening = createTimeseries(visits, { type: 'count', intervals: { day: { step: 'daily' } } }).open()
    await expect(opening).rejects.toMatchObject({ code: 'KAIROS_INVALID_CONFIG', path: 'tableName' })
    await expect(opening).rejects.toThrow(/"shared"\."visits".*no column window, i, r, w, b, d/)
    expect((await client.execute('SELECT total FROM shared.visits')).rows).toEqual([
      expect.objectContaining({ total: 3 }),
    ])
    await visits.close()
    await driver.close()
  })
})
