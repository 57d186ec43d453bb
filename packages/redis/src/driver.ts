import { type Capabilities, expiryOf, once, type StorageDriver, TYPES_OF_SPEC_1 } from '@kairos/core/driver'
import type { RedisPipelineLike } from './connection/adapt-client.ts'
import { checkClient, type RedisClientLike } from './connection/check-client.ts'
import type { ClientSource } from './connection/connect.ts'
import { parseRedisUrl } from './connection/url.ts'
import { eventCapabilities } from './events/capabilities.ts'
import { type RedisDriverOptions, settingsOf } from './options.ts'
import type { RedisFetch } from './store/fetch.ts'
import { onceSeconds } from './store/once-seconds.ts'

/**
 * The driver that `redisDriver` returns. It adds the option `pipeline` to writes, and `fetch` to reads.
 * @example
 * const driver: RedisDriver = redisDriver('redis://localhost:6379')
 */
export type RedisDriver = StorageDriver<{ write: { pipeline?: RedisPipelineLike }; fetch: RedisFetch }>

const capabilities: Omit<Capabilities, 'exactlyOnce'> = {
  types: TYPES_OF_SPEC_1,
  expiry: expiryOf(TYPES_OF_SPEC_1, 'native'),
  fractionalCounts: true,
  returning: true,
  sharedBatches: 2,
  replace: { atomic: true, expected: true },
  // Packed numbers are added faster by the client than by any script.
  merges: { count: ['value'], set: ['size'] },
  customFetch: true,
  writeOptions: ['pipeline'],
  readOptions: [],
  events: eventCapabilities,
}

/**
 * Keeps timeseries in Redis or Valkey: on one server, behind Sentinel, or in a Cluster.
 * @param client a URL, for which the driver makes an ioredis client and closes it; or your own client, which you close
 * @throws KAIROS_INVALID_CONFIG if the URL, the client or an option is invalid
 * @example
 * const hits = createTimeseries(redisDriver('redis://localhost'), { type: 'count', intervals: { minute: { step: 60, steps: 1440 } } })
 */
export function redisDriver(client: string | RedisClientLike, options: RedisDriverOptions = {}): RedisDriver {
  const settings = settingsOf(options, typeof client === 'string')
  const source = sourceOf(client)
  const connected = once(async () => {
    const { connect } = await import('./connection/connect.ts')
    return connect(source, settings)
  })
  return {
    spec: 1,
    id: 'redis',
    capabilities: { ...capabilities, exactlyOnce: { seconds: onceSeconds(settings.timeout) } },
    async open(schema, options) {
      const [{ openStore }, runner] = await Promise.all([import('./opening.ts'), connected()])
      return openStore(runner, settings, schema, options)
    },
    async discover() {
      const [{ discoverPlaces }, runner] = await Promise.all([import('./schema/discover.ts'), connected()])
      return discoverPlaces(runner, settings.prefix)
    },
    async openEvents(schema) {
      const [{ openEvents }, runner] = await Promise.all([import('./events/open-events.ts'), connected()])
      return openEvents(runner, settings.prefix, schema)
    },
    async close() {
      const runner = await connected.made?.catch(() => undefined)
      connected.forget()
      await runner?.close()
    },
  }
}

/**
 * The driver for a URL; core calls it for `createTimeseries('redis://…', …)`.
 * @param clientConfig options of the ioredis client
 * @throws KAIROS_INVALID_CONFIG if the URL or `clientConfig` is invalid
 * @example
 * const driver = driverFromUrl('rediss://example.com:6380', { tls: { ca } })
 */
export function driverFromUrl(url: string, clientConfig?: object): RedisDriver {
  return redisDriver(url, clientConfig === undefined ? {} : { clientConfig })
}

function sourceOf(client: string | RedisClientLike): ClientSource {
  if (typeof client === 'string') return { address: parseRedisUrl(client) }
  checkClient(client)
  return { client }
}
