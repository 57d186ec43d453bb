import type { KeyRange } from '@kairos/core/driver'
import type { ServerClock } from '../connection/server-clock.ts'
import type { Session } from '../connection/session.ts'
import { shardOf } from '../registry/registry.ts'
import type { TableDefinition } from '../schema/ddl.ts'
import type { Timings } from '../timings.ts'
import { int, text } from '../values/cql-bytes.ts'

/** Digits of a key that name its window: the rest of its time are 2^36 ticks of 100 ns, 1 h 54 min. */
const WINDOW_DIGITS = 7

/** Every key there can be. */
export const EVERYTHING: KeyRange = { first: '0'.repeat(32), last: 'f'.repeat(32) }

/** One namespace of events at one place. */
export interface EventContext {
  readonly session: Session
  readonly clock: ServerClock
  readonly timings: Timings
  readonly keyspace: string
  /** The driver's `tableName`, or nothing. */
  readonly place: string
  readonly namespace: string
}

/** A piece of a stream that is one partition: events of one window of time, by a hash of their keys. */
export interface Partition {
  readonly win: number
  readonly shard: number
}

/**
 * Tables that all places of a keyspace share: events, which partitions a stream has, and which streams a namespace has. `written` tells two
 * simultaneous appends of one key apart: the lower one is the event.
 */
export function eventTables(keyspace: string): TableDefinition[] {
  return [
    {
      keyspace,
      table: 'kairos_events',
      columns: [
        'place text',
        'namespace text',
        'stream text',
        'win int',
        'shard int',
        'key blob',
        'written bigint',
        'length int',
        'body text',
      ],
      key: '(place, namespace, stream, win, shard), key, written',
    },
    {
      keyspace,
      table: 'kairos_event_windows',
      columns: ['place text', 'namespace text', 'stream text', 'win int', 'shard int', 'touched bigint'],
      key: '(place, namespace, stream), win, shard',
    },
    {
      keyspace,
      table: 'kairos_event_streams',
      columns: ['place text', 'namespace text', 'shard int', 'stream text', 'touched bigint'],
      key: '(place, namespace, shard), stream',
    },
  ]
}

/** What names a partition in a statement; `partitionValues` are its values. */
export const PARTITION = 'place = ? AND namespace = ? AND stream = ? AND win = ? AND shard = ?'

export function partitionValues(
  { place, namespace }: EventContext,
  stream: string,
  { win, shard }: Partition,
): Buffer[] {
  return [text(place), text(namespace), text(stream), int(win), int(shard)]
}

/** The window of a key, or of a bound. */
export function windowOf(key: string): number {
  return Number.parseInt(key.slice(0, WINDOW_DIGITS), 16)
}

/** Where a key is, always: a repeat of its append must meet it. */
export function partitionOf(key: string): Partition {
  return { win: windowOf(key), shard: shardOf(key) }
}

export function keyBytes(key: string): Buffer {
  return Buffer.from(key, 'hex')
}

/** A blob as a client gives it. */
export function keyText(column: unknown): string {
  return (column as Buffer).toString('hex')
}

/** A list of keys as CQL's `IN ?` takes it: their number, and each behind its length. */
export function keyList(keys: readonly string[]): Buffer {
  return Buffer.concat([int(keys.length), ...keys.flatMap((key) => [int(key.length / 2), keyBytes(key)])])
}

/** Items by the partition of their keys, in the order in which they come. */
export function byPartition<Item extends { readonly key: string }>(items: readonly Item[]): [Partition, Item[]][] {
  const groups = new Map<string, [Partition, Item[]]>()
  for (const item of items) {
    const partition = partitionOf(item.key)
    const name = `${partition.win} ${partition.shard}`
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [partition, [item]])
    else group[1].push(item)
  }
  return [...groups.values()]
}
