import { type EventPage, type EventQuery, pack, type StoredEvent } from '@kairos/core/driver'
import type { EventRegistry } from './event-registry.ts'
import {
  byPartition,
  type EventContext,
  keyList,
  keyText,
  PARTITION,
  type Partition,
  partitionValues,
} from './layout.ts'
import { type EventEntry, walk } from './walk.ts'

/** The limits of one request for bodies; the weight is in characters. */
const PER_REQUEST = { weightOf: ({ length }: EventEntry): number => length, maxWeight: 1_000_000, maxItems: 500 }

/**
 * Reads a page of events. A walk over keys and lengths finds out which they are; then only their bodies are fetched. So no more than the page is in
 * memory, however many partitions it is merged from.
 * @throws StoreFailure
 */
export async function readEvents(
  context: EventContext,
  registry: EventRegistry,
  stream: string,
  { first, last, order, limit, maxLength }: EventQuery,
): Promise<EventPage> {
  const events: StoredEvent[] = []
  let entries: EventEntry[] = []
  let length = 0
  for await (const entry of walk(context, registry, stream, { first, last }, order, limit)) {
    entries.push(entry)
    length += entry.length
    if (entries.length < limit && length < maxLength) continue
    events.push(...(await bodiesOf(context, stream, entries)))
    // If all of them were deleted meanwhile, the page continues after them.
    if (events.length > 0) return { events, done: false }
    entries = []
    length = 0
  }
  return { events: await bodiesOf(context, stream, entries), done: true }
}

/** The events of these entries, in order, without those deleted meanwhile. */
async function bodiesOf(context: EventContext, stream: string, entries: readonly EventEntry[]): Promise<StoredEvent[]> {
  const bodies = new Map<string, string>()
  const requests = byPartition(entries).flatMap(([partition, group]) =>
    Array.from(pack(group, PER_REQUEST), (some) => fetchBodies(context, stream, partition, some, bodies)),
  )
  await Promise.all(requests)
  return entries.flatMap(({ key }) => {
    const body = bodies.get(key)
    return body === undefined ? [] : [{ key, body }]
  })
}

async function fetchBodies(
  context: EventContext,
  stream: string,
  partition: Partition,
  entries: readonly EventEntry[],
  bodies: Map<string, string>,
): Promise<void> {
  const query = `SELECT key, body FROM "${context.keyspace}".kairos_events WHERE ${PARTITION} AND key IN ?`
  const values = [...partitionValues(context, stream, partition), keyList(entries.map(({ key }) => key))]
  await context.session.eachRow(query, values, (row) => {
    const key = keyText(row.key)
    // Rows of one key come in order of `written`.
    if (!bodies.has(key)) bodies.set(key, row.body as string)
  })
}
