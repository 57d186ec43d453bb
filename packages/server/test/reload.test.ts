import { once } from 'node:events'
import { connect, createServer as createTcpServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createServer, type KairosServer, type ServerConfig, type ServerOptions } from '../src/index.ts'
import { sendTcp, sendUdp } from './support.ts'

const minute = { step: '1min', steps: 60 } as const
const views = { type: 'count', intervals: { minute }, match: 'views' } as const

function config(server: ServerOptions = {}, timeseries: ServerConfig['timeseries'] = { views }): ServerConfig {
  return { stores: { main: 'memory:' }, timeseries, server: { port: 0, ...server } }
}

describe('a server that gets another configuration', () => {
  let server: KairosServer | undefined
  afterEach(() => server?.stop(100))
  const start = async (given: ServerConfig): Promise<KairosServer> => {
    server = await createServer(given).start()
    return server
  }
  const metric = async (running: KairosServer, line: string): Promise<number> => {
    const text = await (await fetch(`${running.url}/metrics`)).text()
    return Number(
      text
        .split('\n')
        .find((each) => each.startsWith(line))
        ?.split(' ')[1],
    )
  }
  const write = async (running: KairosServer, ...names: string[]): Promise<number> => {
    const body = names.map((name) => `${name} value=1`).join('\n')
    return (await fetch(`${running.url}/write`, { method: 'POST', body })).status
  }

  it('continues with what is the same: connections, ports, timeseries and counters', async () => {
    const running = await start(config({ carbon: { port: 0, picklePort: false } }))
    const { ports, url } = running
    const socket = connect(ports.carbon!, '127.0.0.1')
    await once(socket, 'connect')
    socket.write('views 1 -1\n')
    while ((await metric(running, 'kairos_values_accepted_total{listener="carbon"}')) < 1)
      await new Promise(setImmediate)
    await running.reload(config({ carbon: { port: 0, picklePort: false }, token: 'secret' }))
    expect([running.ports, running.url]).toEqual([ports, url])
    socket.write('views 1 -1\n')
    const counted = async () => {
      const answer = await fetch(`${url}/render?target=views&from=-2min&format=json`, {
        headers: { authorization: 'Bearer secret' },
      })
      const [series] = (await answer.json()) as { datapoints: [number | null, number][] }[]
      return series?.datapoints.reduce((sum, [value]) => sum + (value ?? 0), 0)
    }
    while ((await counted()) !== 2) await new Promise((resolve) => setTimeout(resolve, 50))
    expect((await fetch(`${url}/metrics`)).status).toBe(401)
    socket.destroy()
  })

  it('holds to other limits at the same ports', async () => {
    const ends = { carbon: { port: 0 }, statsd: { port: 0 } }
    const running = await start(config(ends))
    const { ports, url } = running
    await running.reload(config({ ...ends, limits: { maxConnections: 1, maxLineBytes: 20, maxPickleBytes: 20 } }))
    expect([running.ports, running.url]).toEqual([ports, url])
    const pickle = Buffer.from('\0\0\0\x15')
    await Promise.all([
      sendTcp(ports.carbon!, `${'x'.repeat(21)}\n`),
      sendTcp(ports.pickle!, pickle),
      sendUdp(ports.statsd!, 'x'.repeat(21)),
    ])
    while ((await metric(running, 'kairos_dead_letters_total{reason="tooLong"}')) < 3) await new Promise(setImmediate)
    const first = connect(ports.statsd!, '127.0.0.1')
    await once(first, 'connect')
    const second = connect(ports.statsd!, '127.0.0.1').on('error', () => {})
    await once(second, 'close')
    first.destroy()
    expect(await metric(running, 'kairos_connections_refused_total{listener="statsd"}')).toBe(1)
  })

  it('opens and closes ports, and takes other names', async () => {
    const running = await start(config({ statsd: { port: 0 } }))
    const before = running.ports.statsd!
    await running.reload(config({ carbon: { port: 0 } }, { hits: { ...views, match: 'hits' } }))
    expect(Object.keys(running.ports).sort()).toEqual(['carbon', 'pickle'])
    const [error] = await once(connect(before, '127.0.0.1'), 'error')
    expect(error).toMatchObject({ code: 'ECONNREFUSED' })
    await write(running, 'hits', 'views')
    expect(await metric(running, 'kairos_dead_letters_total{reason="unmatched"}')).toBe(1)
  })

  it('stays as it is if anything of it is wrong', async () => {
    const running = await start(config({ statsd: { port: 0 } }))
    const { ports } = running
    const taken = createTcpServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as { port: number }
    await expect(running.reload({ ...config(), stores: {} })).rejects.toMatchObject({ path: 'timeseries.views.store' })
    for (const server of [{ carbon: { port: 0, picklePort: port } }, { port }, { statsd: { port } }])
      await expect(running.reload(config(server))).rejects.toMatchObject({ code: 'EADDRINUSE' })
    expect(running.ports).toEqual(ports)
    expect(await write(running, 'views')).toBe(204)
    taken.close()
    await Promise.all([running.stop(), running.stop()])
    await expect(running.reload(config())).rejects.toMatchObject({ code: 'KAIROS_CLOSED' })
  })
})
