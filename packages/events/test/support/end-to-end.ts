import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEventClient, createEventStore, type EventClient, type EventStore } from '../../src/index.ts'
import { serve } from './command.ts'
import { collect, numbers } from './stores.ts'

/** Events through two servers on a store, by its URL; skipped where there is none. */
export function describeEndToEnd(name: string, url: string | undefined): void {
  if (url === undefined) describe.skip(`${name}: its URL is not set`, () => it('serves events', () => {}))
  else describe(`${name}: events of its URL, two servers and a program`, () => serveEvents(url))
}

/** Uses a unique namespace, so that the store may be shared. */
function serveEvents(url: string): void {
  const namespace = `end-to-end-${randomUUID()}`
  const rules = { 'old.': { age: 3_600 }, 'few.': { events: 3 } }
  const start = () =>
    serve('--store', url, '--namespace', namespace, '--max-age', 'old.=3600', '--max-events', 'few.=3')
  let servers: Awaited<ReturnType<typeof start>>[]
  let clients: EventClient[]
  let store: EventStore

  beforeAll(async () => {
    servers = await Promise.all([start(), start()])
    clients = servers.map((server) => createEventClient(server.url, { library: null }))
    store = createEventStore(url, { namespaces: [namespace], retention: rules })
  })
  afterAll(async () => {
    for (const stream of await store.streams()) await store.delete(stream)
    await store.close()
  })

  it('what one server stores, another returns unchanged and in order, as does the store', async () => {
    const events = Array.from({ length: 2_500 }, (_, n) => ({
      '@time': BigInt(Math.floor(n / 7)),
      n,
      big: 2n ** 63n - 1n,
      half: 0.5,
      text: `caf\u00e9 \ud83d\ude00 \0 \\ ' " $ ${'x'.repeat(n % 500 === 0 ? 300_000 : 0)}`,
      list: [null, { 'a.b': '', $where: '1' }, []],
    }))
    const { ids, inserted } = await clients[0]!.put('visits', events)
    expect(inserted).toBe(2_500)
    const found = await collect(clients[1]!.get('visits'))
    expect(found).toEqual(events.map((event, n) => ({ '@id': ids[n], ...event })))
    expect(await collect(store.get('visits', { order: 'descending' }))).toEqual([...found].reverse())
    const some = { start: 10n, end: 20n, order: 'descending', after: ids[100]!, limit: 5 } as const
    expect(numbers(await collect(clients[1]!.get('visits', some)))).toEqual([99, 98, 97, 96, 95])
    expect(await store.put('visits', { '@id': ids[0], n: 'again' })).toMatchObject({ inserted: 0, duplicates: 1 })
    expect((await clients[0]!.inferSchema('visits')).properties?.half).toEqual({ type: 'number' })
  })

  it('pages lead forward and back', async () => {
    const first = await store.page('visits', { limit: 1_000 })
    const second = await store.page('visits', { limit: 1_000, cursor: first.next! })
    const last = await store.page('visits', { limit: 1_000, cursor: second.next! })
    expect([first, second, last].flatMap(({ events }) => numbers(events))).toEqual(
      Array.from({ length: first.events.length + second.events.length + last.events.length }, (_, n) => n),
    )
    const back = await store.page('visits', { limit: 1_000, cursor: second.previous! })
    expect(numbers(back.events)).toEqual(numbers(first.events))
  })

  it('is deleted by range and by id, after it was counted', async () => {
    const { ids } = await store.put(
      'deleted',
      Array.from({ length: 10 }, (_, n) => ({ '@time': BigInt(n), n })),
    )
    expect(await clients[0]!.delete('deleted', { start: 2n, end: 4n, dryRun: true })).toBe(3)
    expect(await clients[0]!.delete('deleted', { start: 2n, end: 4n })).toBe(3)
    expect(await store.delete('deleted', { id: [ids[0]!, ids[3]!] })).toBe(1)
    expect(await clients[1]!.delete('deleted', { after: ids[7]! })).toBe(2)
    expect(numbers(await collect(clients[1]!.get('deleted')))).toEqual([1, 5, 6, 7])
    expect(await clients[0]!.streams()).toEqual(['deleted', 'visits'])
    expect(await store.delete('deleted')).toBe(4)
    expect(await clients[1]!.streams()).toEqual(['visits'])
  })

  it('is evicted when it is too old or too much, and hidden before', async () => {
    const now = Date.now()
    await store.put('old.a', [
      { '@time': new Date(now - 7_200_000), n: 0 },
      { '@time': new Date(now), n: 1 },
    ])
    await store.put('old.b', { '@time': new Date(now - 7_200_000) })
    await store.put(
      'few.a',
      Array.from({ length: 10 }, (_, n) => ({ '@time': BigInt(n), n })),
    )
    expect(numbers(await collect(clients[0]!.get('old.a')))).toEqual([1])
    expect(await clients[0]!.streams({ prefix: 'old.' })).toEqual(['old.a'])
    const evicted = [...(await store.evict())].sort((a, b) => (a.stream < b.stream ? -1 : 1))
    expect(evicted.map(({ stream, evicted: count }) => [stream, count])).toEqual([
      ['few.a', 7],
      ['old.a', 1],
      ['old.b', 1],
    ])
    expect(numbers(await collect(clients[1]!.get('few.a')))).toEqual([7, 8, 9])
  })

  it('is stored once, whatever happens to the first server', async () => {
    const events = Array.from({ length: 3_000 }, (_, n) => ({
      '@id': `${n.toString(16).padStart(8, '0')}-1dd3-11b2-8000-000000000000`,
      n,
    }))
    // Midway, before, or after: the other server gets everything again.
    const leaving = new AbortController()
    const told = clients[0]!.put('told', events, { signal: leaving.signal }).catch(() => {})
    await expect.poll(() => clients[1]!.streams({ prefix: 'told' }), { interval: 5 }).toEqual(['told'])
    servers[0]!.child.kill('SIGKILL')
    leaving.abort()
    const { inserted, duplicates } = await clients[1]!.put('told', events)
    expect(inserted + duplicates).toBe(3_000)
    expect(duplicates).toBeGreaterThan(0)
    await told
    expect(numbers(await collect(clients[1]!.get('told')))).toEqual(events.map(({ n }) => n))
  })
}
