import { memoryDriver } from '@kairos/core'
import { describe, expect, it } from 'vitest'
import { createEventStore, type KronosRouting, kronosHandler } from '../../src/index.ts'

function request(path: string, body?: unknown): Request {
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
  return new Request(`http://localhost${path}`, init)
}

describe('routing', () => {
  const namespaces = ['kronos', 'other']
  const [hot, cold, broken] = ['hot', 'cold', 'broken'].map(() => createEventStore(memoryDriver(), { namespaces }))
  const routing: KronosRouting = {
    stores: { hot: hot!, cold: cold!, broken: broken! },
    namespaces: {
      kronos: {
        '': { stores: ['hot'] },
        both: { stores: ['hot', 'cold'], read: 'cold' },
        'both.cold': { stores: ['cold'] },
      },
      other: { '': { stores: ['cold'] } },
    },
  }
  const handler = kronosHandler(routing, { basePath: '/kronos' })
  const json = async (path: string, body?: unknown): Promise<Record<string, unknown>> =>
    (await (await handler(request(`/kronos/1.0/${path}`, body))).json()) as Record<string, unknown>

  it('writes to every store of the longest prefix, and reads from one of them', async () => {
    const events = { plain: [{ '@time': 1 }], bothx: [{ '@time': 1 }], 'both.cold': [{ '@time': 1 }] }
    expect(await json('events/put', { events })).toMatchObject({
      '@success': true,
      plain: { hot: { num_inserted: 1 } },
      bothx: { hot: { num_inserted: 1 }, cold: { num_inserted: 1 } },
      'both.cold': { cold: { num_inserted: 1 } },
    })
    expect(await hot!.streams()).toEqual(['bothx', 'plain'])
    expect(await cold!.streams()).toEqual(['both.cold', 'bothx'])
    const streams = await (await handler(request('/kronos/1.0/streams', {}))).text()
    expect(streams.split('\r\n').sort()).toEqual(['', 'both.cold', 'bothx', 'plain'])
    await cold!.delete('bothx')
    expect(await (await handler(request('/kronos/1.0/events/get', { stream: 'bothx', end_time: 9 }))).text()).toBe('')
    expect(await json('events/delete', { stream: 'bothx', end_time: 9 })).toMatchObject({
      bothx: { hot: { num_deleted: 1 }, cold: { num_deleted: 0 } },
    })
  })

  it('keeps what the other stores stored if one fails', async () => {
    await cold!.close()
    const answer = await json('events/put', { events: { both: [{ '@time': 1 }] } })
    expect(answer).toMatchObject({
      '@success': false,
      both: { hot: { num_inserted: 1 }, cold: { num_inserted: -1, '@errors': [expect.any(String)] } },
    })
    const { storage } = await json('index')
    expect(storage).toMatchObject({ hot: { alive: true, backend: 'memory' }, cold: { alive: false } })
  })

  it('is mounted at its base path', async () => {
    expect((await handler(request('/1.0/index'))).status).toBe(404)
  })

  const store = createEventStore(memoryDriver())
  it.each<[string, unknown]>([
    ['no route for the rest', { stores: { a: store }, namespaces: { kronos: { x: { stores: ['a'] } } } }],
    ['a store that is not there', { stores: { a: store }, namespaces: { kronos: { '': { stores: ['b'] } } } }],
    [
      'a reader that is not written',
      { stores: { a: store, b: store }, namespaces: { kronos: { '': { stores: ['a'], read: 'b' } } } },
    ],
    ['a route without stores', { stores: { a: store }, namespaces: { kronos: { '': { stores: [] } } } }],
    ['a store without the namespace', { stores: { a: store }, namespaces: { other: { '': { stores: ['a'] } } } }],
    ['no namespace', { stores: { a: store }, namespaces: {} }],
    [
      'an unknown default',
      { stores: { a: store }, namespaces: { kronos: { '': { stores: ['a'] } } }, defaultNamespace: 'x' },
    ],
    ['something else for a store', { stores: { a: {} }, namespaces: { kronos: { '': { stores: ['a'] } } } }],
    ['an unknown key', { stores: { a: store }, namespaces: { kronos: { '': { stores: ['a'] } } }, storage: {} }],
  ])('refuses %s', (_what, wrong) => {
    expect(() => kronosHandler(wrong as never)).toThrow(expect.objectContaining({ code: 'KAIROS_INVALID_CONFIG' }))
  })

  it('refuses unknown modes and options', () => {
    expect(() => kronosHandler(store, { mode: 'write' as never })).toThrow('mode')
    expect(() => kronosHandler(store, { modes: 'all' } as never)).toThrow('modes')
  })
})
