import { once } from 'node:events'
import { memoryDriver } from '@kairos/core'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { AccessEntry } from '../../src/index.ts'
import { eventsIn, exchange } from '../support/exchange.ts'
import { serve } from '../support/served.ts'

const ID = '13814002-1dd2-11b2-8000-00000000abcd'

describe('the protocol, where it improves on the original', async () => {
  const { url } = await serve('memory:', { namespaces: ['kronos', 'other'] })
  const post = (path: string, body: unknown) => exchange(url, `/1.0/${path}`, body)
  const refusal = {
    '@success': false,
    '@errors': [expect.any(String)],
    '@took': expect.stringMatching(/^\d+\.\d{6}ms$/),
  }

  it.each([
    ['events/get', { stream: 's', end_time: 1, namespace: 'missing' }],
    ['streams', { namespace: 'missing' }],
    ['streams', { namespace: '' }],
    ['streams', { namespace: 5 }],
    ['events/get', { stream: 's' }],
    ['events/get', { stream: 's', end_time: null }],
    ['events/get', { stream: 's', end_time: 1, start_time: null }],
    ['events/get', { stream: 's', end_time: 1, limit: null }],
    ['events/get', { stream: 's', end_time: 1.5 }],
    ['events/get', { stream: 's', end_time: 'x' }],
    ['events/get', { stream: 's', end_time: '1.5' }],
    ['events/get', { stream: 's', end_time: true }],
    ['events/get', { stream: 's', end_time: 1, order: 'DESCENDING' }],
    ['events/get', { stream: 's', end_time: 1, order: null }],
    ['events/get', { stream: 's', end_time: 1, start_id: 'nonsense' }],
    ['events/get', { stream: 's', end_time: 1, start_id: 5 }],
    ['events/get', { stream: 'a\n', end_time: 1 }],
    ['events/get', []],
    ['events/delete', { stream: 's', end_time: 1, start_id: 'nonsense' }],
    ['events/delete', { stream: 'a b', end_time: 1 }],
    ['events/delete', { stream: 's' }],
    ['events/delete', { stream: 's', id: 'nonsense' }],
    ['events/delete', { stream: 's', end_time: 1, dry_run: 'yes' }],
    ['events/put', { events: { s: { a: 1 } } }],
    ['events/put', { events: { s: 'x' } }],
    ['streams/infer_schema', { stream: 5 }],
  ])('%s %j is a mistake of the caller', async (path, body) => {
    const { status, json, headers } = await post(path, body)
    expect({ status, type: headers.get('content-type') }).toEqual({ status: 400, type: 'application/json' })
    expect(json).toMatchObject(refusal)
  })

  it.each([
    { end_time: 9, start_tiem: 5 },
    { end_time: 9, startTime: 5 },
    { end_time: 9, ids: [ID] },
    { end_time: 9, id: null },
    { end_time: 9, start_id: null },
    { end_time: 9, start_id: '' },
    { end_time: 9, end_id: null },
    { end_time: 9, start_time: null },
    { end_time: 9, dry_run: null },
    { end_time: 9, dryRun: true },
    { end_time: 9, limit: 1 },
    { end_time: 9, id: ID },
    { start_id: ID, id: [ID] },
    { end_id: ID, end_time: 'soon' },
    { start_id: ID, start_time: 0.5, end_time: 9 },
    { end_time: 9, ['x'.repeat(1_000_000)]: 1 },
  ])('a delete of %j, which may be meant to be narrower, deletes nothing', async (fields) => {
    await post('events/put', { events: { meant: [{ '@time': 1 }] } })
    const { status, json } = await post('events/delete', { stream: 'meant', ...fields })
    expect(status).toBe(400)
    expect(json).toMatchObject(refusal)
    expect(JSON.stringify(json).length).toBeLessThan(1_000)
    const left = await post('events/delete', { stream: 'meant', start_time: 0, end_time: 9, namespace: null })
    expect(left.json).toMatchObject({ meant: { memory: { num_deleted: 1 } } })
  })

  it('keeps a matching id of the caller, so that a repeated put changes nothing', async () => {
    const put = { events: { ids: [{ '@time': 2, '@id': ID, n: 1 }] } }
    expect((await post('events/put', put)).json.ids).toEqual({ memory: { num_inserted: 1 } })
    expect((await post('events/put', put)).json).toMatchObject({
      ids: { memory: { num_inserted: 0, num_duplicates: 1 } },
      '@success': true,
    })
    const found = eventsIn(await post('events/get', { stream: 'ids', end_time: 9 }))
    expect(found).toEqual([{ '@id': ID, '@time': 2, n: 1 }])
  })

  it('reports which events of which streams were refused, and stores the rest', async () => {
    const events = [{ '@time': 1 }, { '@time': '1' }, 5, { '@time': 2 ** 60 }, { '@time': -(2 ** 57) }]
    const { status, json } = await post('events/put', { events: { partial: events, 'bad name': [{}], '': [] } })
    expect(status).toBe(200)
    expect(json.partial).toEqual({ memory: { num_inserted: 1 } })
    expect(json['@details']).toMatchObject([
      { code: 'KAIROS_INVALID_VALUE', stream: 'partial', index: 1 },
      { stream: 'partial', index: 2 },
      { stream: 'partial', index: 3 },
      { stream: 'partial', index: 4 },
      { stream: 'bad name' },
      { stream: '' },
    ])
    expect((json['@errors'] as string[])[0]).toMatch(/^stream partial, event 1: @time/)
    expect(json).not.toHaveProperty('bad name')
  })

  it('takes integers as decimal strings, for callers whose numbers are doubles', async () => {
    const time = '17953103475320121'
    await exchange(
      url,
      '/1.0/events/put',
      `{"events":{"exact":[{"@time":${time},"big":9223372036854775807,"float":1.0}]}}`,
    )
    const { text } = await post('events/get', { stream: 'exact', start_time: time, end_time: time, limit: '5' })
    expect(text).toMatch(
      /^\{"@id":"[0-9a-f-]{36}","@time":17953103475320121,"big":9223372036854775807,"float":1\.0\}\r\n$/,
    )
  })

  it('clamps a start before 1582', async () => {
    await post('events/put', { events: { clamp: [{ '@time': 1 }] } })
    expect(
      eventsIn(await post('events/get', { stream: 'clamp', start_time: '-999999999999999999', end_time: 9 })),
    ).toHaveLength(1)
  })

  it('reads up to an exclusive id, deletes by id, and counts without deleting', async () => {
    await post('events/put', { events: { bounds: [1, 2, 3, 4].map((n) => ({ '@time': n, n })) } })
    const all = eventsIn(await post('events/get', { stream: 'bounds', end_time: 9 }))
    const below = await post('events/get', { stream: 'bounds', end_id: all[2]!['@id'], order: 'descending' })
    expect(eventsIn(below).map(({ n }) => n)).toEqual([2, 1])
    const dry = await post('events/delete', { stream: 'bounds', end_time: 9, dry_run: true })
    expect(dry.json).toMatchObject({ bounds: { memory: { num_deleted: 4 } }, '@dry_run': true })
    const byId = await post('events/delete', { stream: 'bounds', id: [all[1]!['@id'], all[1]!['@id']] })
    expect(byId.json.bounds).toEqual({ memory: { num_deleted: 1 } })
    const after = await post('events/delete', { stream: 'bounds', start_time: 9, end_time: 1 })
    expect(after.json).toMatchObject({ bounds: { memory: { num_deleted: 0 } }, '@success': true })
    expect(eventsIn(await post('events/get', { stream: 'bounds', end_time: 9 })).map(({ n }) => n)).toEqual([1, 3, 4])
  })

  it.each([
    [{ start_id: 1, start_time: 3, end_time: 9 }, [1, 2]],
    [{ start_id: 3, start_time: 1, end_time: 9 }, [1, 2, 3]],
    [{ end_id: 4, end_time: 2 }, [3, 4]],
    [{ end_id: 2, end_time: 9 }, [2, 3, 4]],
  ])('a delete within %j, where the events of a time are named by it, obeys both bounds', async (bounds, left) => {
    await post('events/delete', { stream: 'both', end_time: 9 })
    await post('events/put', { events: { both: [1, 2, 3, 4].map((n) => ({ '@time': n, n })) } })
    const ids = eventsIn(await post('events/get', { stream: 'both', end_time: 9 })).map((event) => event['@id'])
    const fields = Object.entries(bounds).map(([field, n]) => [field, field.endsWith('id') ? ids[n - 1] : n])
    await post('events/delete', { stream: 'both', ...Object.fromEntries(fields) })
    expect(eventsIn(await post('events/get', { stream: 'both', end_time: 9 })).map(({ n }) => n)).toEqual(left)
  })

  it('lists only the streams that hold events', async () => {
    await post('events/put', { events: { gone: [{ '@time': 1 }], empty: [] } })
    await post('events/get', { stream: 'never', end_time: 1 })
    await post('events/delete', { stream: 'gone', end_time: 1 })
    const names = (await post('streams', {})).text.split('\r\n')
    expect(names).not.toContain('gone')
    expect(names).not.toContain('never')
    expect(names).not.toContain('empty')
  })

  it('takes null for the default namespace everywhere, and an empty one for schemas', async () => {
    await post('events/put', { events: { nulls: [{ '@time': 1 }] }, namespace: null })
    expect(eventsIn(await post('events/get', { stream: 'nulls', end_time: 1, namespace: null }))).toHaveLength(1)
    expect((await post('streams', { namespace: null })).text).toContain('nulls\r\n')
    expect((await post('streams/infer_schema', { stream: 'nulls', namespace: '' })).json.namespace).toBe('kronos')
    expect((await post('events/delete', { stream: 'nulls', end_time: 1, namespace: null })).json.nulls).toEqual({
      memory: { num_deleted: 1 },
    })
  })

  it('lists as required the members that every event had', async () => {
    await post('events/put', { events: { gaps: [{ '@time': 1, v: 3 }, { '@time': 2 }, { '@time': 3, v: 3 }] } })
    const { schema } = (await post('streams/infer_schema', { stream: 'gaps' })).json
    expect(schema).toMatchObject({ required: ['@id', '@time'], $schema: 'http://json-schema.org/draft-04/schema' })
  })

  it.each([
    ['/1.0/events/get', 'GET', 'POST, OPTIONS'],
    ['/1.0/events/put/', 'PUT', 'POST, OPTIONS'],
    ['/1.0/index', 'POST', 'GET, OPTIONS'],
    ['/1.0/index', 'HEAD', 'GET, OPTIONS'],
  ])('%s does not accept %s', async (path, method, allow) => {
    const { status, headers } = await exchange(url, path, undefined, { method })
    expect({ status, allow: headers.get('allow') }).toEqual({ status: 405, allow })
  })

  it.each(['/', '/1.0', '/1.0/events', '/1.1/index', '/1.0/__proto__', '/1.0/events/get/x'])(
    '%s is not found',
    async (path) => {
      const { status, headers } = await exchange(url, path)
      expect({ status, type: headers.get('content-type') }).toEqual({ status: 404, type: 'text/plain' })
    },
  )
})

