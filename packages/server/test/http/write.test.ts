import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { ServerConfig } from '../../src/index.ts'
import { type Listening, listeners } from '../listening.ts'

const intervals = { minute: { step: '1min' } } as const
const config: ServerConfig = {
  stores: { main: 'memory:' },
  timeseries: {
    metrics: { type: 'summary', intervals, match: ['app.**', 'cpu**', 'web'], takes: ['value'] },
    gauges: { type: 'gauge', intervals, match: '**', takes: ['gauge'] },
    names: { type: 'set', valueType: 'string', intervals, match: '**', takes: ['member'] },
    timings: { type: 'distribution', intervals, match: '**', takes: ['timing'] },
  },
}
const T = 1_700_000_000
const long = process.env.KAIROS_TEST_SIZE === 'long'

function post(server: Listening, path: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
  return server.answer(new Request(`http://localhost${path}`, { method: 'POST', body, headers }))
}

describe('POST /api/write', () => {
  const listen = listeners()

  it('takes NDJSON, a list or one point', async () => {
    const server = await listen(config)
    const points = [
      { name: 'app.a', value: 1, timestamp: T },
      { name: 'app.a', value: 2.5, timestamp: new Date(T * 1_000).toISOString() },
      { name: 'app.b', labels: { z: 1, b: 'x' }, value: 3 },
      { name: 't', value: 5, kind: 'timing', times: 10, timestamp: null },
      { name: 'n', value: 'anna', kind: 'member' },
      { name: 'g', value: -5, kind: 'gauge' },
    ]
    const bodies = [points.map((point) => JSON.stringify(point)).join('\r\n\n'), JSON.stringify(points, null, 2)]
    for (const body of bodies)
      expect(await (await post(server, '/api/write', body)).json()).toEqual({ accepted: 6, rejected: 0, errors: [] })
    const one = await post(server, '/api/write', JSON.stringify(points[0], null, 2), {
      'content-type': 'application/json',
    })
    expect(one.status).toBe(200)
    await server.taken(13)
    expect(await server.newest('metrics', 'app.a')).toMatchObject({ count: 5, sum: 8 })
    expect(await server.newest('timings', 't')).toMatchObject({ count: 20 })
    expect([await server.newest('gauges', 'g'), await server.newest('names', 'n')]).toEqual([-5, new Set(['anna'])])
    expect(await server.names('metrics')).toEqual(['app.a', 'app.b;b=x;z=1'])
  })

  it('says what is wrong with each point, and takes the others', async () => {
    const server = await listen(config)
    const body = [
      '{"name":"app.a","value":1}',
      '{"name":',
      '7',
      '{"name":"app.a","value":1,"time":5}',
      '{"name":7,"value":1}',
      '{"name":"app.a","value":null}',
      '{"name":"app.a","value":1,"timestamp":1700000000000}',
      '{"name":"app.a","value":1,"timestamp":"2024-02-29"}',
      '{"name":"app.a","value":1,"kind":"counter"}',
      '{"name":"other","value":1}',
      '{"name":"app.\\ud800","value":1}',
      '{"name":"app.a","labels":{"a":null},"value":1}',
      '{"name":"app.a","labels":{"name":"b"},"value":1}',
      `{"name":"app.a","value":${'['.repeat(9_000)}${']'.repeat(9_000)}}`,
      `{"name":"n","kind":"member","value":"${'x'.repeat(4_097)}"}`,
    ].join('\n')
    const answer = await post(server, '/api/write', body)
    const { accepted, rejected, errors } = (await answer.json()) as {
      accepted: number
      rejected: number
      errors: { index: number; reason: string }[]
    }
    expect([answer.status, accepted, rejected]).toEqual([200, 1, 14])
    expect(errors.map(({ index, reason }) => `${index} ${reason}`)).toEqual([
      '1 malformed',
      '2 malformed',
      '3 malformed',
      '4 name',
      '5 value',
      '6 time',
      '7 time',
      '8 malformed',
      '9 unmatched',
      '10 name',
      '11 name',
      '12 name',
      '13 value',
      '14 tooLong',
    ])
    expect((await post(server, '/api/write', '7')).status).toBe(400)
    const letters = await server.answer(new Request('http://localhost/api/dead-letters?reason=time'))
    expect(await letters.json()).toMatchObject({
      counts: { time: 2, malformed: 5 },
      letters: [{ reason: 'time', source: 'http /api/write' }, {}],
    })
    expect((await server.answer(new Request('http://localhost/api/dead-letters?reason=x'))).status).toBe(400)
  })

  it('takes each point of a list by itself, however long it is', async () => {
    const server = await listen(config)
    const point = '{"name":"app.a","value":1,"labels":{"a":"],}[{\\"\\\\"}}'
    const send = async (list: string) => (await post(server, '/api/write', list)).json()
    expect(await send(` [${'  '.repeat(60_000)} ] `)).toEqual({ accepted: 0, rejected: 0, errors: [] })
    for (const [list, accepted, wrong] of [
      [`[${`${point} ,`.repeat(3_000)}${point}]`, 3_001, []],
      [`[${point},{"name":},${point},[,]${','.repeat(3)}${point}]`, 3, [1, 3, 4, 5]],
      [`[${point},{]},7,"a",${point}`, 2, [1, 2, 3, 5]],
      [`[${point}] ${point}`, 1, [1]],
      [`[${point},{"name":"`, 1, [1, 2]],
      [`[${'{},'.repeat(40_000)}]`, 0, Array.from({ length: 20 }, (_, at) => at)],
    ] as const) {
      const answer = (await send(list)) as { accepted: number; errors: { index: number }[] }
      expect([list.slice(-60), answer.accepted, answer.errors.map(({ index }) => index)]).toEqual([
        list.slice(-60),
        accepted,
        wrong,
      ])
    }
  })

  it('takes compressed bodies, and no more of them than others', async () => {
    const server = await listen({ ...config, server: { limits: { maxBodyBytes: 1_000 } } })
    const send = (body: Uint8Array, encoding: string) =>
      post(server, '/api/write', body as unknown as string, { 'content-encoding': encoding })
    const good = gzipSync(JSON.stringify([{ name: 'app.a', value: 1 }]))
    expect((await send(good, 'gzip')).status).toBe(200)
    expect((await send(gzipSync('x'.repeat(1_001)), 'gzip')).status).toBe(413)
    expect((await send(Buffer.from('x'), 'gzip')).status).toBe(400)
    expect((await send(Buffer.concat([good, good.subarray(0, 20)]), 'gzip')).status).toBe(400)
    expect((await send(good.subarray(0, -9), 'gzip')).status).toBe(400)
    expect((await send(Buffer.alloc(0), 'gzip')).status).toBe(400)
    expect((await send(good, 'br')).status).toBe(415)
  })

  it('counts compressed bodies by what they become, and continues when they are more than it may hold', async () => {
    const server = await listen({ ...config, server: { limits: { maxBufferedBytes: 60 } } })
    const send = async (name: string) => {
      const body = gzipSync(JSON.stringify({ name, value: 1 }))
      return (await post(server, '/api/write', body as never, { 'content-encoding': 'gzip' })).status
    }
    for (const [name, status] of [
      ['app.abcdefghijklmnopqrstuvwxyz', 200],
      [`app.${'a'.repeat(40_000)}`, 503],
      ['app.abcdefghijklmnopqrstuvwxyz', 200],
    ] as const)
      expect(await send(name)).toBe(status)
  })
})

