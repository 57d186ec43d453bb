import { type EventSchema, type EventStorage, failedStore, messageOf, type StoredEvent } from '@kairos/core/driver'
import { drain, type MongoCollectionLike, type MongoDocument } from '../connection/client.ts'
import { asStoreCall, codeOf, DUPLICATE_KEY, retryOf, writeErrorsIn } from '../connection/failures.ts'
import { pageOf } from './page.ts'

/** Where the events of a place are: beside the collection of its timeseries, which no name of a collection leads to. */
export function eventCollectionName(collectionName: string | undefined): string {
  return collectionName === undefined ? 'events' : `${collectionName}.events`
}

/** Event streams: a document an event, `{ namespace, stream, key, body }`, under one unique index in that order. */
export async function openEventStorage(
  collection: MongoCollectionLike,
  { namespace }: EventSchema,
): Promise<EventStorage> {
  await collection.createIndexes([{ key: { namespace: 1, stream: 1, key: 1 }, name: 'kairos_events', unique: true }])
  const rangeOf = (stream: string, first: string, last: string): object => ({
    namespace,
    stream,
    key: { $gte: first, $lte: last },
  })

  return {
    append: (stream, events) => insert(collection, namespace, stream, events),
    read: (stream, query) => asStoreCall(() => pageOf(collection, rangeOf(stream, query.first, query.last), query)),
    count: (stream, { first, last }) =>
      asStoreCall(async () => Number(await collection.countDocuments(rangeOf(stream, first, last)))),
    delete: (stream, { first, last }) =>
      asStoreCall(async () => Number((await collection.deleteMany(rangeOf(stream, first, last))).deletedCount)),
    streams: () =>
      asStoreCall(async () => {
        const streams: string[] = []
        const pipeline = [{ $match: { namespace } }, { $group: { _id: '$stream' } }]
        await drain(collection.aggregate(pipeline), ({ _id }) => streams.push(_id as string))
        return streams
      }),
  }
}

/** Each event once: the unique index refuses those that are there. */
async function insert(
  collection: MongoCollectionLike,
  namespace: string,
  stream: string,
  events: readonly StoredEvent[],
): Promise<boolean[]> {
  const documents: MongoDocument[] = events.map(({ key, body }) => ({ namespace, stream, key, body }))
  try {
    await collection.bulkWrite(
      documents.map((document) => ({ insertOne: { document } })),
      { ordered: false },
    )
    return events.map(() => true)
  } catch (error) {
    const refusals = writeErrorsIn(error)
    if (refusals !== null && [...refusals.values()].every((code) => code === DUPLICATE_KEY))
      return events.map((_, index) => !refusals.has(index))
    // The client wraps what it throws of a bulk write and drops its name; without a server's code it is a connection's failure.
    throw failedStore(messageOf(error), codeOf(error) === 0 ? 'later' : retryOf(error), error)
  }
}
