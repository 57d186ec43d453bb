import type { ValueType } from '@kairos/core'
import {
  checkSchema,
  createLease,
  dictionary,
  leasedStore,
  type OpenedStore,
  type OpenOptions,
  type StoreSchema,
  type TimeseriesType,
  TYPES_OF_SPEC_1,
} from '@kairos/core/driver'
import type { Connection, Connector } from './connection/connection.ts'
import { asStoreCall, storeFailure } from './connection/failures.ts'
import type { Health } from './connection/lost-answers.ts'
import { createIndexes } from './documents/indexes.ts'
import { collectionNameOf } from './schema/collection-name.ts'
import { createDrop } from './schema/drop.ts'
import { openRecords } from './schema/open-records.ts'
import { stateOf } from './schema/record-state.ts'
import type { RecordsDocument } from './schema/records.ts'
import { refuseUnfit } from './schema/unfit-collection.ts'
import { createStore } from './store/store.ts'
import { scalarCodec } from './values/codecs.ts'

/** How a driver opens its stores. */
export interface OpeningSettings {
  readonly collectionName: string | undefined
  readonly health: Health
  /** In milliseconds. */
  readonly lease: number
  /** In milliseconds. */
  readonly timeout: number
}

/**
 * Prepares the collection of a schema and its records, and opens a store that checks before each request that they are still valid.
 * @throws StoreFailure
 */
export function openStore(
  connector: Connector,
  settings: OpeningSettings,
  schema: StoreSchema<TimeseriesType>,
  options: OpenOptions,
): Promise<OpenedStore> {
  return asStoreCall(async () => {
    checkSchema<TimeseriesType>(schema, 'mongo', { types: TYPES_OF_SPEC_1 })
    return openOn(await connector.connect(), settings, schema, options)
  })
}

async function openOn(
  connection: Connection,
  { collectionName, health, lease: milliseconds, timeout }: OpeningSettings,
  schema: StoreSchema<TimeseriesType>,
  options: OpenOptions,
): Promise<OpenedStore> {
  const { module, collection, clock } = connection
  const codec = scalarCodec(schema.valueType as ValueType, module)
  const place = collectionNameOf(collectionName, schema)
  const requests = collection(place, schema.valueType === 'int64')
  await refuseUnfit(connection, place)
  await createIndexes(requests)
  const context = { requests, lease: milliseconds, clock: async () => (await clock()) ?? Date.now() }
  let records: RecordsDocument | undefined
  // Begins before the records are read, so that it ends no later than it may.
  const lease = createLease(async () => {
    try {
      return records === undefined ? 'standing' : await stateOf(context, records, schema)
    } catch (error) {
      throw storeFailure(error)
    }
  }, milliseconds)
  records = await openRecords(context, schema, options)
  const checked = requests.checkedBy(() => lease.check())
  const serverClock = await clock()
  const drop = createDrop(context, records, schema)
  const store = await createStore({ requests: checked, module, codec, health, drop }, schema, records)
  return {
    store: leasedStore(store, lease, { timeout, checksRequests: true }),
    records: {
      schema: records.schema,
      intervals: dictionary(records.intervals.map(({ name, record }) => [name, record])),
    },
    ...(serverClock !== undefined && { clock: serverClock / 1000 }),
  }
}