describe('InfluxDB’s line protocol', () => {
  const listen = listeners()

  it('becomes names of measurement and field, with tags as labels', async () => {
    const server = await listen(config)
    const lines = [
      `cpu,host=a,zone=x value=1 ${T}000000000`,
      `cpu,host=a,zone=x user=2i,idle=3u,text="a b,c=d\\"e",on=t,off=FALSE ${T}000000000`,
      `web value=1e3 ${T + 39}999999999`,
      'cpu\\ total,ho\\=st=a\\,b value=4',
      '# a comment',
    ]
    expect((await post(server, '/api/v2/write?org=o&bucket=b', lines.join('\n'))).status).toBe(204)
    expect((await post(server, '/write?db=x&precision=ms', `web value=2 ${T}000`)).status).toBe(204)
    expect((await post(server, '/write?precision=h', `web value=2 ${Math.floor(T / 3_600)}`)).status).toBe(204)
    await server.taken(10)
    expect((await server.names('metrics')).sort()).toEqual([
      'cpu total;ho%3Dst=a,b',
      'cpu.idle;host=a;zone=x',
      'cpu.off;host=a;zone=x',
      'cpu.on;host=a;zone=x',
      'cpu.user;host=a;zone=x',
      'cpu;host=a;zone=x',
      'web',
    ])
    expect(await server.newest('metrics', 'web')).toMatchObject({ sum: 1_002, count: 2 })
    expect(server.dead('unsupported')).toHaveLength(1)
  })

  it('says which line is wrong, and takes the others', async () => {
    const server = await listen(config)
    for (const bad of [
      'cpu',
      'cpu value',
      'cpu value=',
      'cpu value=x',
      'cpu value=1 x',
      ',a=b value=1',
      'cpu,a value=1',
      'cpu value=1 -5',
      'cpu,name=a value=1',
      'cpu,a=1,a=2 value=1',
      'cpu value="a',
    ]) {
      const answer = await post(server, '/write', `cpu value=1\n${bad}\n`)
      expect([bad, answer.status]).toEqual([bad, 400])
    }
    const answer = await post(server, '/write?precision=days', 'cpu value=1 5')
    expect(await answer.json()).toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(/^partial write: line 1 has a time/),
    })
    await server.taken(23)
    expect(await server.newest('metrics', 'cpu')).toMatchObject({ count: 11 })
  })

  it('refuses points and lines whose labels make a name too long, before they are put in order', async () => {
    const server = await listen(config)
    const labels = Object.fromEntries(Array.from({ length: 251 }, (_, at) => [`l${at}`, 'v']))
    const tags = Object.entries(labels).map((pair) => `,${pair.join('=')}`)
    const point = await post(server, '/api/write', JSON.stringify({ name: 'app.a', labels, value: 1 }))
    expect(await point.json()).toMatchObject({
      errors: [{ reason: 'tooLong', message: expect.stringContaining('not 251 labels') }],
    })
    const line = await post(server, '/write', `app.a${tags.join('')} value=1`)
    expect(await line.json()).toMatchObject({ message: expect.stringContaining('not 251 labels') })
    const long = `{"name":"app.a","value":${'['.repeat(70_000)}`
    for (const body of [long, `[${long}]`]) {
      const answer = await post(server, '/api/write', body, { 'content-type': 'application/json' })
      const { errors } = (await answer.json()) as { errors: { reason: string }[] }
      expect(errors[0]?.reason).toBe('tooLong')
    }
    expect(server.inbound.deadLetters.count('tooLong')).toBe(4)
  })

  it('takes no more time for a line of many tags and fields than for as many lines', async () => {
    const server = await listen(config)
    const many = (count: number, letter: string) => Array.from({ length: count }, (_, at) => `${letter}${at}=1`).join()
    for (const line of [`cpu,${many(3_900, 't')} ${many(3_900, 'f')}`, `cpu ${many(20_000, 'f')}`]) {
      const answer = await post(server, '/write', line)
      expect(answer.status).toBe(400)
      expect(await answer.json()).toMatchObject({ message: expect.stringMatching(/line 1 is longer than a limit/) })
    }
    expect(server.inbound.deadLetters.count('tooLong')).toBe(3_901)
    await server.taken(3_901)
  })

  it('takes its own forms of a token', async () => {
    const server = await listen({ ...config, server: { token: 'secret' } })
    const status = async (authorization: string) =>
      (await post(server, '/write', 'cpu value=1', { authorization })).status
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
    expect(await Promise.all(['Token secret', 'Bearer secret', basic('any:secret')].map(status))).toEqual([
      204, 204, 204,
    ])
    expect(await Promise.all(['Token x', 'secret', basic('secret:x'), basic('secret'), 'Basic ='].map(status))).toEqual(
      [401, 401, 401, 204, 401],
    )
  })
})

