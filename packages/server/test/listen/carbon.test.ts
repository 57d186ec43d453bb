import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import type { ServerConfig } from '../../src/index.ts'
import { listeners } from '../listening.ts'
import { sendTcp, sendUdp } from '../support.ts'

const intervals = { minute: { step: '1min', steps: 1440 } } as const
const config: ServerConfig = {
  stores: { main: 'memory:' },
  timeseries: {
    metrics: { type: 'summary', intervals, match: '**' },
    values: { type: 'series', intervals, match: ['app.**', 'web.**'], takes: ['value'] },
  },
  aggregates: [['all.<what>', 'web.*.<what>']],
  server: { carbon: { port: 0, picklePort: false } },
}
const NOW = Math.floor(Date.now() / 1_000)

describe('Carbon over TCP', () => {
  const listen = listeners()

  it('takes lines however they are cut, with times, -1 and N', async () => {
    const server = await listen(config)
    const lines = `app.a 1.5 ${NOW}\napp.a  2\t${NOW}.5\r\napp.a -3e1 -1\napp.a 4 N\n\napp.a +.5 ${NOW}\n`
    await sendTcp(server.ports.carbon!, ...lines)
    await server.taken(5)
    const all = (await server.newest('values', 'app.a')) as number[]
    expect([...all].sort((a, b) => a - b)).toEqual([-30, 0.5, 1.5, 2, 4])
    expect(server.inbound.stats.carbon).toMatchObject({ accepted: 5, rejected: 0, bytes: lines.length, opened: 1 })
  })

  it('keeps tags as labels, and adds what aggregates there are', async () => {
    const server = await listen(config)
    await sendTcp(server.ports.carbon!, `web.a.hits;z=1;b=2 1 ${NOW}\nweb.b.hits 2 ${NOW}\n`)
    await server.taken(2)
    expect((await server.names('values')).sort()).toEqual(['web.a.hits;b=2;z=1', 'web.b.hits'])
    expect(await server.newest('metrics', 'all.hits')).toMatchObject({ count: 2, sum: 3 })
  })

  it('says what is wrong with a line, and takes those around it', async () => {
    const server = await listen({
      ...config,
      server: { ...config.server, limits: { maxLineBytes: 60, maxNameBytes: 40 } },
    })
    const bad: [string, string[]][] = [
      ['malformed', ['app.a', `app.a 1`, `app.a 1 ${NOW} 2`]],
      ['value', [`app.a nan ${NOW}`, `app.a 1e999 ${NOW}`, `app.a 0x1 ${NOW}`, `app.a . ${NOW}`, `app.a 1_0 ${NOW}`]],
      ['time', [`app.a 1 ${NOW}000`, 'app.a 1 -2', 'app.a 1 x', 'app.a 1 NN']],
      ['name', [`app;a 1 ${NOW}`, `app;a=1;a=2 1 ${NOW}`, `app\u0000a 1 ${NOW}`]],
      ['tooLong', [`${'a'.repeat(41)} 1 ${NOW}`, `${'b'.repeat(60)} 1 ${NOW}`]],
      ['incomplete', ['app.a 1 17']],
    ]
    const lines = bad.flatMap(([, texts]) => texts)
    await sendTcp(
      server.ports.carbon!,
      `app.a 1 ${NOW}\n`,
      lines
        .map((line) => `${line}\napp.a 1 ${NOW}\n`)
        .join('')
        .slice(0, -10 - String(NOW).length),
    )
    await server.taken(2 * lines.length)
    for (const [reason, texts] of bad) expect(server.dead(reason as never).sort(), reason).toEqual([...texts].sort())
    expect(await server.newest('metrics', 'app.a')).toMatchObject({ count: lines.length })
    expect(await server.names('metrics')).toEqual(['app.a'])
  })

  it('takes two names apart that are not UTF-8, by taking neither', async () => {
    const server = await listen(config)
    const line = (byte: number) => Buffer.concat([Buffer.from('app.'), Buffer.from([byte]), Buffer.from(` 1 ${NOW}\n`)])
    await sendTcp(server.ports.carbon!, line(0xff), line(0xfe))
    await server.taken(2)
    expect([await server.names('metrics'), server.dead('name').length]).toEqual([[], 2])
  })

  it('holds no more of a line without end than one may have', async () => {
    const server = await listen(config)
    const piece = 'x'.repeat(60_000)
    await sendTcp(server.ports.carbon!, ...Array.from({ length: 40 }, () => piece), `\napp.a 1 ${NOW}\n`)
    await server.taken(2)
    expect(server.inbound.stats.carbon).toMatchObject({ accepted: 1, rejected: 1 })
    expect(server.dead('tooLong')).toEqual(['x'.repeat(500)])
  })

  it('closes connections that are idle, and more than there may be', async () => {
    const server = await listen({
      ...config,
      server: { ...config.server, limits: { idleTimeout: 50, maxConnections: 1 } },
    })
    const first = connect(server.ports.carbon!, '127.0.0.1')
    await new Promise((resolve) => first.once('connect', resolve))
    const second = connect(server.ports.carbon!, '127.0.0.1')
    const closed = (socket: typeof first) =>
      new Promise<void>((resolve) => socket.on('error', () => {}).once('close', () => resolve()))
    await Promise.all([closed(second), closed(first.resume())])
    const { carbon } = server.inbound.stats
    while (carbon.connections > 0) await new Promise((resolve) => setImmediate(resolve))
    expect(carbon).toMatchObject({ idle: 1, refused: 1, opened: 1 })
  })

  it('reads no faster than values are written', async () => {
    const server = await listen({ ...config, server: { ...config.server, buffer: { maxPending: 10 } } })
    const lines = Array.from({ length: 6_000 }, (_, index) => `app.${index % 100} 1 ${NOW}\n`).join('')
    await sendTcp(server.ports.carbon!, lines)
    await server.taken(6_000)
    expect(server.inbound.stats.carbon.pauses).toBeGreaterThan(0)
    expect(await server.newest('metrics', 'app.99')).toMatchObject({ count: 60 })
  })
})

describe('Carbon over UDP', () => {
  const listen = listeners()

  it('takes packets of lines, the last one without its end', async () => {
    const server = await listen(config)
    await sendUdp(server.ports.carbon!, `app.a 1 ${NOW}\napp.a 2 ${NOW}`, `app.b 3 ${NOW}\n`, 'bad')
    await server.taken(4)
    expect(await server.newest('metrics', 'app.a')).toMatchObject({ count: 2, sum: 3 })
    expect(server.dead('malformed')).toEqual(['bad'])
    expect(server.inbound.stats.carbon).toMatchObject({ accepted: 3, rejected: 1, packets: 3 })
  })

  it('counts what it must drop, and continues when there is room', async () => {
    const server = await listen({
      ...config,
      server: { ...config.server, buffer: { maxPending: 1, interval: 60_000 } },
    })
    const packet = Array.from({ length: 50 }, () => `app.a 1 ${NOW}`).join('\n')
    await sendUdp(server.ports.carbon!, packet)
    await server.taken(50)
    const { accepted, rejected } = server.inbound.stats.carbon
    expect([accepted + rejected, server.inbound.deadLetters.count('overload')]).toEqual([50, rejected])
    expect(rejected).toBeGreaterThan(0)
    await sendUdp(server.ports.carbon!, `app.a 1 ${NOW}`)
    await server.taken(51)
    expect(server.inbound.stats.carbon.accepted).toBe(accepted + 1)
  })
})
