import { memoryDriver } from '@kairos/core'
import type { StoredEvent } from '@kairos/core/driver'
import { describe, expect, it } from 'vitest'
import { type AccessEntry, createEventStore, type KronosHandlerOptions, kronosHandler } from '../../src/index.ts'
import { parseJson } from '../../src/json/json-values.ts'

type Json = Readonly<Record<string, unknown>>

function served(options: KronosHandlerOptions = {}, driver = memoryDriver()) {
  const store = createEventStore(driver)
  const log: AccessEntry[] = []
  const handler = kronosHandler(store, { ...options, onAccess: (entry) => log.push(entry) })
  const post = (path: string, body: string | ReadableStream<Uint8Array>): Promise<Response> =>
    handler(new Request(`http://x/1.0/${path}`, { method: 'POST', body, duplex: 'half' } as RequestInit))
  return {
    store,
    log,
    post,
    async put(body: string): Promise<{ status: number; text: string; json: Json }> {
      const response = await post('events/put', body)
      const text = await response.text()
      return { status: response.status, text, json: parseJson(text) as Json }
    },
  }
}

/** A body whose first part has arrived, and whose rest arrives on request. */
function held(text: string) {
  const rest = Promise.withResolvers<void>()
  const asked = Promise.withResolvers<void>()
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (text === '') {
          asked.resolve()
          await rest.promise
          controller.close()
        } else {
          controller.enqueue(new TextEncoder().encode(text))
          text = ''
        }
      },
    },
    { highWaterMark: 0 },
  )
  return { body, hasCome: asked.promise, end: rest.resolve }
}

