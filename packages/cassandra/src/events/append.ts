import { pack, type StoredEvent } from '@kairos/core/driver'
import type { BoundStatement } from '../connection/session.ts'
import { bigint, int, text } from '../values/cql-bytes.ts'
import type { EventRegistry } from './event-registry.ts'
import {
  byPartition,
  type EventContext,
  keyBytes,
  keyList,
  keyText,
  PARTITION,
  type Partition,
  partitionValues,
} from './layout.ts'

/** Overhead of a row besides its texts, in bytes. */
const ROW_BYTES = 60
/** Maximum number of rows in a batch. */
const MOST_ROWS = 100

/**
 * Stores the events whose keys are not there yet; resolves to whether each was stored.
 * @throws StoreFailure
 */
export async function appendEvents(
  context: EventContext,
  registry: EventRegistry,
  stream: string,
  events: readonly StoredEvent[],
): Promise<boolean[]> {
  const { session, clock, timings, namespace } = context
  await clock.ready()
  const groups = byPartition(events)
  const [known] = await Promise.all([
    Promise.all(groups.map(([partition, group]) => presentKeys(context, stream, partition, group))),
    registry.register(
      stream,
      groups.map(([partition]) => partition),
    ),
  ])
  const present = new Set(known.flat())
  // Taken after the lookup: so this write can only come before an acknowledged one while it is in flight.
  const written = clock.tick()
  const weightOf = ({ body }: StoredEvent): number => body.length + stream.length + namespace.length + ROW_BYTES
  const writes = groups.flatMap(([partition, group]) => {
    const absent = group.filter(({ key }) => !present.has(key))
    const batches = pack(absent, { weightOf, maxWeight: timings.batchBytes, maxItems: MOST_ROWS })
    return Array.from(batches, (batch) => batch.map((event) => insertion(context, stream, partition, event, written)))
  })
  // Waits for every write: none is in flight when this rejects.
  const outcomes = await Promise.allSettled(writes.map((statements) => session.write(statements, written)))
  const failed = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return events.map(({ key }) => !present.has(key))
}

async function presentKeys(
  context: EventContext,
  stream: string,
  partition: Partition,
  events: readonly StoredEvent[],
): Promise<string[]> {
  const query = `SELECT key FROM "${context.keyspace}".kairos_events WHERE ${PARTITION} AND key IN ?`
  const values = [...partitionValues(context, stream, partition), keyList(events.map(({ key }) => key))]
  const keys: string[] = []
  await context.session.eachRow(query, values, (row) => keys.push(keyText(row.key)))
  return keys
}

function insertion(
  context: EventContext,
  stream: string,
  partition: Partition,
  { key, body }: StoredEvent,
  written: number,
): BoundStatement {
  return {
    query: `INSERT INTO "${context.keyspace}".kairos_events (place, namespace, stream, win, shard, key, written, length, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    values: [
      ...partitionValues(context, stream, partition),
      keyBytes(key),
      bigint(written),
      int(body.length),
      text(body),
    ],
  }
}
