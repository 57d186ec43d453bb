import { StatsD } from 'hot-shots'
import { expect, it } from 'vitest'
import type { ServerConfig } from '../../src/index.ts'
import { listeners } from '../listening.ts'

/** With the timeseries of a configuration that has none. */
const config: ServerConfig = { stores: { main: 'memory:' }, server: { carbon: false, statsd: { port: 0 } } }
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
