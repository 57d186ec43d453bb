import { ORIGINAL_TYPES, type StorageDriver, type TimeseriesType } from '@kairos/core/driver'
import {
  type Deviation,
  type DriverTestOptions,
  describeDriver,
  startFaultProxy,
  type TransactionalDriver,
} from '@kairos/driver-tests'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { mongoDriver } from '../src/index.ts'
import { servers, urlWith } from './servers.ts'
import { fetchAsRead } from './stores/fetch.ts'

/** What a server that orders names so can keep. */
const TYPES: readonly TimeseriesType[] = [...ORIGINAL_TYPES, 'distribution', 'unique']

/** Tests that compare the order of names. */
const ORDERED: readonly string[] = [
  'cells: TYPE: are read in order, copied to another store, and copied back',
  'names: TYPE: pages in the order of code points, by prefix and after a name',
]

const unitOrderDeviations: readonly Deviation[] = ORDERED.flatMap((title) =>
  TYPES.map((type) => ({
    test: title.replace('TYPE', type),
    reason: 'this server orders texts by UTF-16 code units, MongoDB by the bytes of UTF-8',
  })),
)

/** The conformance kit on a server, by its name. */
export function describeServer(wanted: string, more: Pick<DriverTestOptions, 'further'> = {}): void {
  const { name, url, sessions, unitOrder, pipelines } = servers.find((server) => server.name === wanted)!
  const usable = pipelines ? (driver: StorageDriver) => driver : withoutSummaries
  describe.skipIf(url === undefined)(name, () => {
    const dropDatabase = async (): Promise<void> => {
      const client = new MongoClient(url!)
      await client.db('kairos_conformance').dropDatabase()
      await client.close()
    }
    beforeAll(dropDatabase)
    afterAll(dropDatabase)
    describeDriver({
      runner: { describe, it, afterAll },
      name: 'mongoDriver',
      create: ({ place }) =>
        usable(mongoDriver(url!, { database: 'kairos_conformance', collectionName: place, lease: 100 })),
      deviations: unitOrder ? unitOrderDeviations : [],
      processes: { module: new URL('./stores/conformance.ts', import.meta.url), env: { KAIROS_TEST_STORE: url ?? '' } },
      unreachable: () => mongoDriver('mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=200'),
      fetch: () => fetchAsRead,
      factory: {
        make: mongoDriver as (client: unknown, options?: unknown) => unknown,
        url: 'mongodb://127.0.0.1:9/kit',
      },
      ...(sessions && { transactions: ({ place }) => transactional(url!, place) }),
      async failing({ place, decide }) {
        const { hostname, port } = new URL(url!)
        const target = { host: hostname, port: Number(port) }
        // Writes only: the client's own requests pass.
        const isWrite = (data: Uint8Array): boolean => Buffer.from(data).includes('updates\0')
        const proxy = await startFaultProxy({ target, decide: (data) => (isWrite(data) ? decide() : null) })
        const through = urlWith(url!, {
          host: `${proxy.host}:${proxy.port}`,
          directConnection: 'true',
          retryWrites: 'false',
        })
        const driver = mongoDriver(through, { database: 'kairos_conformance', collectionName: place, lease: 100 })
        return { driver: usable(driver), close: () => proxy.close() }
      },
      ...more,
    })
  })
}

/** Of a server that cannot update by an aggregation. */
function withoutSummaries(driver: StorageDriver): StorageDriver {
  const types = driver.capabilities.types!.filter((type) => type !== 'summary')
  return { ...driver, capabilities: { ...driver.capabilities, types } }
}

/** A driver on a client of the test's own, whose session is an option of its calls. */
async function transactional(url: string, place: string): Promise<TransactionalDriver> {
  const client = new MongoClient(url)
  return {
    driver: mongoDriver(client, { database: 'kairos_conformance', collectionName: place, lease: 100 }),
    async begin() {
      const session = client.startSession()
      session.startTransaction()
      return {
        options: { session },
        async rollback() {
          await session.abortTransaction()
          await session.endSession()
        },
      }
    },
    close: () => client.close(),
  }
}
