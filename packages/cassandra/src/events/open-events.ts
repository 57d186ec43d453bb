import { type EventSchema, type EventStorage, eachConcurrently } from '@kairos/core/driver'
import type { ServerClock } from '../connection/server-clock.ts'
import type { Session } from '../connection/session.ts'
import type { CassandraSettings } from '../options.ts'
import { ensureTables } from '../schema/ddl.ts'
import type { Timings } from '../timings.ts'
import { appendEvents } from './append.ts'
import { deleteEvents } from './delete.ts'
import { EventRegistry, type RegisteredStream } from './event-registry.ts'
import { EVERYTHING, type EventContext, eventTables } from './layout.ts'
import { readEvents } from './read.ts'
import { walk } from './walk.ts'

/** Streams checked at a time. */
const AT_ONCE = 32

/**
 * Opens a namespace of event streams, and creates its tables if they are missing.
 * @throws StoreFailure
 */
export async function openEvents(
  session: Session,
  clock: ServerClock,
  timings: Timings,
  { keyspace, tableName = '' }: CassandraSettings,
  { namespace }: EventSchema,
): Promise<EventStorage> {
  await clock.ready()
  await ensureTables(session.timed, eventTables(keyspace))
  const context: EventContext = { session, clock, timings, keyspace, place: tableName, namespace }
  const registry = new EventRegistry(context)
  return {
    append: (stream, events) => appendEvents(context, registry, stream, events),
    read: (stream, query) => readEvents(context, registry, stream, query),
    async keyAt(stream, range, index) {
      let before = 0
      for await (const { key } of walk(context, registry, stream, range, 'ascending', index + 1))
        if (before++ === index) return key
      return null
    },
    async count(stream, range) {
      let count = 0
      for await (const _ of walk(context, registry, stream, range, 'ascending')) count++
      return count
    },
    delete: (stream, query) => deleteEvents(context, registry, stream, query),
    streams: () => listStreams(context, registry),
  }
}

/** The registered streams that hold an event; for most, one partition of their newest window shows it. */
async function listStreams(context: EventContext, registry: EventRegistry): Promise<string[]> {
  const found: string[] = []
  await eachConcurrently(AT_ONCE, registry.streams(), async (registered) => {
    if (await holdsEvents(context, registry, registered)) found.push(registered.stream)
  })
  return found
}

/** Also removes the registration of a stream without partitions, once it is old enough. */
async function holdsEvents(
  context: EventContext,
  registry: EventRegistry,
  registered: RegisteredStream,
): Promise<boolean> {
  const { stream } = registered
  const { done } = await walk(context, registry, stream, EVERYTHING, 'descending', 1).next()
  if (!done) return true
  if (registry.outdated(registered)) {
    const partition = await registry.partitions(stream, EVERYTHING, 'ascending').next()
    if (partition.done) await registry.collectStream(registered)
  }
  return false
}
