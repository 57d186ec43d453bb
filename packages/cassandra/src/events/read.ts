import type { EventPage, EventQuery, StoredEvent } from '@kairos/core/driver'
import type { EventRegistry } from './event-registry.ts'
import {
  byPartition,
  type EventPlace,
  keyList,
  keyText,
  PARTITION,
  type Partition,
  partitionValues,
  slices,
} from './layout.ts'
import { type EventEntry, walk } from './walk.ts'

/** Characters, and events, of one answer of the server. */
const MOST_LENGTH = 1_000_000
const MOST_EVENTS = 500

/**
 * The first events of a range. The walk over keys and lengths says which they are, then just their bodies are fetched: what is held in memory
 * is the page, however many partitions it is merged from. Rejects with a StoreFailure.
 */
export async function readEvents(
  place: EventPlace,
  registry: EventRegistry,
  stream: string,
  { first, last, order, limit, maxLength }: EventQuery,
): Promise<EventPage> {
  const events: StoredEvent[] = []
  let entries: EventEntry[] = []
  let length = 0
  for await (const entry of walk(place, registry, stream, { first, last }, order, limit)) {
    entries.push(entry)
    length += entry.length
    if (entries.length < limit && length < maxLength) continue
    events.push(...(await bodiesOf(place, stream, entries)))
    // Where others deleted all of them in between, the page goes on behind them.
    if (events.length > 0) return { events, done: false }
    entries = []
    length = 0
  }
  return { events: await bodiesOf(place, stream, entries), done: true }
}

/** The events of entries, in their order, without those that are gone since. */
async function bodiesOf(place: EventPlace, stream: string, entries: readonly EventEntry[]): Promise<StoredEvent[]> {
  const bodies = new Map<string, string>()
  const requests = byPartition(entries).flatMap(([partition, group]) =>
    slices(group, ({ length }) => length, MOST_LENGTH, MOST_EVENTS).map((slice) => ({ partition, slice })),
  )
  await Promise.all(requests.map(({ partition, slice }) => fetchBodies(place, stream, partition, slice, bodies)))
  return entries.flatMap(({ key }) => {
    const body = bodies.get(key)
    return body === undefined ? [] : [{ key, body }]
  })
}

async function fetchBodies(
  place: EventPlace,
  stream: string,
  partition: Partition,
  entries: readonly EventEntry[],
  bodies: Map<string, string>,
): Promise<void> {
  const query = `SELECT key, body FROM "${place.keyspace}".kairos_events WHERE ${PARTITION} AND key IN ?`
  const values = [...partitionValues(place, stream, partition), keyList(entries.map(({ key }) => key))]
  await place.session.eachRow(query, values, (row) => {
    const key = keyText(row.key)
    // Rows of one key come in the order of `written`.
    if (!bodies.has(key)) bodies.set(key, row.body as string)
  })
}
