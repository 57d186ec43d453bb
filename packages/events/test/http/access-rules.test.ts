import { request } from 'node:http'
import { memoryDriver } from '@kairos/core'
import { describe, expect, it } from 'vitest'
import { createEventClient, createEventStore, type KronosHandlerOptions, kronosHandler } from '../../src/index.ts'
import { serve } from '../support/served.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const DELETE_ALL = '{"stream":"s","end_time":"9223372036854775807"}'

/** A handler for a stream with one event, and whether that event still exists. */
async function doorsOf(options: KronosHandlerOptions = {}) {
  const store = createEventStore(memoryDriver())
  await store.put('s', { n: 1 })
  const handler = kronosHandler(store, options)
  const ask = async (path: string, init: RequestInit = {}, url = 'http://127.0.0.1:8150') => {
    const { status, headers, body } = await handler(new Request(`${url}/1.0/${path}`, init))
    return { status, headers, body }
  }
  return {
    ask,
    deletes: (headers: Readonly<Record<string, string>>, url?: string) =>
      ask('events/delete', { method: 'POST', headers, body: DELETE_ALL }, url),
    isWhole: async () => (await store.page('s')).events.length === 1,
  }
}

describe('a page of another origin', () => {
  it.each([
    ['by a form', { origin: 'https://evil.example', 'content-type': 'text/plain' }],
    ['by a script', { origin: 'https://evil.example', ...JSON_TYPE }],
    ['by a frame without an origin', { origin: 'null', ...JSON_TYPE }],
    ['of another port', { origin: 'http://127.0.0.1:3000', ...JSON_TYPE }],
    ['that hides its origin', { 'sec-fetch-site': 'cross-site', ...JSON_TYPE }],
    ['of another host of the site', { 'sec-fetch-site': 'same-site', ...JSON_TYPE }],
  ])('deletes nothing: %s', async (_how, headers) => {
    const rules = await doorsOf()
    const { status } = await rules.deletes(headers)
    expect(status).toBe(403)
    expect(await rules.isWhole()).toBe(true)
  })

  it.each([
    'https://ok.example.evil',
    'https://evil.example/https://ok.example',
    'https://a.ok.example.evil',
    'https://OK.example',
    'null',
    '',
  ])('is not allowed by a similar listed origin: %s', async (origin) => {
    const rules = await doorsOf({ cors: ['https://ok.example', /https:\/\/[a-z]+\.ok\.example/g] })
    for (const method of ['OPTIONS', 'POST', 'GET']) {
      const path = method === 'GET' ? 'index' : 'events/delete'
      const { status, headers } = await rules.ask(path, {
        method,
        headers: { origin, ...JSON_TYPE },
        ...(method === 'POST' ? { body: DELETE_ALL } : {}),
      })
      expect({ method, status, allowed: headers.get('access-control-allow-origin') }).toEqual({
        method,
        status: 403,
        allowed: null,
      })
      expect(headers.get('vary')).toBe('Origin')
    }
    expect(await rules.isWhole()).toBe(true)
  })

  it.each(['https://ok.example', 'https://a.ok.example'])('may call if it is listed: %s', async (origin) => {
    const { ask, deletes } = await doorsOf({ cors: ['https://ok.example', /https:\/\/[a-z]+\.ok\.example/g] })
    const preflight = await ask('events/delete', { method: 'OPTIONS', headers: { origin } })
    expect(preflight).toMatchObject({ status: 200, body: null })
    expect(Object.fromEntries(preflight.headers)).toEqual({
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-allow-headers': 'Accept, Content-Type, Origin, X-Requested-With',
      'access-control-allow-methods': 'POST',
      vary: 'Origin',
    })
    const { status, headers } = await deletes({ origin, ...JSON_TYPE })
    expect([status, headers.get('access-control-allow-origin')]).toEqual([200, origin])
  })

  it.each([
    ['a picture', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, 403],
    ['a script of another host of the site', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' }, 403],
    ['a link', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, 200],
    ['a part of its own page', { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'no-cors' }, 200],
    ['an address that was typed', { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }, 200],
  ])('reads by %s: %o, %i', async (_what, headers, status) => {
    expect((await (await doorsOf()).ask('index', { headers })).status).toBe(status)
    expect((await (await doorsOf({ cors: true })).ask('index', { headers })).status).toBe(200)
  })

  it.each(['https://any.example', 'null'])('may call if all may, but without cookies: %s', async (origin) => {
    const { ask } = await doorsOf({ cors: true })
    for (const method of ['OPTIONS', 'GET']) {
      const { status, headers } = await ask('index', { method, headers: { origin } })
      expect(status).toBe(200)
      expect(headers.get('access-control-allow-origin')).toBe('*')
      expect(headers.get('access-control-allow-credentials')).toBe(null)
    }
  })

  it.each([
    ['of the server itself', 'http://127.0.0.1:8150', 'http://127.0.0.1:8150'],
    ['behind a proxy that ends TLS', 'https://events.example', 'http://events.example'],
  ])('is distinguished from a page %s', async (_what, origin, url) => {
    const { deletes } = await doorsOf({ hosts: ['events.example'] })
    expect((await deletes({ origin, ...JSON_TYPE }, url)).status).toBe(200)
  })
})

describe('a content type', () => {
  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/json5', ''])(
    'of a form is refused from browsers, but not from other programs: %s',
    async (type) => {
      const rules = await doorsOf({ cors: true })
      for (const browser of [{ origin: 'https://a.example' }, { 'sec-fetch-site': 'same-origin' }]) {
        expect((await rules.deletes({ ...browser, 'content-type': type } as never)).status).toBe(415)
      }
      expect(await rules.isWhole()).toBe(true)
      expect((await rules.deletes({ 'content-type': type })).status).toBe(200)
    },
  )

  it('may have parameters', async () => {
    const { deletes } = await doorsOf({ cors: true })
    const headers = { origin: 'https://a.example', 'content-type': 'Application/JSON; charset=utf-8' }
    expect((await deletes(headers)).status).toBe(200)
  })
})

