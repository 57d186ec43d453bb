import type { Capabilities, CellStore } from '@kairos/core/driver'
import { adapt } from './connection/adapt-client.ts'
import type { RedisClient } from './connection/client.ts'
import { clientFromUrl, parseRedisUrl } from './connection/from-url.ts'
import { Calls } from './connection/script-runner.ts'
import { eventCapabilities, openEvents } from './events/open-events.ts'
import { openPlace } from './opening.ts'
import { settingsOf } from './options.ts'
import type { RedisClientLike, RedisDriver, RedisDriverOptions } from './public-types.ts'
import { boundsOf } from './store/bounds.ts'
import type { OpenedPlace } from './store/context.ts'
import { deleteNames } from './store/delete.ts'
import { decodeRow, fetchCells } from './store/fetch.ts'
import { liveNames } from './store/names.ts'
import { readCells } from './store/read.ts'
import { queueCells, writeCells } from './store/write.ts'

const capabilities: Capabilities = {
  expiry: { series: 'native', histogram: 'native', count: 'native', gauge: 'native', set: 'native' },
  fractionalCounts: true,
  exactlyOnce: { seconds: 600 },
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
  let connection: Promise<Calls> | undefined
  const connected = (): Promise<Calls> => {
    connection ??= connect().then(
      (client) => new Calls(client, settings.timeout),
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
    capabilities,
    async open(schema, { replace } = {}) {
      const { place, records } = await openPlace(await connected(), settings, schema, replace)
      return { store: storeOf(place), records }
    },
    openEvents: async (schema) => openEvents(await connected(), settings.prefix, schema),
    async close() {
      const opened = await connection?.catch(() => undefined)
      connection = undefined
      await opened?.client.close()
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

function storeOf(place: OpenedPlace): CellStore {
  return {
    async write(batch, { driverOptions } = {}) {
      if (driverOptions?.pipeline === undefined) return writeCells(place, batch)
      queueCells(place, batch, driverOptions.pipeline)
    },
    read: (query) => readCells(place, query),
    bounds: (query) => boundsOf(place, query),
    names: (oldestLive) => liveNames(place, oldestLive),
    delete: (names) => deleteNames(place, names),
    fetch: (query, fetch) => fetchCells(place, query, fetch),
    decodeRow: (row) => decodeRow(place, row),
  }
}
