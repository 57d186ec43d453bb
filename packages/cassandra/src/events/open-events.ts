import type { EventCapabilities, EventSchema, EventStorage } from '@kairos/core/driver'
import type { ServerClock } from '../connection/server-clock.ts'
import type { Session } from '../connection/session.ts'
import type { CassandraSettings } from '../options.ts'
import { ensureTables } from '../schema/ddl.ts'
import type { Tuning } from '../timings.ts'
import { appendEvents } from './append.ts'
import { deleteEvents } from './delete.ts'
import { EventRegistry, type RegisteredStream } from './event-registry.ts'
import { EVERYTHING, type EventPlace, eventTables } from './layout.ts'
import { readEvents } from './read.ts'
import { walk } from './walk.ts'

/** A body is one cell: servers refuse writes above half a segment of their log, and values of more than a megabyte serve nobody there. */
export const eventCapabilities: EventCapabilities = { atomic: false, maxBodyLength: 1_000_000 }

/** Streams that are looked into at once. */
const AT_ONCE = 32

/** Opens one namespace of event streams. */
export async function openEvents(
  session: Session,
  clock: ServerClock,
  tuning: Tuning,
  { keyspace, tableName = '' }: CassandraSettings,
  { namespace }: EventSchema,
): Promise<EventStorage> {
  await clock.ready()
  await ensureTables(session.timed, eventTables(keyspace))
  const place: EventPlace = { session, clock, tuning, keyspace, place: tableName, namespace }
  const registry = new EventRegistry(place)
  return {
    append: (stream, events) => appendEvents(place, registry, stream, events),
    read: (stream, query) => readEvents(place, registry, stream, query),
    async keyAt(stream, range, index) {
      let before = 0
      for await (const { key } of walk(place, registry, stream, range, 'ascending', index + 1))
        if (before++ === index) return key
      return null
    },
    async count(stream, range) {
      let count = 0
      for await (const _ of walk(place, registry, stream, range, 'ascending')) count++
      return count
    },
    delete: (stream, query) => deleteEvents(place, registry, stream, query),
    streams: () => listStreams(place, registry),
  }
}

/** Those registered streams that hold an event: most show it with one partition of their newest window. */
async function listStreams(place: EventPlace, registry: EventRegistry): Promise<string[]> {
  const found: string[] = []
  const source = registry.streams()
  const look = async (): Promise<void> => {
    for (;;) {
      const { done, value } = await source.next()
      if (done) return
      if (await holdsEvents(place, registry, value)) found.push(value.stream)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, look))
  return found
}

/** A stream that has no partition any more is forgotten, once its registration is old enough. */
async function holdsEvents(place: EventPlace, registry: EventRegistry, registered: RegisteredStream): Promise<boolean> {
  const { stream } = registered
  const { done } = await walk(place, registry, stream, EVERYTHING, 'descending', 1).next()
  if (!done) return true
  if (registry.outdated(registered)) {
    const partition = await registry.partitions(stream, EVERYTHING, 'ascending').next()
    if (partition.done) await registry.collectStream(registered)
  }
  return false
}
