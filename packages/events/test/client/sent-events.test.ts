import { memoryDriver } from '@kairos/core'
import { describe, expect, it } from 'vitest'
import { createEventClient, type LostEvent } from '../../src/index.ts'
import { serve } from '../support/served.ts'
import { collect, numbers } from '../support/stores.ts'

function nested(levels: number): object {
  let value: object = {}
  for (let level = 1; level < levels; level++) value = { a: value }
  return value
}

describe('what a client sends', async () => {
  const { url, store } = await serve(memoryDriver())
  const client = createEventClient(url)

  it.each([
    ['a number', [5]],
    ['a text', ['abc']],
    ['null', [null]],
    ['a list', [[1, 2]]],
    ['a Map', [new Map([['a', 1]])]],
    ['a Date', [new Date(0)]],
    ['a promise', [Promise.resolve({})]],
    ['an instance of a class', [new (class Visit {})()]],
    ['an invalid date', [{ at: new Date(Number.NaN) }]],
  ])('must be events: %s is refused, as by a store', async (_what, events) => {
    for (const put of [client.put, store.put, async () => client.enqueue('refused', events as never)]) {
      await expect(put('refused', events as never)).rejects.toMatchObject({ code: 'KAIROS_INVALID_VALUE', index: 0 })
    }
    expect(await store.streams({ prefix: 'refused' })).toEqual([])
  })

  it('may be nested as deeply as in a store', async () => {
    const event = nested(100)
    expect(await store.put('deep', event)).toMatchObject({ inserted: 1 })
    expect(await client.put('deep', event)).toMatchObject({ inserted: 1 })
    for await (const { a } of client.get('deep')) expect(a).toEqual((event as { a: object }).a)
    await expect(client.put('deep', nested(101))).rejects.toMatchObject({ code: 'KAIROS_INVALID_VALUE' })
    expect(await client.inferSchema('deep')).toEqual(await store.inferSchema('deep'))
  })

  it('may be the ids of more events than one request may delete', async () => {
    const { ids } = await store.put(
      'ids',
      Array.from({ length: 10_001 }, (_, n) => ({ n })),
    )
    expect(await client.delete('ids', { id: ids, dryRun: true })).toBe(10_001)
    expect(await client.delete('ids', { id: ids.slice(1) })).toBe(10_000)
    expect(numbers(await collect(store.get('ids')))).toEqual([0])
    expect(await client.delete('ids', { id: [] })).toBe(0)
  })
})

describe('a server with smaller limits', async () => {
  const { url, store } = await serve(memoryDriver(), {}, { maxEvents: 3, maxBodyBytes: 2_000 })
  const lost: LostEvent[] = []
  const client = createEventClient(url, { onError: (_error, events) => lost.push(...events) })
  const events = Array.from({ length: 20 }, (_, n) => ({
    '@time': BigInt(n),
    n,
    text: n === 7 ? 'x'.repeat(3_000) : '',
  }))
  const stored = [...Array(20).keys()].filter((n) => n !== 7)

  it('gets all events in smaller requests', async () => {
    expect(
      await client.put(
        'put',
        events.filter(({ n }) => n !== 7),
      ),
    ).toMatchObject({ inserted: 19 })
    expect(numbers(await collect(store.get('put')))).toEqual(stored)
  })

  it('gets all events but the one that is too large', async () => {
    client.enqueue('queued', events)
    await expect(client.flush()).rejects.toMatchObject({ message: expect.stringMatching(/^1 events were lost/) })
    expect(lost.map(({ event }) => event.n)).toEqual([7])
    expect(numbers(await collect(store.get('queued')))).toEqual(stored)
    const error = await client.put('partial', events).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ status: 413, stored: (await collect(store.get('partial'))).length })
  })
})
