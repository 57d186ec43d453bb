import { describe, expect, it } from 'vitest'
import type { EventsPage, Order } from '../../src/index.ts'
import { drivers, numbers, storeOf } from '../support/stores.ts'

describe.each(drivers)('pages on %s', (_name, create) => {
  it.each<Order>(['ascending', 'descending'])('go forward and back again, %s', async (order) => {
    const store = storeOf(create)
    await store.put(
      'visits',
      Array.from({ length: 10 }, (_, n) => ({ '@time': BigInt(n >> 1), n })),
    )
    const all = Array.from({ length: 10 }, (_, n) => (order === 'ascending' ? n : 9 - n))
    const pages: EventsPage[] = []
    for (let cursor: string | undefined; pages.length < 10; cursor = pages.at(-1)!.next!) {
      pages.push(await store.page('visits', { order, limit: 4, ...(cursor === undefined ? {} : { cursor }) }))
      if (!pages.at(-1)!.hasMore) break
    }
    expect(pages.map(({ events }) => numbers(events as never))).toEqual([
      all.slice(0, 4),
      all.slice(4, 8),
      all.slice(8),
    ])
    expect(pages[0]!.previous).toBeNull()
    const back = await store.page('visits', { order, limit: 4, cursor: pages[2]!.previous! })
    expect(numbers(back.events as never)).toEqual(all.slice(4, 8))
    expect(back.hasMore).toBe(true)
    const first = await store.page('visits', { order, limit: 4, cursor: back.previous! })
    expect(numbers(first.events as never)).toEqual(all.slice(0, 4))
    expect({ hasMore: first.hasMore, previous: first.previous }).toEqual({ hasMore: false, previous: null })
    const onwards = await store.page('visits', { order, limit: 100, cursor: first.next! })
    expect(numbers(onwards.events as never)).toEqual(all.slice(4))
  })

  it('tell exactly whether there are more events', async () => {
    const store = storeOf(create)
    await store.put(
      'visits',
      Array.from({ length: 4 }, (_, n) => ({ '@time': BigInt(n), n })),
    )
    expect((await store.page('visits', { limit: 4 })).hasMore).toBe(false)
    expect((await store.page('visits', { limit: 3 })).hasMore).toBe(true)
    expect((await store.page('visits', { limit: 3, end: 2n })).hasMore).toBe(false)
    expect(await store.page('unknown')).toEqual({ events: [], next: null, previous: null, hasMore: false })
  })

  it('find events that arrive later', async () => {
    const store = storeOf(create)
    await store.put('visits', { '@time': 1n, n: 1 })
    const { next } = await store.page('visits')
    const empty = await store.page('visits', { cursor: next! })
    expect(empty).toMatchObject({ events: [], next, hasMore: false })
    await store.put('visits', { '@time': 2n, n: 2 })
    expect(numbers((await store.page('visits', { cursor: empty.next! })).events as never)).toEqual([2])
  })

  it.each<Order>(['ascending', 'descending'])('lose no event next to an empty page, %s', async (order) => {
    const store = storeOf(create)
    await store.put(
      'visits',
      Array.from({ length: 4 }, (_, n) => ({ '@time': BigInt(n), n })),
    )
    const all = order === 'ascending' ? [0, 1, 2, 3] : [3, 2, 1, 0]
    const first = await store.page('visits', { order, limit: 2 })
    const second = await store.page('visits', { order, limit: 2, cursor: first.next! })
    const beyond = await store.page('visits', { order, limit: 2, cursor: second.next! })
    expect(beyond.events).toEqual([])
    const last = await store.page('visits', { order, limit: 2, cursor: beyond.previous! })
    expect(numbers(last.events as never)).toEqual(all.slice(2))
    await store.delete('visits', { id: first.events.map((event) => event['@id']) })
    const before = await store.page('visits', { order, limit: 2, cursor: second.previous! })
    expect(before).toMatchObject({ events: [], previous: null, hasMore: false })
    const onwards = await store.page('visits', { order, limit: 2, cursor: before.next! })
    expect(numbers(onwards.events as never)).toEqual(all.slice(2))
  })

  it('end by their bytes, but have at least one event', async () => {
    const store = storeOf(create)
    await store.put(
      'visits',
      Array.from({ length: 6 }, (_, n) => ({ '@time': BigInt(n), n, text: 'x'.repeat(1_000) })),
    )
    const page = await store.page('visits', { maxBytes: 2_500 })
    expect(numbers(page.events as never)).toEqual([0, 1, 2])
    expect(page.hasMore).toBe(true)
    const tiny = await store.page('visits', { maxBytes: 1, cursor: page.next! })
    expect(numbers(tiny.events as never)).toEqual([3])
    const last = await store.page('visits', { maxBytes: 3_000, start: 4n })
    expect({ events: numbers(last.events as never), hasMore: last.hasMore }).toEqual({ events: [4, 5], hasMore: false })
  })

  it('refuse cursors of the other order, and invalid ones', async () => {
    const store = storeOf(create)
    await store.put('visits', [{ n: 1 }, { n: 2 }])
    const { next } = await store.page('visits', { limit: 1 })
    await expect(store.page('visits', { cursor: next!, order: 'descending' })).rejects.toMatchObject({
      code: 'KAIROS_INVALID_VALUE',
    })
    await expect(store.page('visits', { cursor: 'x' })).rejects.toMatchObject({ code: 'KAIROS_INVALID_VALUE' })
    await expect(store.page('visits', { limit: 0 })).rejects.toMatchObject({ path: 'limit' })
  })
})
