import { describe, expect, it } from 'vitest'
import { collect, drivers, NOW, numbers, storeOf } from '../support/stores.ts'

const SECOND = 10_000_000n
const retention = { '': { age: 3_600 }, 'log.': { events: 3 }, 'log.short.': { age: 60, events: 2 } }

describe.each(drivers)('retention on %s', (_name, create) => {
  it('hides old events at once, and evict deletes them', async () => {
    let now = NOW
    const store = storeOf(create, { retention, now: () => now })
    await store.put(
      'visits',
      [0n, 30n, 60n].map((minute) => ({ '@time': now - minute * 60n * SECOND, n: Number(minute) })),
    )
    expect(numbers(await collect(store.get('visits')))).toEqual([60, 30, 0])
    now += 1n
    expect(numbers(await collect(store.get('visits', { order: 'descending' })))).toEqual([0, 30])
    expect(numbers((await store.page('visits')).events as never)).toEqual([30, 0])
    now += 3_600n * SECOND
    expect(await collect(store.get('visits'))).toEqual([])
    expect(await store.streams()).toEqual([])
    expect(await store.evict()).toEqual([{ namespace: 'kronos', stream: 'visits', evicted: 3 }])
    expect(await store.evict()).toEqual([])
  })

  it('keeps the latest events of each stream, by the longest prefix', async () => {
    const store = storeOf(create, { retention })
    const events = Array.from({ length: 5 }, (_, n) => ({ '@time': NOW - BigInt(5 - n) * 20n * SECOND, n }))
    for (const stream of ['log.a', 'log.short.b', 'logs']) await store.put(stream, events)
    expect([...(await store.evict())].sort((a, b) => (a.stream < b.stream ? -1 : 1))).toEqual([
      { namespace: 'kronos', stream: 'log.a', evicted: 2 },
      { namespace: 'kronos', stream: 'log.short.b', evicted: 3 },
    ])
    expect(numbers(await collect(store.get('log.a')))).toEqual([2, 3, 4])
    expect(numbers(await collect(store.get('log.short.b')))).toEqual([3, 4])
    expect(numbers(await collect(store.get('logs')))).toEqual([0, 1, 2, 3, 4])
  })

  it('keeps the same number if two processes evict at the same time', async () => {
    const driver = create()
    const [one, other] = [driver, driver].map((each) => storeOf(() => each, { retention }))
    await one!.put(
      'log.a',
      Array.from({ length: 20 }, (_, n) => ({ '@time': NOW + BigInt(n), n })),
    )
    await Promise.all([one!.evict(), other!.evict()])
    expect(numbers(await collect(one!.get('log.a')))).toEqual([17, 18, 19])
  })
})