describe('the host name of a request', () => {
  it.each([
    ['127.0.0.1:8150', 200],
    ['localhost', 200],
    ['LOCALHOST:8150', 200],
    ['localhost.', 200],
    ['db.localhost:1', 200],
    ['[::1]:8150', 200],
    ['10.1.2.3', 200],
    ['events:8150', 200],
    ['events.example', 200],
    ['events.example:8150', 200],
    ['Events.Example.', 200],
    ['ported.example:8150', 200],
    ['ported.example', 421],
    ['evil.example', 421],
    ['evil.example:8150', 421],
    ['127.0.0.1.evil.example', 421],
    ['dotted.example', 200],
    ['xn--bcher-kva.example', 200],
    ['events.example.evil.example', 421],
    ['localhost.evil.example', 421],
    ['evil.example@localhost', 421],
    ['localhost/evil.example', 421],
    ['', 421],
    ['a'.repeat(300), 200],
    ['\xe4'.repeat(301), 421],
  ])('%s: %i', async (host, status) => {
    const hosts = ['events.example', 'ported.example:8150', 'Dotted.example.', 'b\u00fccher.example']
    const { ask } = await doorsOf({ hosts })
    expect((await ask('index', { headers: { host } })).status).toBe(status)
  })

  it('is checked by serveHttp, for every path', async () => {
    const { url } = await serve('memory:')
    for (const path of ['/1.0/index', '/', '/1.0/events/get']) {
      const status = await new Promise((resolve, reject) => {
        const sent = request(`${url}${path}`, { headers: { host: 'evil.example' } }, (answer) =>
          resolve(answer.statusCode),
        )
        sent.on('error', reject).end()
      })
      expect(status).toBe(421)
    }
  })

  it('may be unrestricted, but then a page of that name is foreign', async () => {
    const { ask, deletes } = await doorsOf({ hosts: true })
    expect((await ask('index', { headers: { host: 'evil.example' } })).status).toBe(200)
    const rebound = { host: 'evil.example', origin: 'http://evil.example', ...JSON_TYPE }
    expect((await deletes(rebound)).status).toBe(403)
  })
})

describe('a token', () => {
  it.each(['', 'Bearer', 'Bearer ', 'Bearer secret1', 'Bearer secre', 'Bearer SECRET', 'Basic secret', 'secret'])(
    'that is wrong is refused: %j',
    async (authorization) => {
      const rules = await doorsOf({ token: ['secret', 'newer-secret'] })
      const { status, headers } = await rules.deletes({ authorization })
      expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
      expect((await rules.ask('index', { headers: { authorization } })).status).toBe(401)
      expect(await rules.isWhole()).toBe(true)
    },
  )

  it.each(['Bearer secret', 'bearer  newer-secret'])('that is right is accepted: %s', async (authorization) => {
    const { deletes } = await doorsOf({ token: ['secret', 'newer-secret'] })
    expect((await deletes({ authorization })).status).toBe(200)
  })

  it('is not required in a preflight request', async () => {
    const { ask } = await doorsOf({ token: 'secret', cors: true })
    const { status, headers } = await ask('index', { method: 'OPTIONS', headers: { origin: 'https://a.example' } })
    expect(status).toBe(200)
    expect(headers.get('access-control-allow-headers')).toContain('Authorization')
  })

  it('is sent by a client that is configured with it', async () => {
    const { url } = await serve(memoryDriver(), {}, { token: 'secret' })
    await createEventClient(url, { token: 'secret' }).put('s', {})
    await expect(createEventClient(url).put('s', {})).rejects.toMatchObject({ status: 401, retryable: false })
  })

  it.each(['', 'two words', 'line\n', 5, null, [], ['ok', '']])(
    'cannot be %j, which the error does not show',
    async (token) => {
      const refused = { code: 'KAIROS_INVALID_CONFIG', path: 'token' }
      const store = createEventStore('memory:')
      expect(() => kronosHandler(store, { token: token as never })).toThrow(expect.objectContaining(refused))
      if (Array.isArray(token)) return
      expect(() => createEventClient('http://x', { token: token as never })).toThrow(expect.objectContaining(refused))
    },
  )
})