describe('a put', () => {
  it('shows the first errors, and counts the rest', async () => {
    const { put, store } = served({ maxErrors: 3 })
    const { status, json } = await put(`{"events":{"s":[${'1,'.repeat(9)}{}],"bad name":[{}]}}`)
    expect(status).toBe(200)
    expect(json['@errors']).toEqual([
      expect.stringMatching(/^stream s, event 0/),
      expect.stringMatching(/^stream s, event 1/),
      expect.stringMatching(/^stream s, event 2/),
      'and 7 more',
    ])
    expect(json['@details']).toHaveLength(3)
    expect(json).toMatchObject({ '@success': false, s: { memory: { num_inserted: 1 } } })
    expect(await store.delete('s', { dryRun: true })).toBe(1)
  })

  it.each([
    ['short events in a stream of a long name', `{"events":{"${'a'.repeat(2_048)}":[${'1,'.repeat(50_000)}1]}}`],
    ['invalid names', `{"events":{${Array.from({ length: 900 }, (_, n) => `"${n}${' '.repeat(3_000)}":[]`).join()}}}`],
    ['a name of a megabyte', `{"events":{"${' '.repeat(1_000_000)}":[]}}`],
    ['a name of a megabyte without a list', `{"events":{"${' '.repeat(1_000_000)}":1}}`],
    ['a key of a megabyte twice', `{"events":{"s":[{"${'a'.repeat(1_000_000)}":1,"${'a'.repeat(1_000_000)}":1}]}}`],
    ['a stream of a megabyte twice', `{"events":{"${'a'.repeat(1_000_000)}":[],"${'a'.repeat(1_000_000)}":[]}}`],
    ['a namespace of a megabyte', `{"events":{},"namespace":"${'a'.repeat(1_000_000)}"}`],
    ['a number of a megabyte', `{"events":{"s":[{"a":${'1'.repeat(1_000_000)}}]}}`],
    ['a time of a megabyte', `{"events":{"s":[{"@time":"${'1'.repeat(1_000_000)}"}]}}`],
    ['an event of a megabyte', `{"events":{"s":["${'1'.repeat(1_000_000)}"]}}`],
  ])('gets a short response: %s', async (_what, body) => {
    const { put } = served({ maxErrors: 1_000_000 })
    expect((await put(body)).text.length).toBeLessThan(150_000)
  })

  it.each<[string, KronosHandlerOptions, string]>([
    ['events', { maxEvents: 4 }, '{"events":{"a":[{},{}],"b":[{},1,{}]}}'],
    ['events, none of them valid', { maxEvents: 4 }, '{"events":{"a":[1,1,1,1,1]}}'],
    ['events of invalid streams', { maxEvents: 4 }, '{"events":{" ":[1,1,1,1,1]}}'],
    ['streams', { maxStreams: 2 }, '{"events":{"a":[{}],"b":[{}],"c":[{}]}}'],
    ['invalid streams', { maxStreams: 2 }, '{"events":{" ":[],"  ":[],"   ":[]}}'],
    ['bytes', { maxBodyBytes: 10 }, '{"events":{}}'],
  ])('with too many %s stores nothing: 413', async (_what, options, body) => {
    const { put, store } = served(options)
    const { status, json } = await put(body)
    expect({ status, success: json['@success'] }).toEqual({ status: 413, success: false })
    expect(await store.streams()).toEqual([])
  })

  it('at its limits is stored', async () => {
    const body = '{"events":{"a":[{},{}],"b":[{},{}]}}'
    const { put, store } = served({ maxEvents: 4, maxStreams: 2, maxBodyBytes: body.length })
    expect((await put(body)).status).toBe(200)
    expect(await store.streams()).toEqual(['a', 'b'])
  })

  it('with many streams writes a few of them at a time', async () => {
    const driver = memoryDriver()
    let [working, most] = [0, 0]
    const { put, store } = served(
      {},
      {
        ...driver,
        async openEvents(schema) {
          const storage = await driver.openEvents!(schema)
          return {
            ...storage,
            async append(stream: string, events: readonly StoredEvent[]) {
              most = Math.max(most, ++working)
              await new Promise((resolve) => setImmediate(resolve))
              working--
              return storage.append(stream, events)
            },
          }
        },
      },
    )
    const streams = Array.from({ length: 1_000 }, (_, n) => `"s${n}":[{}]`)
    const { json } = await put(`{"events":{${streams.join()}}}`)
    expect(json).toMatchObject({
      '@success': true,
      s0: { memory: { num_inserted: 1 } },
      s999: { memory: { num_inserted: 1 } },
    })
    expect(await store.streams()).toHaveLength(1_000)
    expect(most).toBeGreaterThan(1)
    expect(most).toBeLessThan(20)
  })

  it('in chunks of one byte takes only the memory of its bytes', async () => {
    const { post, store } = served()
    const text = `{"events":{"s":[{"text":"${'x'.repeat(100_000)}"}]}}`
    const pieces = new TextEncoder().encode(text)
    let at = 0
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          if (at === pieces.length) controller.close()
          else controller.enqueue(pieces.subarray(at, ++at))
        },
      },
      { highWaterMark: 0 },
    )
    expect((await post('events/put', body)).status).toBe(200)
    expect((await store.page('s')).events[0]?.text).toHaveLength(100_000)
  })
})

describe('a delete', () => {
  it('with too many ids deletes nothing: 413', async () => {
    const { post, store } = served({ maxIds: 2 })
    const { ids } = await store.put('s', [{}, {}, {}])
    const remove = (id: readonly string[]): Promise<Response> =>
      post('events/delete', JSON.stringify({ stream: 's', id }))
    expect((await remove(ids)).status).toBe(413)
    expect(await store.delete('s', { dryRun: true })).toBe(3)
    expect((await remove(ids.slice(1))).status).toBe(200)
    expect(await store.delete('s', { dryRun: true })).toBe(1)
  })
})

describe('a schema', () => {
  it('is inferred from a limited part of the stream, and names a limited number of members', async () => {
    const { post, store } = served({ maxSchemaBytes: 1_000, maxSchemaParts: 5 })
    await store.put('s', [
      { '@time': 1n, older: 1 },
      { '@time': 2n, newer: 'x'.repeat(2_000) },
    ])
    const schema = async (): Promise<Json> => {
      const { schema } = (await (await post('streams/infer_schema', '{"stream":"s"}')).json()) as { schema: Json }
      return schema.properties as Json
    }
    expect(Object.keys(await schema())).toEqual(['@id', '@time', 'newer'])
    await store.put('s', { '@time': 3n, a: 1, b: { c: 1, d: 2, e: 3 } })
    expect(await schema()).toMatchObject({ a: { type: 'integer' }, b: { properties: { c: { type: 'integer' } } } })
    expect(Object.keys(await schema())).toHaveLength(4)
  })
})