describe('a mode', () => {
  const listen = listeners()

  it('closes what it is not for', async () => {
    for (const [mode, read, write] of [
      ['readonly', 404, 403],
      ['writeonly', 404, 204],
      ['all', 404, 204],
    ] as const) {
      const server = await listen({
        ...config,
        server: { mode, carbon: mode === 'readonly' ? false : { port: 0, picklePort: false } },
      })
      expect([mode, (await post(server, '/write', 'cpu value=1')).status]).toEqual([mode, write])
      expect((await server.answer(new Request('http://localhost/nothing'))).status).toBe(read)
      for (const path of ['/health', '/ready', '/metrics'])
        expect((await server.answer(new Request(`http://localhost${path}`))).status).toBe(200)
    }
  })
})

describe('a server whose store is away', () => {
  const listen = listeners()

  it('says how it is while it makes as many requests wait as it may', async () => {
    const server = await listen({ ...config, server: { limits: { maxRequests: 1 } } })
    const never = new ReadableStream({ pull: () => new Promise(() => {}) })
    const waiting = new Request('http://localhost/api/write', {
      method: 'POST',
      body: never,
      duplex: 'half',
    } as RequestInit)
    void server.answer(waiting)
    const status = async (path: string) => (await server.answer(new Request(`http://localhost${path}`))).status
    expect(await Promise.all(['/version', '/health', '/ready', '/metrics'].map(status))).toEqual([503, 200, 200, 200])
  })
})

