import { once } from 'node:events'
import { memoryDriver } from '@kairos/core'
import { afterAll, describe, expect, it } from 'vitest'
import { createEventClient, type EventClientOptions, type LostEvent } from '../../src/index.ts'
import { serve } from '../support/served.ts'
import { collect, numbers } from '../support/stores.ts'

describe('writing in the background', async () => {
  const { url, store } = await serve(memoryDriver())
  const { url: collector } = await serve(memoryDriver(), {}, { maxBodyBytes: 150 })

  function clientOf(options: EventClientOptions = {}, at = url) {
    const lost: LostEvent[] = []
    const client = createEventClient(at, {
      library: null,
      onError: (_error, events) => lost.push(...events),
      ...options,
    })
    afterAll(() => client.close().catch(() => {}))
    return { client, lost }
  }

  it('returns ids at once, and stores in order what was enqueued before a flush', async () => {
    const { client } = clientOf()
    const ids = Array.from({ length: 2_500 }, (_, n) => client.enqueue('queued', { '@time': BigInt(n), n })[0])
    await client.flush()
    const events = await collect(store.get('queued'))
    expect(numbers(events)).toEqual(Array.from({ length: 2_500 }, (_, n) => n))
    expect(events.map((event) => event['@id'])).toEqual(ids)
  })

  it('sends by itself after a while', async () => {
    const { client } = clientOf({ background: { interval: 10 } })
    client.enqueue('soon', [{ n: 1 }, { n: 2 }])
    await expect.poll(async () => (await collect(store.get('soon'))).length).toBe(2)
  })

  it('sends waiting events at close, and then refuses more', async () => {
    const { client } = clientOf({ background: { interval: 60_000 } })
    client.enqueue('closing', { n: 1 })
    await client.close()
    expect(numbers(await collect(store.get('closing')))).toEqual([1])
    expect(() => client.enqueue('closing', {})).toThrow(expect.objectContaining({ code: 'KAIROS_CLOSED' }))
  })

  it.each([
    ['drop-new', [0, 1, 2, 3, 4]],
    ['drop-old', [3, 4, 5, 6, 7]],
  ] as const)('holds no more than it may: %s', async (overflow, kept) => {
    const { client, lost } = clientOf({ background: { maxQueued: 5, overflow, interval: 60_000 } })
    for (let n = 0; n < 8; n++) client.enqueue(overflow, { '@time': BigInt(n), n })
    expect(lost.map(({ event }) => event.n)).toEqual(
      [0, 1, 2, 3, 4, 5, 6, 7].filter((n) => !(kept as readonly number[]).includes(n)),
    )
    await expect(client.flush()).rejects.toMatchObject({
      code: 'KAIROS_STORE_FAILED',
      message: expect.stringContaining('3 events were lost'),
    })
    expect(numbers(await collect(store.get(overflow)))).toEqual(kept)
    await client.flush()
  })

  it('reports what a server refuses, and continues with the rest', async () => {
    const { client, lost } = clientOf({ background: { interval: 60_000 } }, collector)
    client.enqueue('refused', { n: 1, text: 'x'.repeat(200) })
    await expect(client.flush()).rejects.toMatchObject({ code: 'KAIROS_STORE_FAILED', cause: { status: 413 } })
    expect(lost).toMatchObject([{ stream: 'refused', namespace: undefined, event: { n: 1 } }])
    client.enqueue('s', {})
    await client.flush()
    expect(await client.streams()).toEqual(['s'])
  })

  it('reports what it could not send when its patience ends', async () => {
    const { client, lost } = clientOf({ patience: 30 }, 'http://127.0.0.1:1')
    client.enqueue('s', [{ n: 1 }, { n: 2 }])
    await expect(client.flush()).rejects.toMatchObject({ message: expect.stringContaining('2 events were lost') })
    expect(lost).toHaveLength(2)
  })

  it('refuses invalid options', () => {
    for (const background of [{ maxQueued: 0 }, { overflow: 'wait' }, { delay: 1 }]) {
      expect(() => createEventClient(url, { background: background as never })).toThrow(
        expect.objectContaining({ code: 'KAIROS_INVALID_CONFIG' }),
      )
    }
  })

  it.each<[string, () => void | Promise<void>]>([
    [
      'throws',
      () => {
        throw new Error('from onError')
      },
    ],
    ['rejects', async () => Promise.reject(new Error('from onError'))],
  ])('continues if onError %s', async (_how, onError) => {
    const warned = once(process, 'warning')
    const { client } = clientOf({ background: { maxQueued: 2, interval: 60_000 }, onError })
    await store.delete('unheard')
    expect(client.enqueue('unheard', [{ n: 0 }, { n: 1 }, { n: 2 }])).toHaveLength(3)
    await expect(client.flush()).rejects.toMatchObject({ code: 'KAIROS_STORE_FAILED' })
    expect(numbers(await collect(store.get('unheard')))).toEqual([0, 1])
    expect(String((await warned)[0])).toContain('onError threw: from onError')
  })

  it('waits in a flush for earlier events, not for later ones', async () => {
    const { client } = clientOf({ background: { interval: 0 } })
    client.enqueue('endless', { n: 'first' })
    let flushed = false
    // This ends when the flush does. A flush that waited for later events would never end.
    const more = async (): Promise<void> => {
      while (!flushed) {
        client.enqueue('endless', {})
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    const coming = more()
    await client.flush()
    flushed = true
    await coming
    expect(numbers(await collect(store.get('endless')))).toContain('first')
  })
})
