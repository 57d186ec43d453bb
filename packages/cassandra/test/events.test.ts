import type { EventStorage, StoredEvent } from '@kairos/core/driver'
import type { Client } from 'cassandra-driver'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDriver } from '../src/driver.ts'
import { partitionOf } from '../src/events/layout.ts'
import { cassandraDriver } from '../src/index.ts'
import { TIMINGS, type Timings } from '../src/timings.ts'
import { rawClient, recordingClient, type SentRequest } from './support/raw.ts'
import { SINGLE_URL } from './support/servers.ts'

const OPTIONS = { keyspace: 'event_streams', replication: 1 } as const
const ALL = { first: '0'.repeat(32), last: 'f'.repeat(32) } as const
const PAGE = { order: 'ascending', limit: 10_000, maxLength: 10_000_000 } as const
const SECOND = 10_000_000n
const YEAR = 31_557_600n * SECOND

/** An event `ticks` (100 ns) after 1582-10-15. */
function event(ticks: bigint, body = `{"ticks":${ticks}}`): StoredEvent {
  return { key: `1${ticks.toString(16).padStart(15, '0')}8${'0'.repeat(15)}`, body }
}

describe.skipIf(SINGLE_URL === undefined)('event streams', () => {
  let client: Client
  beforeAll(() => {
    client = rawClient(SINGLE_URL!)
  })
  afterAll(() => client.shutdown())

  async function opened(namespace: string, timings: Timings = TIMINGS): Promise<[EventStorage, SentRequest[]]> {
    const recording = recordingClient(client)
    const storage = await createDriver(recording, OPTIONS, timings).openEvents!({ namespace })
    return [storage, recording.sent]
  }
  const verbs = (sent: readonly SentRequest[], text: string): SentRequest[] =>
    sent.filter(({ queries }) => queries[0]!.query.includes(text))

  it('a range of centuries asks only for windows that exist, a small page only for the first of them', async () => {
    const [storage, sent] = await opened('sparse')
    await storage.delete('s', ALL)
    const events = Array.from({ length: 40 }, (_, century) => event(BigInt(century) * 10n * YEAR))
    await storage.append('s', events)
    sent.length = 0
    expect((await storage.read('s', { ...ALL, ...PAGE })).events).toEqual(events)
    // One request to the registry, and for each partition one for its keys and one for its bodies.
    expect(sent.length).toBe(1 + 40 + 40)
    for (const { queries, options } of sent) {
      expect(queries[0]!.query).not.toMatch(/ALLOW FILTERING/i)
      expect(options).toMatchObject({ prepare: true, isIdempotent: true })
    }
    sent.length = 0
    const newest = await storage.read('s', { ...ALL, ...PAGE, order: 'descending', limit: 2 })
    expect(newest.events).toEqual(events.slice(-2).reverse())
    expect(verbs(sent, 'SELECT key, length').length).toBeLessThanOrEqual(3)
    sent.length = 0
    expect(await storage.count('s', { first: event(5n * YEAR).key, last: event(9n * YEAR).key })).toBe(0)
    expect(sent.length).toBe(1)
  })

  it('a busy second is spread over 16 partitions, and read in order', async () => {
    const [storage, sent] = await opened('busy')
    await storage.delete('s', ALL)
    // Inside one window.
    const begin = 2_000_000n << 36n
    const events = Array.from({ length: 1_000 }, (_, index) => event(begin + BigInt(index) * (SECOND / 1_000n)))
    sent.length = 0
    await storage.append('s', events)
    const rows = new Map<string, number>()
    for (const { key } of events) {
      const { win, shard } = partitionOf(key)
      rows.set(`${win} ${shard}`, (rows.get(`${win} ${shard}`) ?? 0) + 1)
    }
    expect(rows.size).toBe(16)
    expect(Math.max(...rows.values())).toBeLessThan(2 * (1_000 / 16))
    for (const { queries, options } of verbs(sent, 'INSERT INTO "event_streams".kairos_events ')) {
      expect(options.timestamp).toBeGreaterThan(1e15)
      if (queries.length === 1) continue
      expect(options.logged).toBe(false)
      expect(new Set(queries.map(({ params }) => String(params.slice(3, 5)))).size, 'partitions of a batch').toBe(1)
    }
    expect((await storage.read('s', { ...ALL, ...PAGE })).events).toEqual(events)
  })

  it('of two simultaneous appends of a key, the body written first is the event, in both orders, counted and deleted once', async () => {
    const [storage] = await opened('met')
    await storage.delete('s', ALL)
    const { key, body } = event(3n * YEAR, '{"first":true}')
    await storage.append('s', [{ key, body }])
    // What a writer leaves behind that looked before the first row was there.
    const { win, shard } = partitionOf(key)
    await client.execute(
      'INSERT INTO event_streams.kairos_events (place, namespace, stream, win, shard, key, written, length, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
      ['', 'met', 's', win, shard, Buffer.from(key, 'hex'), String(Date.now() * 1_000 + 1_000_000), 2, '{}'],
      { prepare: true },
    )
    for (const order of ['ascending', 'descending'] as const) {
      expect(await storage.read('s', { ...ALL, ...PAGE, order })).toEqual({ events: [{ key, body }], done: true })
    }
    expect(await storage.count('s', ALL)).toBe(1)
    expect(await storage.delete('s', ALL)).toBe(1)
    expect(await storage.append('s', [{ key, body: '{"again":true}' }])).toEqual([true])
    expect((await storage.read('s', { ...ALL, ...PAGE })).events).toEqual([{ key, body: '{"again":true}' }])
  })

  it('registrations without events are collected once they are old, and no others', async () => {
    const [fresh] = await opened('collected')
    await fresh.append('s', [event(YEAR), event(2n * YEAR), event(3n * YEAR)])
    const windows = async (): Promise<number> =>
      (
        await client.execute(
          "SELECT win FROM event_streams.kairos_event_windows WHERE place = '' AND namespace = 'collected' AND stream = 's'",
        )
      ).rows.length
    const until = { first: ALL.first, last: event(2n * YEAR).key }
    await fresh.delete('s', until)
    expect(await windows()).toBe(3)
    const [late] = await opened('collected', { ...TIMINGS, trustRegistration: -1, collectAfter: 0 })
    expect(await late.delete('s', until)).toBe(0)
    expect(await windows()).toBe(1)
    expect(await late.streams()).toEqual(['s'])
    await late.delete('s', ALL)
    expect(await late.streams()).toEqual([])
    expect(await windows()).toBe(0)
    const streams = await client.execute(
      "SELECT stream FROM event_streams.kairos_event_streams WHERE place = '' AND namespace = 'collected' ALLOW FILTERING",
    )
    expect(streams.rows).toEqual([])
    // The new registration has a newer timestamp than the collection of the old one.
    expect(await late.append('s', [event(YEAR)])).toEqual([true])
    expect(await late.streams()).toEqual(['s'])
    await late.delete('s', ALL)
  })

  it('two table names share no events', async () => {
    const [one, other] = await Promise.all(
      ['one', 'other'].map((tableName) =>
        cassandraDriver(recordingClient(client), { ...OPTIONS, tableName }).openEvents!({ namespace: 'n' }),
      ),
    )
    await one!.delete('s', ALL)
    await one!.append('s', [event(YEAR)])
    expect(await other!.count('s', ALL)).toBe(0)
    expect(await other!.streams()).toEqual([])
  })
})
