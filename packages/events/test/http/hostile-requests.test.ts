import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { eventsIn, exchange } from '../support/exchange.ts'
import { serve } from '../support/served.ts'
import { drivers, numbers } from '../support/stores.ts'

describe.each(drivers)('hostile requests on %s', async (_name, create) => {
  const { url } = await serve(create(), {}, { maxBodyBytes: 1_000_000 })
  const put = (body: string) => exchange(url, '/1.0/events/put', body)

  it.each([
    ['deep nesting', `{"events":{"s":[{"x":${'['.repeat(100_000)}`],
    ['deep nesting that ends', `{"events":{"s":[{"x":${'['.repeat(200)}${']'.repeat(200)}}]}}`],
    ['an integer of 100,000 digits', `{"events":{"s":[{"x":${'9'.repeat(100_000)}}]}}`],
    ['an integer beyond 64 bits', '{"events":{"s":[{"x":18446744073709551616}]}}'],
    ['a number beyond a double', '{"events":{"s":[{"x":1e400}]}}'],
    ['NaN', '{"events":{"s":[{"x":NaN}]}}'],
    ['a key twice in an event', '{"events":{"s":[{"x":1,"x":2}]}}'],
    ['an id twice', '{"events":{"s":[{"@time":1,"@time":2}]}}'],
    ['a stream twice', '{"events":{"s":[{}],"s":[{}]}}'],
    ['a field twice', '{"events":{"s":[{}]},"events":{}}'],
    ['text behind the body', '{"events":{"s":[{}]}} {}'],
    ['half a body', '{"events":{"s":[{}]'],
    ['another field in place of events', '{"event":{"s":[{}]}}'],
    ['a byte order mark', '\ufeff{"events":{"s":[{}]}}'],
    ['100,000 commas', `{"events":{"s":[${','.repeat(100_000)}]}}`],
  ])('%s: 400, and nothing stored', async (_what, body) => {
    const { status, json } = await put(body)
    expect(status).toBe(400)
    expect(json).toMatchObject({ '@success': false, '@errors': [expect.stringContaining('')] })
    expect((await exchange(url, '/1.0/streams', {})).text).not.toContain('s\r\n')
  })

  it('bytes that are not UTF-8: 400', async () => {
    const { status } = await exchange(url, '/1.0/events/put', undefined, {
      method: 'POST',
      body: new Uint8Array([0x7b, 0xff, 0x7d]),
    })
    expect(status).toBe(400)
  })

  it('a compressed body: 415', async () => {
    const init = { method: 'POST', body: gzipSync('{"events":{}}'), headers: { 'content-encoding': 'gzip' } }
    const { status, json } = await exchange(url, '/1.0/events/put', undefined, init)
    expect(status).toBe(415)
    expect(json['@errors']).toEqual(['the body must be sent without a content encoding'])
  })

  it.each([
    ['that says its length', 'x'.repeat(100_000_000)],
    ['in chunks', new Blob(['x'.repeat(100_000_000)]).stream()],
  ])(
    'a body of 100 MB %s: 413, and the server continues',
    async (_what, body) => {
      const init = { method: 'POST', body, duplex: 'half' } as RequestInit
      const { status, json } = await exchange(url, '/1.0/events/put', undefined, init)
      expect(status).toBe(413)
      expect(json['@success']).toBe(false)
      expect((await exchange(url, '/1.0/index')).status).toBe(200)
    },
    60_000,
  )

  it('names with a meaning in JavaScript come back as they went in', async () => {
    const event = '{"@time":1,"__proto__":{"polluted":1},"constructor":2,"":3,"a.b":4,"$where":"1","n":"\\ud800"}'
    expect((await put(`{"events":{"__proto__":[${event}],"constructor":[${event}]}}`)).json['@success']).toBe(true)
    for (const stream of ['__proto__', 'constructor']) {
      const { text } = await exchange(url, '/1.0/events/get', `{"stream":"${stream}","end_time":9}`)
      expect(text).toContain('"__proto__":{"polluted":1},"constructor":2,"":3,"a.b":4,"$where":"1","n":"\\ud800"}\r\n')
    }
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })

  it('line breaks between and within values never break a line', async () => {
    const body = '{"events":{"lines":[\r\n{"@time":1,\n"text":\r"a\\r\\nb\u2028c",\n"list":[\n1,\n2]\n}\n]}}'
    expect((await put(body)).status).toBe(200)
    const { text } = await exchange(url, '/1.0/events/get', { stream: 'lines', end_time: 9 })
    expect(text.split('\n')).toHaveLength(2)
    expect(text).toContain('"text":"a\\r\\nb\\u2028c","list":[1,2]}\r\n')
  })

  it('100 streams in one request, some of them invalid: the valid ones are stored', async () => {
    const events = Object.fromEntries(
      Array.from({ length: 100 }, (_, n) => [n % 10 === 0 ? `bad ${n}` : `many.${n}`, [{ '@time': n, n }]]),
    )
    const { json } = await put(JSON.stringify({ events }))
    expect(json['@errors']).toHaveLength(10)
    const found = await exchange(url, '/1.0/events/get', { stream: 'many.99', end_time: 99 })
    expect(numbers(eventsIn(found) as never)).toEqual([99])
  })
})
