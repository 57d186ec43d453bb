import { createTimeseries } from '@kairos/core'
import type { Client } from 'cassandra-driver'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cassandraDriver } from '../src/index.ts'
import { rawClient, recordingClient, type SentRequest } from './support/raw.ts'
import { SINGLE_URL } from './support/servers.ts'

const KEYSPACE = 'statements'
const MIDNIGHT = 1_700_006_400
const HOSTILE = `x'; DROP TABLE count; -- " ? $$ ; { } : \u0000 é 😀`

describe.skipIf(SINGLE_URL === undefined)('statements', () => {
  let client: Client
  beforeAll(() => {
    client = rawClient(SINGLE_URL!)
  })
  afterAll(() => client.shutdown())

  /** The requests to data tables, not to the registry or the system. */
  const toData = (sent: readonly SentRequest[], verb: string): SentRequest[] =>
    sent.filter(({ queries: [first] }) => first!.query.startsWith(verb) && /"statements"\."/.test(first!.query))

  it('never contain values: names, intervals and values full of quotes and CQL are bound', async () => {
    const recording = recordingClient(client)
    const driver = cassandraDriver(recording, { keyspace: KEYSPACE, replication: 1, tableName: 'hostile' })
    const sets = createTimeseries(driver, { type: 'set', valueType: 'string', intervals: { [HOSTILE]: { step: 60 } } })
    await sets.insert(HOSTILE, [HOSTILE, "'", '"', '?', ''], { timestamp: MIDNIGHT })
    const found = (await sets.get(HOSTILE, HOSTILE, { timestamp: MIDNIGHT })).get(MIDNIGHT)
    expect(found).toEqual(new Set([HOSTILE, "'", '"', '?', '']))
    expect(await sets.list()).toEqual([HOSTILE])
    await sets.delete("' OR '1' = '1")
    expect(await sets.list()).toEqual([HOSTILE])
    await sets.deleteAll()
    expect(await sets.list()).toEqual([])
    for (const { queries, options } of recording.sent) {
      for (const { query, params } of queries) {
        expect(query).not.toMatch(/DROP|\$\$|😀/)
        // Schema changes consist of checked names only and bind nothing.
        if (/^CREATE /.test(query)) continue
        expect(options.prepare).toBe(true)
        expect(query, 'a literal').not.toMatch(/'|= *\d|\(\d/)
        expect(params.length).toBe(query.split('?').length - 1)
      }
    }
    await driver.close()
  })

  it('read a day of minutes from a few partitions, each by its full key; nothing is filtered or scanned', async () => {
    for (const type of ['count', 'gauge', 'series', 'histogram', 'set'] as const) {
      const recording = recordingClient(client)
      const driver = cassandraDriver(recording, { keyspace: KEYSPACE, replication: 1, tableName: `day_${type}` })
      const timeseries = createTimeseries(driver, { type, intervals: { minute: { step: 60 } } })
      await timeseries.deleteAll()
      const points = Array.from({ length: 1_440 }, (_, minute) => ({
        name: 'a',
        value: 1,
        timestamp: MIDNIGHT + minute * 60,
      }))
      await timeseries.bulkInsert(points)
      recording.sent.length = 0
      const day = await timeseries.series('a', 'minute', { start: MIDNIGHT, end: MIDNIGHT + 86_399 })
      expect(day.size).toBe(1_440)
      const reads = toData(recording.sent, 'SELECT')
      // 1,440 cells in windows of 1,024: at most three windows.
      expect(reads.length).toBeLessThanOrEqual(3)
      for (const { queries } of reads)
        expect(queries[0]!.query).toContain('WHERE name = ? AND window = ? AND i >= ? AND i <= ?')
      expect(recording.sent.length, 'including requests to the registry').toBeLessThanOrEqual(4)
      for (const { queries } of recording.sent) expect(queries[0]!.query).not.toMatch(/ALLOW FILTERING/i)
      await driver.close()
    }
  })

  it('of a batch are unlogged and on one partition; only idempotent ones are marked so; every write has a timestamp', async () => {
    const recording = recordingClient(client)
    const driver = cassandraDriver(recording, { keyspace: KEYSPACE, replication: 1, tableName: 'batched' })
    const counts = createTimeseries(driver, {
      type: 'count',
      intervals: { minute: { step: 60 }, hour: { step: '1h' } },
    })
    const points = Array.from({ length: 3_000 }, (_, minute) => ({
      name: `n${minute % 3}`,
      timestamp: MIDNIGHT + minute * 60,
      value: 1,
    }))
    await counts.bulkInsert(points)
    await counts.delete('n0')
    // Records are written with their facts, in a transaction.
    const batches = recording.sent.filter(({ queries }) => queries.length > 1 && !/kairos_/.test(queries[0]!.query))
    expect(batches.length).toBeGreaterThan(10)
    for (const { queries, options } of batches) {
      expect(options.logged).toBe(false)
      const partitions = new Set(
        queries.map(({ params }) => Buffer.concat(params.slice(2, 4) as Buffer[]).toString('hex')),
      )
      expect(partitions.size).toBe(1)
      const bytes = queries.flatMap(({ params }) => params as Buffer[]).reduce((sum, { length }) => sum + length, 0)
      expect(bytes, 'a server warns at 5 KiB').toBeLessThanOrEqual(4_096)
    }
    for (const { queries, options } of recording.sent) {
      const { query } = queries[0]!
      expect(options.isIdempotent, query).toBe(!/ IF (NOT EXISTS|record)/.test(query) || query.startsWith('CREATE'))
      if (/^(INSERT|UPDATE|DELETE)/.test(query) && options.isIdempotent) expect(options.timestamp).toBeGreaterThan(1e15)
    }
    await driver.close()
  })

  it('read long texts in pages of about a megabyte, whatever the number of rows', async () => {
    const recording = recordingClient(client)
    const driver = cassandraDriver(recording, { keyspace: KEYSPACE, replication: 1, tableName: 'long_texts' })
    const gauges = createTimeseries(driver, {
      type: 'gauge',
      valueType: 'text',
      intervals: { minute: { step: 60 } },
    })
    await gauges.deleteAll()
    const value = 'x'.repeat(20_000)
    const points = Array.from({ length: 400 }, (_, minute) => ({
      name: 'a',
      value,
      timestamp: MIDNIGHT + minute * 60,
    }))
    await gauges.bulkInsert(points)
    recording.sent.length = 0
    const found = await gauges.series('a', 'minute', { start: MIDNIGHT, end: MIDNIGHT + 399 * 60 })
    expect([...found.values()].filter((text) => text === value).length).toBe(400)
    const sizes = toData(recording.sent, 'SELECT').map(({ options: { fetchSize } }) => fetchSize! * value.length)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1_000_000)
    expect(sizes.length).toBeLessThan(20)
    await driver.close()
  })

  it('write rows with a TTL that ends when their bucket expires, after which they are gone', async () => {
    const driver = cassandraDriver(SINGLE_URL!, { keyspace: KEYSPACE, replication: 1, tableName: 'expiring' })
    const gauges = createTimeseries(driver, {
      type: 'gauge',
      intervals: { day: { step: 'daily', steps: 2 }, second: { step: 1, steps: 3 } },
    })
    const now = Math.floor(Date.now() / 1_000)
    await gauges.insert('a', 5, { timestamp: now })
    const midnightAfter = (Math.floor(now / 86_400) + 2) * 86_400
    const rows = async (interval: string) => {
      const all = await client.execute(`SELECT window, value, TTL(value) AS ttl FROM ${KEYSPACE}.expiring`)
      return all.rows.filter(({ window }) => window.startsWith(`${interval} `))
    }
    const [day] = await rows('day')
    expect(day!.value).toBe(5)
    // Rounded up: late by less than a second, never early.
    expect(Math.abs(Date.now() / 1_000 + day!.ttl - midnightAfter)).toBeLessThan(2)
    expect((await rows('second')).length).toBe(1)
    await expect.poll(async () => (await rows('second')).length).toBe(0)
    expect(Date.now() / 1_000).toBeGreaterThanOrEqual(now + 3)
    await driver.close()
  })
})
