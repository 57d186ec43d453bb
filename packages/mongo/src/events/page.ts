import type { EventPage, EventQuery, StoredEvent } from '@kairos/core/driver'
import type { MongoCollectionLike } from '../connection/client.ts'

/** Events of one batch of the server, which also ends a batch at 16 MB. */
const BATCH = 1_000

/** The first events of a range; the cursor is closed when they are there. */
export async function pageOf(
  collection: MongoCollectionLike,
  filter: object,
  { order, limit, maxLength }: EventQuery,
): Promise<EventPage> {
  const events: StoredEvent[] = []
  let length = 0
  const cursor = collection.find(filter, {
    sort: { key: order === 'ascending' ? 1 : -1 },
    limit,
    batchSize: Math.min(limit, BATCH),
    projection: { _id: 0, key: 1, body: 1 },
  })
  try {
    while (await cursor.hasNext()) {
      for (const { key, body } of cursor.readBufferedDocuments()) {
        events.push({ key: key as string, body: body as string })
        length += (body as string).length
        if (length >= maxLength) return { events, done: false }
      }
    }
    return { events, done: events.length < limit }
  } finally {
    await cursor.close()
  }
}
