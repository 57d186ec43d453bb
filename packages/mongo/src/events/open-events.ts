import { type EventSchema, type EventStorage, failedStore, type StoredEvent } from '@kairos/core/driver'
import type { MongoDocument } from '../connection/client.ts'
import type { Connector } from '../connection/connection.ts'
import { codeOf, DUPLICATE_KEY, retryOf, writeConcernErrorIn, writeErrorsIn } from '../connection/error-codes.ts'
import { asStoreCall, reasonOf } from '../connection/failures.ts'
import type { Requests } from '../connection/requests.ts'
import { deleteDocuments } from '../documents/delete-documents.ts'
import { refuseUnfit } from '../schema/unfit-collection.ts'
import { createPager } from './page.ts'

/** The collection of a place's events: beside the collections of its timeseries, which this driver calls otherwise. */
function eventCollectionName(collectionName: string | undefined): string {
  return collectionName === undefined ? 'events' : `${collectionName}.events`
}

/**
 * Opens the event streams of a namespace, in the collection for events.
 * @throws StoreFailure
 */
export function openEvents(
  connector: Connector,
  collectionName: string | undefined,
  schema: EventSchema,
): Promise<EventStorage> {
  return asStoreCall(async () => {
    const connection = await connector.connect()
    const place = eventCollectionName(collectionName)
    await refuseUnfit(connection, place)
    return openEventStorage(connection.collection(place, false), schema)
  })
}

/** Event streams: one document for each event, `{ namespace, stream, key, body }`, under one unique index on the first three. */
export async function openEventStorage(requests: Requests, { namespace }: EventSchema): Promise<EventStorage> {
  await requests.createIndexes([{ key: { namespace: 1, stream: 1, key: 1 }, name: 'kairos_events', unique: true }])
  const pager = createPager(requests)
  const rangeOf = (stream: string, first: string, last: string): object => ({
    namespace,
    stream,
    key: { $gte: first, $lte: last },
  })

  return {
    append: (stream, events) => insert(requests, namespace, stream, events),
    read: (stream, query) => asStoreCall(() => pager.page({ namespace, stream }, query)),
    keyAt: (stream, { first, last }, index) =>
      asStoreCall(async () => {
        let key: string | null = null
        // Answered from the index alone, which has everything needed.
        const options = { sort: { key: 1 }, skip: index, limit: 1, projection: { _id: 0, key: 1 } }
        await requests.find(rangeOf(stream, first, last), options, (found) => {
          key = found.key as string
          return false
        })
        return key
      }),
    count: (stream, { first, last }) => asStoreCall(() => requests.countDocuments(rangeOf(stream, first, last))),
    delete: (stream, { first, last }) => asStoreCall(() => deleteDocuments(requests, rangeOf(stream, first, last))),
    streams: () =>
      asStoreCall(async () => {
        const streams: string[] = []
        // Grouped by the index's next field after the equal one, and by nothing else, so that MongoDB skips from stream to stream (DISTINCT_SCAN).
        const pipeline = [{ $match: { namespace } }, { $group: { _id: '$stream' } }]
        await requests.aggregate(pipeline, {}, ({ _id }) => streams.push(_id as string))
        return streams
      }),
  }
}

/** Stores each event once: the unique index refuses those that are already there. */
async function insert(
  requests: Requests,
  namespace: string,
  stream: string,
  events: readonly StoredEvent[],
): Promise<boolean[]> {
  const documents: MongoDocument[] = events.map(({ key, body }) => ({ namespace, stream, key, body }))
  try {
    await requests.bulkWrite(documents.map((document) => ({ insertOne: { document } })))
    return events.map(() => true)
  } catch (error) {
    // Stored, but it may be rolled back: when the events are appended again, they are waited for again.
    if (writeConcernErrorIn(error) !== null) throw failedStore(reasonOf(error), 'later', error)
    const refusals = writeErrorsIn(error)
    if (refusals !== null && [...refusals.values()].every((code) => code === DUPLICATE_KEY))
      return events.map((_, index) => !refusals.has(index))
    // The client wraps what ends a bulk write and drops its name; without a server's code, it was the connection that failed.
    throw failedStore(reasonOf(error), codeOf(error) === 0 ? 'later' : retryOf(error), error)
  }
}
