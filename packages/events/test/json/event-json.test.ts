import { describe, expect, it } from 'vitest'
import { parseLine } from '../../src/client/event-lines.ts'
import { createEventStore, fromJson, toJson } from '../../src/index.ts'

const ID = 'a2fc4000-0b7e-11ef-8000-000000000001'
const BIG = 9_007_199_254_740_993n
const input = { '@id': ID, page: '/', big: BIG, deep: { list: [1, BIG, null] }, float: 0.5 }

async function read() {
  const store = createEventStore('memory:')
  await store.put('s', input)
  return (await store.page('s')).events[0]!
}

describe('an event as JSON', () => {
  const text = `{"@id":"${ID}","@time":17149824000000000,"page":"/","big":${BIG},"deep":{"list":[1,${BIG},null]},"float":0.5}`

  it.each([
    ['of a store', read],
    ['of a client', async () => parseLine(text)],
    [
      'of a client, its members in another order',
      async () => parseLine(`{"page":"/",${text.slice(1).replace('"page":"/",', '')}`),
    ],
    ['of its JSON', async () => fromJson(text) as Awaited<ReturnType<typeof read>>],
  ])('is written without loss: %s', async (_where, event) => {
    const written = [JSON.stringify(await event()), toJson(await event())]
    for (const json of written) expect(fromJson(json)).toEqual(fromJson(text))
    expect(JSON.stringify({ events: [await event()] })).toContain(`"big":${BIG}`)
    expect(toJson({ events: [await event()] })).toContain('"@time":17149824000000000')
  })

  it('has no visible toJSON member', async () => {
    const event = await read()
    expect(Object.keys(event)).toEqual(['@id', '@time', 'page', 'big', 'deep', 'float'])
    expect(event).toStrictEqual({ ...input, '@time': 17_149_824_000_000_000n })
    expect(structuredClone(event)).toEqual({ ...event })
    expect(Object.keys({ ...event })).not.toContain('toJSON')
  })

  it('can be put again, also nested in another event', async () => {
    const event = await read()
    const store = createEventStore('memory:')
    await store.put('s', [fromJson(JSON.stringify(event)) as object, { inner: event }])
    const [first, second] = (await store.page('s')).events
    expect(first).toEqual(event)
    expect(second?.inner).toEqual({ ...event })
  })

  it('may have its own member named toJSON', async () => {
    const store = createEventStore('memory:')
    await store.put('s', { toJSON: 'text' })
    expect((await store.page('s')).events[0]?.toJSON).toBe('text')
  })

  it('has a bigint as its time, however small', () => {
    expect(fromJson(`[{"@id":"${ID}","@time":5},{"@time":5}]`)).toEqual([{ '@id': ID, '@time': 5n }, { '@time': 5 }])
  })

  it.each(['', '{', '{"a":NaN}', undefined])('is not %j', (text) => {
    expect(() => fromJson(text as never)).toThrow(expect.objectContaining({ code: 'KAIROS_INVALID_VALUE' }))
  })

  it('refuses what JSON cannot express', () => {
    for (const value of [Number.NaN, new Map(), undefined, 2n ** 64n])
      expect(() => toJson({ value: [value] })).toThrow(expect.objectContaining({ code: 'KAIROS_INVALID_VALUE' }))
    expect(toJson({ '': -0, large: 1e21 })).toBe('{"":-0.0,"large":1e+21}')
  })
})
