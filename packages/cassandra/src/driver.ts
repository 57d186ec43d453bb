import { KairosError } from '@kairos/core'
import {
  type Capabilities,
  describe,
  expiryOf,
  invalidOption,
  once,
  type StorageDriver,
  TYPES_OF_SPEC_1,
} from '@kairos/core/driver'
import type { CassandraClientLike } from './connection/client.ts'
import { parseUrl } from './connection/url.ts'
import { eventCapabilities } from './events/capabilities.ts'
import { type CassandraDriverOptions, settingsOf } from './options.ts'
import type { CassandraFetch } from './store/fetch.ts'
import type { Timings } from './timings.ts'

/**
 * The driver that `cassandraDriver` creates. A custom `fetch` on its timeseries is called with the client.
 * @example
 * const driver: CassandraDriver = cassandraDriver('cassandra://localhost:9042/metrics')
 */
export type CassandraDriver<Client extends CassandraClientLike = CassandraClientLike> = StorageDriver<{
  fetch: CassandraFetch<Client>
}>

const capabilities: Capabilities = {
  types: TYPES_OF_SPEC_1,
  expiry: expiryOf(TYPES_OF_SPEC_1, 'native'),
  fractionalCounts: true,
  exactlyOnce: { seconds: 0 },
  replace: { atomic: false, expected: false },
  customFetch: true,
  events: eventCapabilities,
  writeOptions: [],
  readOptions: [],
  // The parts of a key may have 65,535 bytes together; the other parts are short.
  maxNameBytes: 60_000,
  maxKeyBytes: 60_000,
  // Fits next to the longest name, even with each of its marks doubled and a number behind it.
  maxIntervalBytes: 2_000,
  maxChange: 2 ** 969,
}

/**
 * Creates a driver with these timings; nothing is connected yet.
 * @throws KAIROS_INVALID_CONFIG
 */
export function createDriver<Client extends CassandraClientLike>(
  target: string | Client,
  options: CassandraDriverOptions,
  timings: Timings,
): CassandraDriver<Client> {
  const url = typeof target === 'string' ? parseUrl(target) : undefined
  const settings = settingsOf(options, url?.options)
  if (url === undefined) checkClient(target)
  checkProtocol(url === undefined ? (target as ConfiguredClient).options : options.clientConfig)
  const store = url === undefined ? { client: target as Client } : { url, clientConfig: options.clientConfig }
  const opener = once(async () => {
    const { createOpener } = await import('./opener.ts')
    return createOpener(store, settings, timings)
  })
  return {
    spec: 1,
    id: 'cassandra',
    capabilities,
    open: async (schema, openOptions = {}) => (await opener()).open(schema, openOptions),
    discover: async () => (await opener()).discover(),
    openEvents: async (schema) => (await opener()).openEvents(schema),
    async close() {
      const made = await opener.made?.catch(() => undefined)
      await made?.close()
    },
  }
}

/** @throws KAIROS_INVALID_CONFIG */
function checkClient(client: unknown): void {
  const methods = ['connect', 'execute', 'batch', 'shutdown']
  if (typeof client === 'object' && client !== null && methods.every((method) => method in client)) return
  throw new KairosError(
    'KAIROS_INVALID_CONFIG',
    `store must be a cassandra: URL or a Client of cassandra-driver, not ${describe(client)}`,
    { path: 'store', driver: 'cassandra' },
  )
}

/** The part of a client, or of its configuration, that says how it talks to the servers. */
interface ProtocolConfig {
  readonly protocolOptions?: { readonly maxVersion?: number }
}
interface ConfiguredClient {
  readonly options?: ProtocolConfig
}

/** The first version of the protocol that knows dates and times: with an earlier one the client returns them as texts of their bytes. */
const FIRST_PROTOCOL = 4

/** @throws KAIROS_INVALID_CONFIG */
function checkProtocol(config: ProtocolConfig | undefined): void {
  const value = config?.protocolOptions?.maxVersion
  // 0 is the client's own default: as new as it can.
  if (!value || value >= FIRST_PROTOCOL) return
  const path = 'protocolOptions.maxVersion'
  throw invalidOption({ driver: 'cassandra', path, expected: `at least ${FIRST_PROTOCOL}`, value })
}
