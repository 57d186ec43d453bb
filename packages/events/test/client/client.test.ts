import { KairosError } from '@kairos/core'
import { describe, expect, it } from 'vitest'
import { createEventClient } from '../../src/index.ts'
import { MISTAKES } from '../support/deletions.ts'
import { serve } from '../support/served.ts'
import { collect, drivers, NOW, numbers } from '../support/stores.ts'

describe.each(drivers)('a client of a server on %s', async (_name, create) => {
  const { url, store } = await serve(create(), { namespaces: ['kronos', 'other'], now: () => NOW })
  const client = createEventClient(url, { now: () => NOW, library: null })

  it('puts and gets events as a store does', async () => {
    const data = { big: 2n ** 63n - 1n, text: 'caf\u00e9 \ud83d\ude00 \0', list: [1.5, null, { 'a.b': '' }] }
    const put = await client.put('visits', [
      { n: 1, ...data },
      { '@time': '2001-09-09', n: 0 },
    ])
    expect(put).toMatchObject({ inserted: 2, duplicates: 0 })
    const events = await collect(client.get('visits'))
    expect(events).toEqual(await collect(store.get('visits')))
    expect(events[1]).toEqual({ '@id': put.ids[0], '@time': NOW, n: 1, ...data })
    expect(await client.put('visits', { '@id': put.ids[0], n: 5 })).toEqual({
      inserted: 0,
      duplicates: 1,
      ids: [put.ids[0]],
    })
  })

  it('reads ranges, limits and after an event, in both orders', async () => {
    const { ids } = await client.put(
      'ranges',
      Array.from({ length: 10 }, (_, n) => ({ '@time': BigInt(n >> 1), n })),
    )
    const read = async (options: object): Promise<unknown[]> => numbers(await collect(client.get('ranges', options)))
    expect(await read({ start: 1n, end: 2n })).toEqual([2, 3, 4, 5])
    expect(await read({ limit: 0 })).toEqual([])
    expect(await read({ limit: 3, order: 'descending' })).toEqual([9, 8, 7])
    expect(await read({ after: ids[6]! })).toEqual([7, 8, 9])
    expect(await read({ after: ids[6]!, limit: 3, order: 'descending' })).toEqual([5, 4, 3])
    expect(await read({ after: ids[2]!, start: 4n })).toEqual([8, 9])
    expect(await read({ after: ids[9]!, end: 1n, order: 'descending' })).toEqual([3, 2, 1, 0])
    expect(await read({ after: ids[1]!, start: 1n, order: 'descending' })).toEqual([])
  })

  it('sends many and large events in several requests', async () => {
    const events = Array.from({ length: 2_500 }, (_, n) => ({
      '@time': BigInt(n),
      n,
      text: 'x'.repeat(n % 500 === 0 ? 600_000 : 10),
    }))
    expect(await client.put('many', events)).toMatchObject({ inserted: 2_500 })
    expect(numbers(await collect(client.get('many')))).toEqual(events.map(({ n }) => n))
  })

  it('deletes, lists streams, infers schemas and asks the index', async () => {
    const { ids } = await client.put(
      'some',
      [1, 2, 3, 4].map((n) => ({ '@time': BigInt(n), n })),
    )
    expect(await client.delete('some', { end: 2n, dryRun: true })).toBe(2)
    expect(await client.delete('some', { id: [ids[0]!, ids[3]!] })).toBe(2)
    expect(await client.delete('some', { after: ids[1]! })).toBe(1)
    expect(numbers(await collect(client.get('some')))).toEqual([2])
    expect(await client.streams({ prefix: 'so' })).toEqual(['some'])
    expect(await client.inferSchema('some')).toEqual(await store.inferSchema('some'))
    expect(await client.index()).toMatchObject({ service: 'kronosd', version: '0.6.2', keepsIds: true })
  })

  it.each(MISTAKES)('deletes nothing with the options %o', async (options) => {
    const { ids } = await client.put('kept', [{ n: 1 }, { n: 2 }])
    await expect(client.delete('kept', options as never)).rejects.toSatisfy(KairosError.is)
    expect(await client.delete('kept', { id: ids })).toBe(2)
  })

  it("stays in its namespace if a call's namespace is undefined", async () => {
    const other = createEventClient(url, { namespace: 'other', now: () => NOW })
    const call = { namespace: undefined } as never
    await other.put('led', { n: 1 }, call)
    other.enqueue('led', { n: 2 }, call)
    await other.flush()
    expect(numbers(await collect(other.get('led', call)))).toEqual([1, 2])
    expect(await other.streams(call)).toContain('led')
    expect(await client.streams()).not.toContain('led')
    expect((await other.inferSchema('led', call)).type).toBe('object')
    await expect(other.delete('led', call)).rejects.toMatchObject({ path: 'namespace' })
    expect(await other.delete('led')).toBe(2)
  })

  it("writes to its namespace, or the call's", async () => {
    const other = createEventClient(url, { namespace: 'other', library: { name: 'mine', version: '1' } })
    await other.put('apart', { n: 1 })
    await other.put('apart', { n: 2 }, { namespace: 'kronos' })
    expect(numbers(await collect(other.get('apart')))).toEqual([1])
    expect(await other.streams()).toEqual(['apart'])
    expect((await collect(client.get('apart')))[0]).toMatchObject({ n: 2, '@library': { name: 'mine', version: '1' } })
    expect(await other.delete('apart')).toBe(1)
  })

  it.each([
    ['before', 2n, 0, [0, 1]],
    ['at', 1n, 1, [0, 1]],
    ['after', 1n, 2, [0, 1, 2]],
  ])('deletes within both bounds, where the event to delete after is %s the start', async (_where, start, at, left) => {
    const events = [0n, 1n, 2n, 3n].map((time) => ({ '@time': time, n: Number(time) }))
    await client.delete('bounded')
    const { ids } = await client.put('bounded', events)
    const bounds = { start, after: ids[at]! }
    expect(await store.delete('bounded', { ...bounds, dryRun: true })).toBe(4 - left.length)
    await client.delete('bounded', bounds)
    expect(numbers(await collect(store.get('bounded')))).toEqual(left)
  })

  it('checks before it sends, and reports what the server refused', async () => {
    await expect(client.put('visits', [{}, { value: Number.NaN }])).rejects.toMatchObject({
      code: 'KAIROS_INVALID_VALUE',
      index: 1,
    })
    await expect(client.put('a b', {})).rejects.toMatchObject({ code: 'KAIROS_INVALID_VALUE' })
    const refused = client.put('visits', {}, { namespace: 'missing' })
    await expect(refused).rejects.toMatchObject({
      code: 'KAIROS_STORE_FAILED',
      status: 400,
      retryable: false,
      errors: [expect.any(String)],
    })
    await expect(collect(client.get('visits', { namespace: 'missing' }))).rejects.toMatchObject({ status: 400 })
  })

  it('stops at the signal', async () => {
    const controller = new AbortController()
    const reading = client.get('many', { signal: controller.signal })
    await reading.next()
    controller.abort()
    await expect(collect(reading)).rejects.toMatchObject({ code: 'KAIROS_ABORTED' })
  })
})

