import { eachConcurrently, type KeyRange } from '@kairos/core/driver'
import type { EventRegistry } from './event-registry.ts'
import {
  byPartition,
  EVERYTHING,
  type EventContext,
  keyBytes,
  PARTITION,
  type Partition,
  partitionValues,
} from './layout.ts'
import { type EventEntry, entriesOf, walk } from './walk.ts'

/** Events deleted in one step, whose keys are in memory. */
const STEP = 5_000
/** Partitions checked at a time. */
const AT_ONCE = 32

/**
 * Deletes the events of a range, oldest first, and resolves to their number. It resolves when every client's clock is past the delete's timestamps:
 * events acknowledged before have older ones, events appended later have newer ones.
 * @throws StoreFailure
 */
export async function deleteEvents(
  context: EventContext,
  registry: EventRegistry,
  stream: string,
  range: KeyRange,
): Promise<number> {
  const { clock } = context
  await clock.ready()
  let deleted = 0
  let newest = 0
  let step: EventEntry[] = []
  const take = async (): Promise<void> => {
    const entries = step
    step = []
    const timestamp = await deleteEntries(context, stream, entries)
    newest = Math.max(newest, timestamp)
    deleted += entries.length
  }
  for await (const entry of walk(context, registry, stream, range, 'ascending')) {
    step.push(entry)
    if (step.length >= STEP) await take()
  }
  if (step.length > 0) await take()
  await collect(context, registry, stream, range)
  await clock.outlast(newest)
  return deleted
}

/** Deletes a range of each partition with one statement; resolves to their timestamp. */
async function deleteEntries(context: EventContext, stream: string, entries: readonly EventEntry[]): Promise<number> {
  const { session, clock, keyspace } = context
  const query = `DELETE FROM "${keyspace}".kairos_events WHERE ${PARTITION} AND key >= ? AND key <= ?`
  const timestamp = clock.deleteTimestamp()
  const deletions = byPartition(entries).map(([partition, group]: [Partition, EventEntry[]]) => ({
    query,
    values: [...partitionValues(context, stream, partition), keyBytes(group[0]!.key), keyBytes(group.at(-1)!.key)],
  }))
  const outcomes = await Promise.allSettled(deletions.map((deletion) => session.write([deletion], timestamp)))
  const failed = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return timestamp
}

/** Removes the registrations of empty partitions of a range, once they are old enough. */
async function collect(context: EventContext, registry: EventRegistry, stream: string, range: KeyRange): Promise<void> {
  if (range.first > range.last) return
  await eachConcurrently(AT_ONCE, registry.partitions(stream, range, 'ascending'), async (partition) => {
    if (!registry.outdated(partition)) return
    const first = await entriesOf(context, stream, partition, EVERYTHING, 'ascending', 1).next()
    if (first.done) await registry.collectPartition(stream, partition)
  })
}