describe('/metrics', () => {
  const listen = listeners()

  it('shows what came in, by listener, reason and timeseries', async () => {
    const server = await listen({ ...config, server: { statsd: { port: 0 } } })
    await post(server, '/write', 'cpu value=1\nother value=1')
    await server.taken(2)
    const answer = await server.answer(new Request('http://localhost/metrics'))
    const text = await answer.text()
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    for (const line of [
      'kairos_values_accepted_total{listener="http"} 1',
      'kairos_dead_letters_total{reason="unmatched"} 1',
      'kairos_buffer_stored_total{timeseries="metrics"} 1',
      'kairos_connections{listener="statsd"} 0',
      '# TYPE process_cpu_seconds_total counter',
    ])
      expect(text.split('\n')).toContain(line)
    if (process.platform === 'linux') expect(text).toContain('kairos_udp_dropped_total{listener="statsd"} 0\n')
  })
})

describe('Kronos', () => {
  const listen = listeners()

  it('puts and gets events at its own paths', async () => {
    const server = await listen({ ...config, server: { kronos: { namespaces: ['kronos'] }, token: 'secret' } })
    const call = (path: string, body: unknown, authorization = 'Bearer secret') =>
      post(server, path, JSON.stringify(body), { authorization })
    const put = await call('/1.0/events/put', { events: { visits: [{ '@time': 17_000_000_000_000_000, page: '/' }] } })
    expect(put.status).toBe(200)
    const got = await call('/1.0/events/get', { stream: 'visits', start_time: 0, end_time: 20_000_000_000_000_000 })
    expect(await got.text()).toContain('"page":"/"')
    expect((await call('/1.0/events/put', { events: {} }, 'Bearer x')).status).toBe(401)
  })

  it('shows events as Graphite’s annotations', async () => {
    const server = await listen({ ...config, server: { kronos: true } })
    const put = async (events: object): Promise<number> =>
      (await post(server, '/1.0/events/put', JSON.stringify({ events }))).status
    const at = (seconds: number) => ({ '@time': (T + seconds) * 10_000_000 })
    const deploy = [
      { ...at(20), what: 'v2', tags: ['web', 'eu'], data: 'by anna' },
      { ...at(10), what: 'v1', tags: 'web, us' },
      { ...at(9_000), what: 'v3' },
    ]
    expect(await put({ deploy, visits: [{ ...at(15), page: '/', tags: 'web' }] })).toBe(200)
    const got = async (query: string): Promise<unknown> =>
      (await server.answer(new Request(`http://localhost/events/get_data?from=${T}&until=${T + 60}${query}`))).json()
    const id = expect.any(String)
    const [first, second] = [
      { id, when: T + 10, what: 'v1', tags: ['deploy', 'web', 'us'], data: '' },
      { id, when: T + 20, what: 'v2', tags: ['deploy', 'web', 'eu'], data: 'by anna' },
    ]
    const visit = { id, when: T + 15, what: 'visits', tags: ['visits', 'web'], data: '{"page":"/"}' }
    expect(await got('&tags=deploy%20web')).toEqual([first, second])
    expect(await got('&tags=deploy%20eu')).toEqual([second])
    expect(await got('&tags=web')).toEqual([first, visit, second])
    expect(await got('')).toEqual([first, visit, second])
    expect(await got('&tags=nothing')).toEqual([])
    // Whatever an event holds, it is shown, and spoils no other.
    const odd =
      '{"@time":TIME,"tags":[{"toString":1},"x",5],"n":9223372036854775807,"what":{"valueOf":1}},{"@time":TIME,"tags":{"toString":1}}'
    await post(
      server,
      '/1.0/events/put',
      `{"events":{"odd":[${odd.replaceAll('TIME', String((T + 5) * 10_000_000))}]}}`,
    )
    expect(await got('&tags=odd')).toEqual([
      { id, when: T + 5, what: 'odd', tags: ['odd', 'x', '5'], data: '{"n":"9223372036854775807"}' },
      { id, when: T + 5, what: 'odd', tags: ['odd'], data: '' },
    ])
  })

  it('looks for a limited number of tags, and shows a limited length of events', async () => {
    const server = await listen({ ...config, server: { kronos: true } })
    const ask = (fields: Record<string, string>) =>
      post(server, '/events/get_data', String(new URLSearchParams(fields)), {
        'content-type': 'application/x-www-form-urlencoded',
      })
    const many = Array.from({ length: 101 }, (_, at) => `t${at}`).join(' ')
    for (const [tags, message] of [
      [many, 'tags must be at most 100, not 101'],
      ['a '.repeat(10_000), 'tags must have at most 16384 characters'],
    ] as const)
      expect(await (await ask({ tags })).json()).toEqual({ error: message + (tags === many ? '' : ', not 20000') })
    expect(await (await ask({ tags: 'a '.repeat(8_000) })).json()).toEqual([])
    const data = 'x'.repeat(700_000)
    const long = Array.from({ length: 3 }, () => ({ '@time': T * 10_000_000, data }))
    for (let put = 0; put < 2; put++) await post(server, '/1.0/events/put', JSON.stringify({ events: { long } }))
    const answer = await ask({ from: String(T - 1), until: String(T + 1) })
    expect(await answer.json()).toEqual({ error: expect.stringContaining('at most 4000000 characters') })
  })

  if (long)
    it('reads no more events for annotations than a page can show', async () => {
      const server = await listen({ ...config, server: { kronos: true } })
      const events = { many: Array.from({ length: 10_001 }, () => ({ '@time': T * 10_000_000 })) }
      await post(server, '/1.0/events/put', JSON.stringify({ events }))
      const answer = await server.answer(new Request(`http://localhost/events/get_data?from=${T - 1}&until=${T + 1}`))
      expect(await answer.json()).toEqual({ error: expect.stringContaining('at most 10000 events') })
    })

  it('holds to the limits of the server', async () => {
    const put = JSON.stringify({ events: { visits: [{ page: 'x'.repeat(100) }] } })
    for (const limits of [{ maxBodyBytes: 100 }, { maxBufferedBytes: 100 }]) {
      const server = await listen({ ...config, server: { kronos: true, limits } })
      expect((await post(server, '/1.0/events/put', put)).status).toBe(413)
    }
  })
})
