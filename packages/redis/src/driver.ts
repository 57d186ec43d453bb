import {
  type Capabilities,
  expiryOf,
  leasedStore,
  once,
  type StorageDriver,
  TYPES_OF_SPEC_1,
} from '@kairos/core/driver'
import { adapt, type RedisClientLike, type RedisPipelineLike } from './connection/adapt-client.ts'
import type { RedisClient } from './connection/client.ts'
import { clientFromUrl } from './connection/from-url.ts'
import { ScriptRunner } from './connection/script-runner.ts'
import { parseRedisUrl } from './connection/url.ts'
import { eventCapabilities, openEvents } from './events/open-events.ts'
import { openStore } from './opening.ts'
import { type RedisDriverOptions, settingsOf } from './options.ts'
import { discoverPlaces } from './schema/discover.ts'
import type { RedisFetch } from './store/fetch.ts'
import { createStore } from './store/store.ts'
import { onceSeconds } from './store/write.ts'

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
  const makeClient = clientMaker(client, settings.timeout, settings.clientConfig)
  const connected = once(async () => new ScriptRunner(await makeClient(), settings.timeout))
  return {
    spec: 1,
    id: 'redis',
    capabilities: { ...capabilities, exactlyOnce: { seconds: onceSeconds(settings.timeout) } },
    async open(schema, options) {
      const { context, records, clock } = await openStore(await connected(), settings, schema, options)
      const { lease } = context
      return {
        store: leasedStore(createStore(context), lease, { timeout: settings.timeout, checksRequests: true }),
        records,
        clock,
      }
    },
    discover: async () => discoverPlaces(await connected(), settings.prefix),
    openEvents: async (schema) => openEvents(await connected(), settings.prefix, schema),
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

function clientMaker(
  store: string | RedisClientLike,
  timeout: number,
  clientConfig: object | undefined,
): () => Promise<RedisClient> {
  if (typeof store === 'string') {
    const address = parseRedisUrl(store)
    return () => clientFromUrl(address, timeout, clientConfig)
  }
  const client = adapt(store)
  return async () => client
}