describe('serving modes', () => {
  it.each([
    [
      'readonly',
      {
        index: 200,
        'events/put': 403,
        'events/get': 200,
        'events/delete': 403,
        streams: 200,
        'streams/infer_schema': 200,
      },
    ],
    [
      'collector',
      {
        index: 200,
        'events/put': 200,
        'events/get': 403,
        'events/delete': 403,
        streams: 403,
        'streams/infer_schema': 403,
      },
    ],
  ] as const)('%s', async (mode, statuses) => {
    const { url } = await serve('memory:', {}, { mode, cors: true })
    for (const [path, expected] of Object.entries(statuses)) {
      const body = path === 'index' ? undefined : { stream: 's', end_time: 1, events: {} }
      expect((await exchange(url, `/1.0/${path}`, body)).status).toBe(expected)
      const preflight = await exchange(url, `/1.0/${path}`, undefined, {
        method: 'OPTIONS',
        headers: { origin: 'https://a.example' },
      })
      expect(preflight.status).toBe(expected)
    }
  })
})

describe('a store that fails', () => {
  const failing = () => {
    const driver = memoryDriver()
    return {
      ...driver,
      async openEvents(schema: { namespace: string }) {
        const storage = await driver.openEvents!(schema)
        return {
          ...storage,
          append: () => Promise.reject(new Error('the disk is full')),
          delete: () => Promise.reject(new Error('the disk is full')),
          read: () => Promise.reject(new Error('the disk is gone')),
        }
      },
    }
  }

  it('is reported by put and delete per store, by streams as a status, and in the access log', async () => {
    const log: AccessEntry[] = []
    const { url } = await serve(failing(), {}, { onAccess: (entry) => log.push(entry) })
    const put = await exchange(url, '/1.0/events/put', { events: { s: [{}] } })
    expect(put.status).toBe(200)
    expect(put.json).toMatchObject({
      '@success': false,
      s: { memory: { num_inserted: -1, '@errors': [expect.stringContaining('the disk is full')] } },
    })
    const deleted = await exchange(url, '/1.0/events/delete', { stream: 's', end_time: 1 })
    expect(deleted.json).toMatchObject({ '@success': false, s: { memory: { num_deleted: -1 } } })
    const got = await exchange(url, '/1.0/events/get', { stream: 's', end_time: 1 })
    expect(got.status).toBe(503)
    expect(log.map(({ path, status, error }) => [path, status, error === undefined])).toEqual([
      ['/1.0/events/put', 200, false],
      ['/1.0/events/delete', 200, false],
      ['/1.0/events/get', 503, false],
    ])
  })
})

