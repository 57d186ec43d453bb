import type { Capabilities, StorageDriver } from '@kairos/core/driver'
import { adapt, type RedisClientLike, type RedisPipelineLike } from './connection/adapt-client.ts'
import type { RedisClient } from './connection/client.ts'
import { clientFromUrl } from './connection/from-url.ts'
import { ScriptRunner } from './connection/script-runner.ts'
import { parseRedisUrl } from './connection/url.ts'
import { eventCapabilities, openEvents } from './events/open-events.ts'
import { openPlace } from './opening.ts'
import { type RedisDriverOptions, settingsOf } from './options.ts'
import type { RedisFetch } from './store/fetch.ts'
import { storeOf } from './store/store.ts'
import { onceSeconds } from './store/write.ts'

/** What `redisDriver` gives. */
export type RedisDriver = StorageDriver<{ write: { pipeline?: RedisPipelineLike }; fetch: RedisFetch }>

const capabilities: Omit<Capabilities, 'exactlyOnce'> = {
  expiry: { series: 'native', histogram: 'native', count: 'native', gauge: 'native', set: 'native' },
  fractionalCounts: true,
  customFetch: true,
  writeOptions: ['pipeline'],
  readOptions: [],
  events: eventCapabilities,
}

/**
 * Keeps timeseries in Redis or Valkey: on one server, behind Sentinel, or in a Cluster. Takes a URL, for which it makes an ioredis client of its
 * own, or a client of the caller's, which stays the caller's to close.
 * @throws KAIROS_INVALID_CONFIG
 * @example
 * const hits = createTimeseries(redisDriver('redis://localhost'), { type: 'count', intervals: { minute: { step: 60, steps: 1440 } } })
 */
export function redisDriver(store: string | RedisClientLike, options: RedisDriverOptions = {}): RedisDriver {
  const settings = settingsOf(options, typeof store === 'string')
  const connect = connector(store, settings.timeout, settings.clientConfig)
  let connection: Promise<ScriptRunner> | undefined
  const connected = (): Promise<ScriptRunner> => {
    connection ??= connect().then(
      (client) => new ScriptRunner(client, settings.timeout),
      (error: unknown) => {
        connection = undefined
        throw error
      },
    )
    return connection
  }
  return {
    spec: 1,
    id: 'redis',
    capabilities: { ...capabilities, exactlyOnce: { seconds: onceSeconds(settings.timeout) } },
    async open(schema, options) {
      const { place, records, clock } = await openPlace(await connected(), settings, schema, options)
      return { store: storeOf(place), records, clock }
    },
    openEvents: async (schema) => openEvents(await connected(), settings.prefix, schema),
    async close() {
      const opened = await connection?.catch(() => undefined)
      connection = undefined
      await opened?.close()
    },
  }
}

/**
 * The driver for a URL, as core makes it for `createTimeseries('redis://…', …)`.
 * @throws KAIROS_INVALID_CONFIG
 */
export function driverFromUrl(url: string, clientConfig?: object): RedisDriver {
  return redisDriver(url, clientConfig === undefined ? {} : { clientConfig })
}

function connector(
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
