import { describe, expect, it } from 'vitest'
import type { ServerConfig } from '../../src/index.ts'
import { listeners } from '../listening.ts'
import { sendTcp, sendUdp } from '../support.ts'

const intervals = { minute: { step: '1min', steps: 1440 } } as const
const config: ServerConfig = {
  stores: { main: 'memory:' },
  timeseries: {
    metrics: { type: 'summary', intervals, match: '**' },
    counts: { type: 'count', intervals, match: '**' },
    members: { type: 'set', intervals, match: '**', takes: ['member'], valueType: 'string' },
  },
  aggregates: [
    ['all.<last>', '**.<last>'],
    ['<x>.<x>', 'grow.<x>'],
    ['grow.<x><x>', 'grow.<x>'],
  ],
  server: { carbon: { port: 0, picklePort: 0 }, statsd: { port: 0 } },
}
const long = process.env.KAIROS_TEST_SIZE === 'long'
const NOW = Math.floor(Date.now() / 1_000)
const SAMPLES = [
  `app.a 1.5 ${NOW}\napp.b;x=1;y=2 -3e2 N\ngrow.x 1 -1\n`,
  'hits:1:2|c|@0.5|#a:b,c\ntemp:+5|g\nu:ä|s\nt:1|ms:2|c\n_e{1,1}:a|b\n',
  'cpu,host=a,b=c\\ d value=1,x="a\\"b",t=true 1700000000000000000\n',
  '{"name":"app.a","labels":{"x":1},"value":1,"timestamp":1700000000}\n',
  ']q\x00(U\x03a.bG?\xf0\x00\x00\x00\x00\x00\x00J\x00\xf1SeK\x01\x86\x86e.',
].map((text) => Buffer.from(text, 'latin1'))

describe('hostile bytes', () => {
  const listen = listeners()

  it('end nothing, and become nothing but names that were sent and dead letters', async () => {
    const server = await listen(config)
    const { carbon, pickle, statsd } = server.ports
    let seed = 11
    const next = (): number => (seed = (seed * 48_271) % 2_147_483_647)
    const hostile = (): Buffer => {
      const pieces = Array.from({ length: 20 }, () => {
        const bytes = Buffer.from(SAMPLES[next() % SAMPLES.length]!)
        for (let change = next() % 4; change > 0; change--) bytes[next() % bytes.length] = next() % 256
        return bytes.subarray(next() % 3, bytes.length - (next() % 3))
      })
      return Buffer.concat(pieces)
    }
    for (let round = 0; round < (long ? 5_000 : 40); round++) {
      const bytes = hostile()
      await Promise.all([
        sendTcp(carbon!, bytes),
        sendTcp(statsd!, bytes.subarray(0, 500), bytes.subarray(500)),
        sendTcp(pickle!, Buffer.from([0, 0, bytes.length >> 8, bytes.length & 255]), bytes),
        sendUdp(statsd!, bytes),
        sendUdp(carbon!, bytes),
        ...['/api/write', '/write'].map(async (path) => {
          const answer = await server.answer(
            new Request(`http://localhost${path}`, { method: 'POST', body: bytes as never }),
          )
          expect([200, 204, 400]).toContain(answer.status)
        }),
      ])
    }
    await sendTcp(carbon!, `the.end 1 ${NOW}\n`)
    const { stats } = server.inbound
    await server.taken(stats.carbon.accepted + stats.carbon.rejected)
    expect(await server.newest('metrics', 'the.end')).toMatchObject({ count: 1 })
    expect((await server.names('metrics')).filter((name) => !name.isWellFormed() || name.length > 1_000)).toEqual([])
    expect(server.inbound.deadLetters.count('aggregates')).toBeGreaterThan(0)
    expect(stats.carbon.connections + stats.statsd.connections + stats.pickle.connections).toBe(0)
  })
})
