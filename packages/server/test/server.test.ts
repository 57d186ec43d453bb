import { request } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { createServer, type KairosServer, type ServerConfig, type ServerOptions } from '../src/index.ts'

const minute = { step: '1min', steps: 60 } as const
const memory: ServerConfig = {
  stores: { main: 'memory:' },
  timeseries: { views: { type: 'count', intervals: { minute } } },
}

describe('a server', () => {
  const running: KairosServer[] = []
  afterEach(async () => {
    for (const server of running.splice(0)) await server.stop(0)
  })
  async function start(server: ServerOptions = {}): Promise<KairosServer> {
    const started = await createServer({ ...memory, server: { port: 0, ...server } }).start()
    running.push(started)
    return started
  }

  it('answers its health and that it is ready', async () => {
    const { url } = await start()
    expect(await (await fetch(`${url}/health`)).text()).toBe('ok\n')
    expect(await (await fetch(`${url}/ready`)).text()).toBe('ready\n')
    const head = await fetch(`${url}/health`, { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
  })

  it('says what is wrong with a path or a method', async () => {
    const { url } = await start()
    const missing = await fetch(`${url}/nothing`)
    expect([missing.status, await missing.json()]).toEqual([404, { error: 'there is nothing at /nothing' }])
    const posted = await fetch(`${url}/health`, { method: 'POST', body: 'x' })
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
  })

  it('wants its token for everything but the health', async () => {
    const { url } = await start({ token: 'secret' })
    expect((await fetch(`${url}/health`)).status).toBe(200)
    for (const path of ['/ready', '/nothing']) {
      const refused = await fetch(url + path)
      expect([path, refused.status, refused.headers.get('www-authenticate')]).toEqual([
        path,
        401,
        expect.stringMatching(/^Basic /),
      ])
    }
    expect((await fetch(`${url}/ready`, { headers: { authorization: 'Bearer secret' } })).status).toBe(200)
  })

  it('tells caches and browsers whom an answer is for', async () => {
    const { url } = await start()
    for (const path of ['/health', '/nothing', '/'])
      expect((await fetch(url + path)).headers.get('vary')).toContain('Origin')
    expect((await fetch(url)).headers.get('cross-origin-resource-policy')).toBe('same-origin')
  })

  it('refuses foreign hosts and origins', async () => {
    const { url } = await start()
    expect((await fetch(`${url}/ready`, { headers: { origin: 'https://evil.example' } })).status).toBe(403)
    const status = await new Promise((resolve, reject) => {
      request(`${url}/ready`, { headers: { host: 'evil.example' } }, ({ statusCode }) => resolve(statusCode))
        .on('error', reject)
        .end()
    })
    expect(status).toBe(421)
  })
})

describe('a configuration', () => {
  it.each([
    [
      { stores: { main: 'memory:' }, timeseries: { a: { store: 'x', type: 'count', intervals: { minute } } } },
      'timeseries.a.store',
    ],
    [{ ...memory, stores: { main: 7 } }, 'stores.main'],
    [{ ...memory, port: 1 }, 'port'],
    [{ ...memory, server: { limits: { maxRequests: 0 } } }, 'server.limits.maxRequests'],
    [{ ...memory, server: { limits: { maxRequest: 1 } } }, 'server.limits.maxRequest'],
    [{ ...memory, server: { limits: { maxLineBytes: 65_537 } } }, 'server.limits.maxLineBytes'],
    [{ ...memory, server: { carbon: { port: 65_536 } } }, 'server.carbon.port'],
    [{ ...memory, server: { carbon: { picklePort: true } } }, 'server.carbon.picklePort'],
    [{ ...memory, server: { statsd: { ports: 1 } } }, 'server.statsd.ports'],
    [{ ...memory, server: { host: '' } }, 'server.host'],
    [{ ...memory, server: { mode: 'write' } }, 'server.mode'],
    [{ ...memory, server: { buffer: { interval: 0 } } }, 'server.buffer.interval'],
    [{ ...memory, server: { deadLetter: '' } }, 'server.deadLetter'],
    [{ ...memory, server: { kronos: { store: 'x' } } }, 'server.kronos.store'],
    [{ ...memory, server: { kronos: { namespaces: 'x' } } }, 'server.kronos.namespaces'],
  ])('with a mistake is refused with its path (%#)', (config, path) => {
    expect(() => createServer(config as ServerConfig)).toThrow(
      expect.objectContaining({ code: 'KAIROS_INVALID_CONFIG', path }),
    )
  })
})
