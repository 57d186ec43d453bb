import { KairosError } from '@kairos/core'
import { describe, expect, it } from 'vitest'
import { MISTAKES } from '../support/deletions.ts'
import { collect, drivers, NOW, numbers, storeOf } from '../support/stores.ts'

const ID = '13814002-1dd2-11b2-8000-00000000abcd'

describe.each(drivers)('an event store on %s', (_name, create) => {
  it('returns events as they were put, in the order of their times', async () => {
    const store = storeOf(create)
    const data = {
      big: 2n ** 63n - 1n,
      text: 'caf\u00e9 \ud83d\ude00 \0',
      list: [1.5, null, { 'a.b': '' }],
      none: undefined,
    }
    const { inserted, duplicates, ids } = await store.put('visits', [
      { n: 1, ...data },
      { '@time': '2001-09-09T01:46:40Z', n: 0 },
      { '@time': NOW + 1n, n: 2 },
    ])
    expect({ inserted, duplicates }).toEqual({ inserted: 3, duplicates: 0 })
    const events = await collect(store.get('visits'))
    const { none: _, ...kept } = data
    expect(events).toEqual([
      { '@id': ids[1], '@time': 10_000_000_000_000_000n, n: 0 },
      { '@id': ids[0], '@time': NOW, n: 1, ...kept },
      { '@id': ids[2], '@time': NOW + 1n, n: 2 },
    ])
    await store.close()
  })

  it('stores an id once, however often it is put', async () => {
    const store = storeOf(create)
    const event = { '@id': ID.toUpperCase(), n: 1 }
    expect(await store.put('visits', event)).toEqual({ inserted: 1, duplicates: 0, ids: [ID] })
    expect(await store.put('visits', [event, { n: 2 }, { ...event, n: 3 }])).toMatchObject({
      inserted: 1,
      duplicates: 2,
    })
    expect(await collect(store.get('visits', { end: 2n }))).toEqual([{ '@id': ID, '@time': 2n, n: 1 }])
    const twice = await store.put('others', [event, { n: 2 }, { ...event, n: 3 }])
    expect(twice).toMatchObject({ inserted: 2, duplicates: 1 })
    expect(numbers(await collect(store.get('others')))).toEqual([1, 2])
  })

  it('keeps the order of events of one time', async () => {
    const store = storeOf(create)
    for (let call = 0; call < 3; call++) {
      await store.put(
        'visits',
        Array.from({ length: 500 }, (_, n) => ({ n: call * 500 + n })),
      )
    }
    expect(numbers(await collect(store.get('visits')))).toEqual(Array.from({ length: 1_500 }, (_, n) => n))
  })

  it('takes many and large events at once', async () => {
    const store = storeOf(create)
    const events = Array.from({ length: 2_500 }, (_, n) => ({
      '@time': BigInt(2_500 - n),
      n,
      text: 'x'.repeat(n % 100 === 0 ? 100_000 : 10),
    }))
    expect(await store.put('visits', events)).toMatchObject({ inserted: 2_500 })
    expect(numbers(await collect(store.get('visits', { order: 'descending' })))).toEqual(events.map(({ n }) => n))
  })

  it('checks all events before it stores one', async () => {
    const store = storeOf(create)
    const wrong = [
      { '@time': 'yesterday' },
      { '@time': -122_192_928_000_000_001n },
      { '@time': 1_030_728_576_606_846_976n },
      { '@id': 'my-own-id' },
      { '@id': ID, '@time': 3n },
      { value: Number.NaN },
      { value: new Map() },
    ]
    for (const event of wrong) {
      const error = await store.put('visits', [{ n: 1 }, event]).catch((reason: unknown) => reason)
      expect(error).toMatchObject({ code: 'KAIROS_INVALID_VALUE', stream: 'visits', index: 1 })
    }
    for (const event of [5, null, [1], 'x'])
      await expect(store.put('visits', [event as never])).rejects.toThrow(KairosError)
    expect(await store.streams()).toEqual([])
  })

  it.each(['', 'a b', 'a\n', '\u00e9', '@x', 'x'.repeat(2_049), 5, null, '../x', 'a:b'])(
    'refuses the stream %j',
    async (stream) => {
      const store = storeOf(create)
      for (const call of [
        () => store.put(stream as never, {}),
        () => collect(store.get(stream as never)),
        () => store.page(stream as never),
        () => store.delete(stream as never),
        () => store.inferSchema(stream as never),
      ]) {
        await expect(call()).rejects.toMatchObject({ code: 'KAIROS_INVALID_VALUE' })
      }
    },
  )

  it('refuses unknown options, namespaces and orders', async () => {
    const store = storeOf(create)
    await expect(store.put('s', {}, { stream: 's' } as never)).rejects.toMatchObject({
      code: 'KAIROS_INVALID_CONFIG',
      path: 'stream',
    })
    await expect(collect(store.get('s', { from: 1 } as never))).rejects.toMatchObject({ path: 'from' })
    await expect(collect(store.get('s', { order: 'DESCENDING' as never }))).rejects.toMatchObject({ path: 'order' })
    await expect(collect(store.get('s', { limit: 1.5 }))).rejects.toMatchObject({ path: 'limit' })
    await expect(store.streams({ namespace: 'other' })).rejects.toMatchObject({
      code: 'KAIROS_UNKNOWN_NAMESPACE',
      namespace: 'other',
      known: ['kronos'],
    })
  })

  it('reads ranges, limits and after an event, in both orders', async () => {
    const store = storeOf(create)
    const { ids } = await store.put(
      'visits',
      Array.from({ length: 10 }, (_, n) => ({ '@time': BigInt(n >> 1), n })),
    )
    const read = async (options: object): Promise<unknown[]> => numbers(await collect(store.get('visits', options)))
    expect(await read({ start: 1n, end: 2n })).toEqual([2, 3, 4, 5])
    expect(await read({ start: 3n, end: 2n })).toEqual([])
    expect(await read({ limit: 0 })).toEqual([])
    expect(await read({ limit: 3 })).toEqual([0, 1, 2])
    expect(await read({ limit: 3, order: 'descending' })).toEqual([9, 8, 7])
    expect(await read({ after: ids[6]! })).toEqual([7, 8, 9])
    expect(await read({ after: ids[6]!, order: 'descending' })).toEqual([5, 4, 3, 2, 1, 0])
    expect(await read({ after: ids[2]!, start: 4n })).toEqual([8, 9])
    expect(await read({ after: ids[2]!, end: 1n })).toEqual([3])
    expect(await read({ after: '13814001-1dd2-11b2-8000-000000000000' })).toEqual([2, 3, 4, 5, 6, 7, 8, 9])
    await expect(read({ after: 'nonsense' })).rejects.toThrow(KairosError)
  })

  it('deletes by range, by id and after an event, and counts first', async () => {
    const store = storeOf(create)
    const { ids } = await store.put(
      'visits',
      Array.from({ length: 10 }, (_, n) => ({ '@time': BigInt(n), n })),
    )
    expect(await store.delete('visits', { start: 2n, end: 4n, dryRun: true })).toBe(3)
    expect(await store.delete('visits', { start: 2n, end: 4n })).toBe(3)
    expect(await store.delete('visits', { id: ids[0]!, dryRun: true })).toBe(1)
    expect(await store.delete('visits', { id: [ids[0]!, ids[1]!, ids[1]!, ids[2]!] })).toBe(2)
    expect(await store.delete('visits', { after: ids[7]! })).toBe(2)
    expect(numbers(await collect(store.get('visits')))).toEqual([5, 6, 7])
    await expect(store.delete('visits', { id: ids[5]!, end: 9n })).rejects.toMatchObject({
      code: 'KAIROS_INVALID_CONFIG',
    })
    expect(await store.delete('visits')).toBe(3)
    expect(await store.streams()).toEqual([])
    expect(await store.delete('unknown')).toBe(0)
  })

  it.each(MISTAKES)('deletes nothing with the options %o', async (options) => {
    const store = storeOf(create, { namespaces: ['kronos', 'other'] })
    await store.put('visits', [{ n: 1 }, { n: 2 }])
    await expect(store.delete('visits', options as never)).rejects.toSatisfy(KairosError.is)
    expect(numbers(await collect(store.get('visits')))).toEqual([1, 2])
  })

  it('accepts an undefined signal in a delete, since it selects no events', async () => {
    const store = storeOf(create)
    const { ids } = await store.put('visits', [{ n: 1 }, { n: 2 }])
    expect(await store.delete('visits', { id: ids[0]!, signal: undefined } as never)).toBe(1)
    expect(await store.delete('visits', { id: [] })).toBe(0)
    expect(await store.delete('visits', {})).toBe(1)
  })

  it('keeps namespaces apart, whatever their names', async () => {
    const namespaces = ['kronos', 'caf\u00e9', 'a/b:c{d}*', '__proto__']
    const store = storeOf(create, { namespaces })
    for (const [n, namespace] of namespaces.entries()) await store.put('s', { '@time': 1n, n }, { namespace })
    for (const [n, namespace] of namespaces.entries()) {
      expect(numbers(await collect(store.get('s', { namespace })))).toEqual([n])
      expect(await store.streams({ namespace })).toEqual(['s'])
    }
  })

  it('lists streams sorted, by prefix', async () => {
    const store = storeOf(create)
    for (const stream of ['b', 'a.2', 'a.1', 'A']) await store.put(stream, {})
    expect(await store.streams()).toEqual(['A', 'a.1', 'a.2', 'b'])
    expect(await store.streams({ prefix: 'a' })).toEqual(['a.1', 'a.2'])
  })

  it('infers the schema of the newest events up to now', async () => {
    const store = storeOf(create)
    expect(await store.inferSchema('visits')).toEqual({ type: 'null' })
    await store.put('visits', [
      { '@time': -1n, before: 1 },
      { '@time': 1n, old: 1, v: 1 },
      { '@time': 2n, v: null },
      { '@time': 3n, v: 2.5 },
      { '@time': NOW + 1n, future: 1 },
    ])
    expect(await store.inferSchema('visits', { sample: 2 })).toEqual({
      type: 'object',
      properties: { '@id': { type: 'string' }, '@time': { type: 'integer' }, v: { type: 'number' } },
      required: ['@id', '@time', 'v'],
    })
    expect((await store.inferSchema('visits')).properties).toHaveProperty('old')
    expect((await store.inferSchema('visits')).properties).not.toHaveProperty('future')
  })

  it('stops at the signal, and refuses calls after closing', async () => {
    const store = storeOf(create)
    await store.put('visits', [{ n: 1 }, { n: 2 }])
    await expect(store.put('visits', {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'KAIROS_ABORTED',
    })
    const reading = store.get('visits')
    await reading.next()
    await store.close()
    await expect(store.put('visits', {})).rejects.toMatchObject({ code: 'KAIROS_CLOSED' })
    await expect(collect(store.get('visits'))).rejects.toMatchObject({ code: 'KAIROS_CLOSED' })
  })
})

describe('an event store', () => {
  it.each([
    [{ namespaces: [] }, 'namespaces'],
    [{ namespaces: ['a', 'a'] }, 'namespaces[1]'],
    [{ namespaces: [''] }, 'namespaces[0]'],
    [{ namespaces: ['\ud800'] }, 'namespaces[0]'],
    [{ retention: { a: { age: -1 } } }, 'retention["a"].age'],
    [{ retention: { a: { events: 1.5 } } }, 'retention["a"].events'],
    [{ retention: { a: { days: 1 } } }, 'days'],
    [{ namespace: 'x' }, 'namespace'],
  ])('refuses the configuration %j', (config, path) => {
    expect(() => storeOf(drivers[0]![1], config as never)).toThrow(
      expect.objectContaining({ code: 'KAIROS_INVALID_CONFIG', path }),
    )
  })

  it('refuses a driver without event streams', async () => {
    const { openEvents: _, capabilities, ...driver } = drivers[0]![1]()
    const { events: __, ...without } = capabilities
    const store = storeOf(() => ({ ...driver, capabilities: without }))
    await expect(store.put('s', {})).rejects.toMatchObject({
      code: 'KAIROS_UNSUPPORTED',
      feature: 'events',
      driver: 'memory',
    })
  })

  it('refuses a body that is too large for the driver, before any I/O', async () => {
    const driver = drivers[0]![1]()
    const capabilities = { ...driver.capabilities, events: { atomic: true, maxBodyLength: 1_000_000 } }
    const store = storeOf(() => ({ ...driver, capabilities }))
    const put = store.put('s', [{ n: 1 }, { text: 'x'.repeat(1_000_000) }])
    await expect(put).rejects.toMatchObject({ code: 'KAIROS_INVALID_VALUE', index: 1 })
    await expect(put).rejects.toThrow(/at most 1000000 characters of JSON/)
    expect(await store.streams()).toEqual([])
  })

  it('reacts to a signal while it reads from a synchronous store', async () => {
    const store = storeOf(drivers[0]![1])
    await store.put(
      's',
      Array.from({ length: 5_000 }, (_, n) => ({ n })),
    )
    // Aborts by a timer, which only fires if the read yields.
    const signal = AbortSignal.timeout(50)
    const read = async (): Promise<void> => {
      for (;;) {
        for await (const _ of store.get('s', { signal })) {
          // Slow work of the reader.
          for (const until = performance.now() + 0.05; performance.now() < until; );
        }
      }
    }
    await expect(read()).rejects.toMatchObject({ code: 'KAIROS_ABORTED' })
  })

  it('reacts to a signal while it opens', async () => {
    const driver = drivers[0]![1]()
    const store = storeOf(() => ({ ...driver, openEvents: () => new Promise(() => {}) }))
    await expect(store.put('s', {}, { signal: AbortSignal.timeout(10) })).rejects.toMatchObject({
      code: 'KAIROS_ABORTED',
    })
  })
})
