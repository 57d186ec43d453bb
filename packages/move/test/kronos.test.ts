import { createEventStore, kronosHandler } from '@kairos/events'
import { describe, expect, it } from 'vitest'
import { importKronos, type KronosProgress } from '../src/index.ts'
import { allOf } from './support/samples.ts'

/** A server in this process. */
function server() {
  const store = createEventStore('memory:', { namespaces: ['kronos', 'other'] })
  const handler = kronosHandler(store)
  const client = { fetch: ((url, init) => handler(new Request(url, init))) as typeof fetch }
  return { store, client, url: 'http://127.0.0.1:8150' }
}

describe('events of a Kronos server', () => {
  it('are brought in with their ids and times, once, and gone on with', async () => {
    const { store, client, url } = server()
    const visits = Array.from({ length: 2_500 }, (_, index) => ({
      '@time': 17_000_000_000_000_000n + BigInt(index),
      page: `/${index % 9}`,
      user: 2n ** 60n,
    }))
    await store.put('visits', visits)
    await store.put('orders', [{ '@time': '2024-02-29', total: 1.5, tags: ['a', null] }])
    const events = createEventStore('memory:')
    const seen: KronosProgress[] = []
    const first = await importKronos(url, events, {
      client,
      streams: ['visits'],
      end: 17_000_000_000_001_999n,
      onProgress: (progress) => seen.push(progress),
    })
    expect(first).toEqual({ streams: 1, inserted: 2_000, duplicates: 0 })
    expect(seen.at(-1)).toEqual({ stream: 'visits', inserted: 2_000, duplicates: 0 })
    // The newest is read once more.
    expect(await importKronos(url, events, { client, resume: true })).toEqual({
      streams: 2,
      inserted: 501,
      duplicates: 1,
    })
    expect(await importKronos(url, events, { client })).toEqual({ streams: 2, inserted: 0, duplicates: 2_501 })
    for (const stream of ['visits', 'orders'])
      expect(await allOf(events.get(stream))).toEqual(await allOf(store.get(stream)))
  })

  it('come from a namespace, into a namespace', async () => {
    const { store, client, url } = server()
    await store.put('visits', [{ page: '/' }], { namespace: 'other' })
    const events = createEventStore('memory:', { namespaces: ['kronos', 'old'] })
    const result = await importKronos(url, events, { client, from: 'other', namespace: 'old' })
    expect(result).toEqual({ streams: 1, inserted: 1, duplicates: 0 })
    expect(await events.streams({ namespace: 'old' })).toEqual(['visits'])
  })

  it('are refused with options that are wrong', async () => {
    const { url } = server()
    const events = createEventStore('memory:')
    await expect(importKronos(url, events, { streams: 'a' } as never)).rejects.toThrow(
      'streams must be a list of streams',
    )
    await expect(importKronos(url, events, { stream: 'a' } as never)).rejects.toThrow('stream is not an option')
  })
})
