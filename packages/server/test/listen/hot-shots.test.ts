import { StatsD } from 'hot-shots'
import { expect, it } from 'vitest'
import type { ServerConfig } from '../../src/index.ts'
import { listeners } from '../listening.ts'

const intervals = { minute: { step: '1min', steps: 1440 } } as const
const config: ServerConfig = {
  stores: { main: 'memory:' },
  timeseries: {
    counts: { type: 'count', intervals, match: '**', takes: ['count'] },
    timings: { type: 'distribution', intervals, match: '**', takes: ['timing'] },
    gauges: { type: 'gauge', intervals, match: '**', takes: ['gauge'] },
    members: { type: 'unique', intervals, match: '**', takes: ['member'] },
  },
  server: { statsd: { port: 0 } },
}
const listen = listeners()

it.each(['udp', 'tcp'] as const)('takes what hot-shots sends over %s', async (protocol) => {
  const server = await listen(config)
  const client = new StatsD({
    host: '127.0.0.1',
    port: server.ports.statsd!,
    protocol,
    prefix: 'shop.',
    globalTags: { env: 'test' },
    maxBufferSize: 1_000,
    bufferFlushInterval: 10,
  })
  for (let time = 0; time < 100; time++) client.increment('orders', 2, { country: 'de' })
  client.decrement('orders', 1, { country: 'de' })
  client.timing('checkout', 250)
  client.histogram('checkout', 300)
  client.distribution('checkout', 350)
  client.gauge('stock', 40)
  client.gaugeDelta('stock', -3)
  for (const user of ['anna', 'bert', 'anna']) client.unique('users', user)
  client.event('deployed', 'version 2')
  await server.taken(110)
  await new Promise<void>((resolve) => client.close(() => resolve()))
  expect(await server.newest('counts', 'shop.orders;country=de;env=test')).toBe(199)
  expect(await server.newest('timings', 'shop.checkout;env=test')).toMatchObject({ count: 3 })
  expect(await server.newest('gauges', 'shop.stock;env=test')).toBe(37)
  expect(await server.newest('members', 'shop.users;env=test')).toBe(2)
  expect(server.dead('unsupported')).toHaveLength(1)
})