describe('all requests together', () => {
  it('are limited in number; the next one gets 503', async () => {
    const { post, put, log } = served({ maxRequests: 2 })
    const [first, second] = [held('{"events":{"s":[{}]}'), held('{"events":{"s":[{}]}')]
    const answers = [post('events/put', first.body), post('events/put', second.body)]
    await Promise.all([first.hasCome, second.hasCome])
    const refused = await post('events/put', '{"events":{}}')
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
    first.end()
    second.end()
    for (const answer of await Promise.all(answers)) expect(answer.status).toBe(400)
    expect((await put('{"events":{}}')).status).toBe(200)
    expect(log.map(({ status }) => status)).toEqual([503, 400, 400, 200])
  })

  it('count until their responses have ended', async () => {
    const { post, store } = served({ maxRequests: 1 })
    await store.put('s', {})
    const get = '{"stream":"s","end_time":"9000000000000000000"}'
    const [read, left] = [await post('events/get', get), await post('events/get', get)]
    expect([read.status, left.status]).toEqual([200, 503])
    await read.body!.cancel()
    const again = await post('events/get', get)
    expect(again.status).toBe(200)
    await again.text()
    expect((await post('events/get', get)).status).toBe(200)
  })

  it('hold a limited number of bytes of bodies', async () => {
    const { post, put } = served({ maxBodyBytes: 1_000, maxBufferedBytes: 1_500 })
    const bodies = [held(' '.repeat(900)), held(' '.repeat(900))]
    const answers = bodies.map(({ body }) => post('events/put', body))
    await Promise.all(bodies.map(({ hasCome }) => hasCome))
    expect((await put('{"events":{}}')).status).toBe(503)
    for (const { end } of bodies) end()
    for (const answer of await Promise.all(answers)) expect(answer.status).toBe(400)
    expect((await put('{"events":{}}')).status).toBe(200)
  })

  it('hold a limited number of bytes of responses, which wait for their readers', async () => {
    const { post, store, log } = served({ maxBodyBytes: 100, maxBufferedBytes: 450_000 })
    const pad = 'x'.repeat(100_000)
    await store.put(
      's',
      Array.from({ length: 30 }, (_, n) => ({ n, pad })),
    )
    const get = '{"stream":"s","end_time":"9000000000000000000"}'
    const answers = [await post('events/get', get), await post('events/get', get)]
    expect((await post('events/get', get)).status).toBe(503)
    const texts = await Promise.all(answers.map((answer) => answer.text()))
    for (const text of texts) expect(text.split('\r\n')).toHaveLength(31)
    expect((await post('events/get', get)).status).toBe(200)
    expect(log.map(({ status }) => status)).toEqual([503, 200, 200])
  })

  it('may be slow, but a body that stalls gets 408', async () => {
    const { post, put } = served({ bodyTimeout: 20, maxRequests: 1 })
    const { status } = await post('events/put', held('{"events":{}').body)
    expect(status).toBe(408)
    expect((await put('{"events":{}}')).status).toBe(200)
  })
})

it.each([
  { maxBodyBytes: 0 },
  { maxBodyBytes: 2_000, maxBufferedBytes: 1_000 },
  { bodyTimeout: 2 ** 31 },
  { maxEvents: 1.5 },
  { maxStreams: null },
  { maxIds: '5' },
  { maxErrors: 0 },
  { maxRequests: -1 },
  { maxSchemaBytes: Number.NaN },
  { maxSchemaParts: 0 },
])('refuses %o as limits', (options) => {
  expect(() => served(options as never)).toThrow(expect.objectContaining({ code: 'KAIROS_INVALID_CONFIG' }))
})