describe('a client', () => {
  it.each(['', 'localhost:8150', 'ftp://x', 5])('refuses the URL %j', (url) => {
    expect(() => createEventClient(url as never)).toThrow(expect.objectContaining({ code: 'KAIROS_INVALID_CONFIG' }))
  })

  it('refuses a URL with parameters, to which no path can be added, without showing them', () => {
    expect(() => createEventClient('http://x:8150/?token=hunter2')).toThrow(
      "url must be a server's URL without parameters; a token goes into the option token",
    )
  })

  it('deletes no more on the original, where an id replaces the start', async () => {
    const bodies: string[] = []
    const client = createEventClient('http://original', {
      fetch: async (_url, init) => {
        bodies.push(String(init?.body))
        return Response.json({ s: { memory: { num_deleted: 0 } }, '@success': true, '@took': '0ms' })
      },
    })
    const after = '13814002-1dd2-11b2-8000-00000000abcd'
    await client.delete('s', { start: 3n, after })
    await client.delete('s', { start: 2n, after })
    expect(bodies[0]).not.toContain('start_id')
    expect(bodies[1]).toContain(`"start_id":"${after}"`)
  })

  it('gives up when its patience ends and nothing responds', async () => {
    const client = createEventClient('http://127.0.0.1:1', { patience: 50 })
    await expect(client.put('s', {})).rejects.toMatchObject({ code: 'KAIROS_STORE_FAILED', retryable: true })
    await expect(collect(client.get('s'))).rejects.toMatchObject({ code: 'KAIROS_STORE_FAILED' })
    await expect(client.streams()).rejects.toMatchObject({ code: 'KAIROS_STORE_FAILED' })
  })
})
