import { memoryDriver } from '@kairos/core'
import type { EventQuery, EventStorage, KeyRange } from '@kairos/core/driver'
import { describe, expect, it } from 'vitest'
import { createEventStore } from '../../src/index.ts'
import { evict } from '../../src/store/eviction.ts'
import { EvictionMemory } from '../../src/store/eviction-memory.ts'
import { eventLogOf } from '../../src/store/store-registry.ts'

const NOW = 17_953_103_475_320_121n
const pad = 'x'.repeat(1_000)

/** A store that keeps the latest ten events of each stream, and counts the calls of its driver. */
function capped({ hasKeyAt = true } = {}) {
  const driver = memoryDriver()
  const asked = { read: 0, counted: 0 }
  let now = NOW
  const store = createEventStore(
    {
      ...driver,
      async openEvents(schema) {
        const { keyAt, ...storage } = await driver.openEvents!(schema)
        const watched: EventStorage = {
          ...storage,
          async read(stream: string, query: EventQuery) {
            const page = await storage.read(stream, query)
            asked.read += page.events.length
            return page
          },
          async count(stream: string, range: KeyRange) {
            const count = await storage.count(stream, range)
            asked.counted += count
            return count
          },
        }
        return hasKeyAt ? { ...watched, keyAt: keyAt! } : watched
      },
    },
    { retention: { '': { events: 10 } }, now: () => now },
  )
  const memory = new EvictionMemory()
  return {
    store,
    asked,
    pass: (ticks: bigint) => {
      now += ticks
    },
    put: (count: number, before = 0n) =>
      store.put(
        's',
        Array.from({ length: count }, (_, n) => ({ '@time': now - before + BigInt(n), n, pad })),
      ),
    round: () => evict(eventLogOf(store), undefined, memory),
    async left() {
      asked.counted = 0
      return (await store.page('s', { limit: 10_000 })).events.map(({ n }) => n)
    },
  }
}

describe('an eviction', () => {
  it('of a stream far beyond its cap reads no bodies', async () => {
    const { store, asked, put, left } = capped()
    await put(25_000)
    expect(await store.evict()).toEqual([{ namespace: 'kronos', stream: 's', evicted: 24_990 }])
    expect(asked.read).toBe(0)
    expect(await left()).toEqual(Array.from({ length: 10 }, (_, n) => 24_990 + n))
  })

  it('finds its end by pages if the driver has no keyAt', async () => {
    const { store, asked, put, left } = capped({ hasKeyAt: false })
    await put(2_510)
    expect(await store.evict()).toMatchObject([{ evicted: 2_500 }])
    expect(asked.read).toBeGreaterThan(2_000)
    expect(await left()).toEqual(Array.from({ length: 10 }, (_, n) => 2_500 + n))
  })

  it('that is repeated counts only new events while a stream is within its cap', async () => {
    const { asked, put, pass, round } = capped()
    await put(5, 100n)
    await round()
    asked.counted = 0
    await round()
    expect(asked.counted).toBe(0)
    pass(1_000n)
    await put(2)
    expect(await round()).toEqual([])
    expect(asked.counted).toBe(2)
  })

  it('that is repeated has the same result as a single one once a stream has grown', async () => {
    const { put, pass, round, left } = capped()
    await put(8, 100n)
    expect(await round()).toEqual([])
    pass(1_000n)
    await put(5)
    expect(await round()).toMatchObject([{ evicted: 3 }])
    expect(await left()).toEqual([3, 4, 5, 6, 7, 0, 1, 2, 3, 4])
    pass(1_000n)
    await put(1)
    expect(await round()).toMatchObject([{ evicted: 1 }])
    expect(await left()).toHaveLength(10)
  })

  it('that is repeated is not misled by future events that it has deleted', async () => {
    const { put, round, left } = capped()
    await put(30, -1_000n)
    expect(await round()).toMatchObject([{ evicted: 20 }])
    await put(3, -2_000n)
    expect(await round()).toMatchObject([{ evicted: 3 }])
    expect(await left()).toHaveLength(10)
  })

  it('that is repeated notices late events some rounds later', async () => {
    const { put, round, left } = capped()
    await put(8, 100n)
    await round()
    await put(8, 10_000n)
    const rounds: unknown[] = []
    for (let n = 0; n < 12; n++) rounds.push(...(await round()))
    expect(rounds).toMatchObject([{ evicted: 6 }])
    expect(await left()).toHaveLength(10)
  })
})