describe("a function of the server's own that fails", () => {
  it.each<[string, () => void | Promise<void>]>([
    [
      'throws',
      () => {
        throw new Error('the log is full')
      },
    ],
    ['rejects', async () => Promise.reject(new Error('the log is full'))],
  ])('onAccess that %s: each response is whole, and there is a warning', async (_how, onAccess) => {
    const warned = once(process, 'warning')
    const { url, store } = await serve(memoryDriver(), {}, { onAccess })
    await store.put('s', { n: 1 })
    const got = await exchange(url, '/1.0/events/get', `{"stream":"s","end_time":${2n ** 60n}}`)
    expect(eventsIn(got)).toMatchObject([{ n: 1 }])
    expect((await exchange(url, '/1.0/index')).status).toBe(200)
    expect(String((await warned)[0])).toContain('onAccess threw: the log is full')
  })

  it('now: the request fails, and not as a mistake of the caller', async () => {
    const log: AccessEntry[] = []
    const now = () => Date.now() as never
    const { url } = await serve(memoryDriver(), {}, { now, onAccess: (entry) => log.push(entry) })
    expect(await exchange(url, '/1.0/events/put', { events: { s: [{}] } })).toMatchObject({ status: 500 })
    expect(log).toMatchObject([{ status: 500, error: { code: 'KAIROS_INVALID_CONFIG' } }])
  })
})

describe('a store that does not respond', () => {
  it('is not alive, and the index does not wait for it', async () => {
    const driver = memoryDriver()
    const silent = {
      ...driver,
      openEvents: async (schema: { namespace: string }) => ({
        ...(await driver.openEvents!(schema)),
        count: () => new Promise<never>(() => {}),
      }),
    }
    const { url } = await serve(silent)
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => AbortSignal.abort())
    onTestFinished(() => timeout.mockRestore())
    const { status, json } = await exchange(url, '/1.0/index')
    expect(timeout).toHaveBeenCalledWith(5_000)
    expect(status).toBe(200)
    expect(json).toMatchObject({ storage: { memory: { alive: false } }, '@success': true })
  })
})
