import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { createTimeseries } from '@kairos/core'
import type { StoreSchema } from '@kairos/core/driver'
import { Client } from 'cassandra-driver'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseUrl } from '../src/connection/url.ts'
import { cassandraDriver } from '../src/index.ts'
import { rawClient } from './support/raw.ts'
import { SINGLE_URL } from './support/servers.ts'

describe.skipIf(SINGLE_URL === undefined)('opening', () => {
  let client: Client
  beforeAll(() => {
    client = rawClient(SINGLE_URL!)
  })
  afterAll(() => client.shutdown())

  it('refuses a missing keyspace, unless it may create it', async () => {
    const driver = cassandraDriver(SINGLE_URL!, { keyspace: 'nowhere' })
    const opening = createTimeseries(driver, { type: 'count', intervals: { day: { step: 'daily' } } }).open()
    await expect(opening).rejects.toMatchObject({ code: 'KAIROS_INVALID_CONFIG', path: 'keyspace' })
    await driver.close()
  })

  it('refuses a table that Kairos did not create, and leaves it alone', async () => {
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

  it.each([
    ['text', '(name, window), i, r', /its columns are others: value text;/],
    [
      'double',
      'name, window, i, r',
      /its columns are others: i bigint \(key 1, asc\), r bigint \(key 2, asc\), window text/,
    ],
    ['double', '(name, window), i, r, value', /its columns are others: value double \(key 2, asc\);/],
  ])(
    'refuses a table whose value is %s and whose key is %s: it would hold other numbers',
    async (type, key, message) => {
      const gauge = { ...schemaOf('float'), type: 'gauge' } as const
      const tableName = `foreign_${type}_${key.length}`
      const driver = cassandraDriver(SINGLE_URL!, { keyspace: 'shared', replication: 1, tableName })
      // Makes the keyspace.
      await driver.open({ ...gauge, name: 'gauges' })
      const columns = `name text, window text, i bigint, r bigint, value ${type}, PRIMARY KEY (${key})`
      await client.execute(`CREATE TABLE IF NOT EXISTS shared.${tableName} (${columns})`)
      const opening = driver.open(gauge)
      await expect(opening).rejects.toMatchObject({ code: 'KAIROS_INVALID_CONFIG', path: 'tableName' })
      await expect(opening).rejects.toThrow(message)
      await driver.close()
    },
  )

  it('takes a table that has more columns, also with a client that reads one row at a time', async () => {
    const { hosts, port } = parseUrl(SINGLE_URL!)
    const slow = new Client({
      ...{ contactPoints: [...hosts], protocolOptions: { port }, localDataCenter: 'datacenter1' },
      queryOptions: { fetchSize: 1 },
    })
    const config = { type: 'gauge', intervals: { day: { step: 'daily' } } } as const
    for (const column of ['note', 'more']) {
      const driver = cassandraDriver(slow, { keyspace: 'shared', replication: 1, tableName: 'wider' })
      await createTimeseries(driver, config).open()
      await client.execute(`ALTER TABLE shared.wider ADD IF NOT EXISTS ${column} text`)
      await driver.close()
    }
    await slow.shutdown()
  })

  it('resolves to the clock of the nodes', async () => {
    const driver = cassandraDriver(SINGLE_URL!, { keyspace: 'shared', replication: 1 })
    const { clock } = await driver.open(schemaOf('float'))
    expect(Math.abs(clock! - Date.now() / 1_000)).toBeLessThan(1)
    await driver.close()
  })
})

describe('a node that is down', () => {
  it.each([['cassandra://127.0.0.1:1/k'], ['cassandra://127.0.0.1:1/k?localDataCenter=datacenter1']])(
    '%s: opening may succeed later, and the error names the address',
    async (url) => {
      const driver = cassandraDriver(url)
      const failure = await driver.open(schemaOf('float')).catch((error: unknown) => error)
      expect(failure).toMatchObject({ retry: 'later', message: expect.stringMatching(/127\.0\.0\.1:1.*ECONNREFUSED/) })
      await driver.close()
    },
  )

  it('that accepts connections and never answers is given up in time', async () => {
    const sockets = new Set<Socket>()
    const server = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const driver = cassandraDriver(`cassandra://127.0.0.1:${(server.address() as AddressInfo).port}`, { timeout: 200 })
    await expect(driver.open(schemaOf('float'))).rejects.toMatchObject({ retry: 'later' })
    await driver.close()
    for (const socket of sockets) socket.destroy()
    server.close()
  })
})

function schemaOf(valueType: string): StoreSchema {
  return { type: 'series', valueType, record: `{"version":1,"valueType":"${valueType}"}`, facts: '{}', intervals: {} }
}
