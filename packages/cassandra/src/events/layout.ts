import type { KeyRange } from '@kairos/core/driver'
import type { ServerClock } from '../connection/server-clock.ts'
import type { Session } from '../connection/session.ts'
import { shardOf } from '../registry/registry.ts'
import type { TableDefinition } from '../schema/table-definition.ts'
import type { Timings } from '../timings.ts'
import { int, text } from '../values/cql-bytes.ts'

/** Digits of a key that make its window. The other digits of its time cover 2^36 ticks of 100 ns: 1 h 54 min. */
const WINDOW_DIGITS = 7

/** The range of all keys. */
export const EVERYTHING: KeyRange = { first: '0'.repeat(32), last: 'f'.repeat(32) }

/** A namespace of event streams, and what its calls share. */
export interface EventContext {
  readonly session: Session
  readonly clock: ServerClock
  readonly timings: Timings
  readonly keyspace: string
  /** The driver's `tableName`, or an empty text. */
  readonly place: string
  readonly namespace: string
}

/** A partition of a stream: events of one window of time, spread by a hash of their keys. */
export interface Partition {
  readonly win: number
  readonly shard: number
}

/**
 * Tables that all event streams of a keyspace share: the events, the partitions of each stream, and the streams of each namespace. `written` tells
 * simultaneous appends of one key apart: the one with the lower value is the event.
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

/** The condition that selects a partition; `partitionValues` are its values. */
export const PARTITION = 'place = ? AND namespace = ? AND stream = ? AND win = ? AND shard = ?'

/** The values of `PARTITION`. */
export function partitionValues(
  { place, namespace }: EventContext,
  stream: string,
  { win, shard }: Partition,
): Buffer[] {
  return [text(place), text(namespace), text(stream), int(win), int(shard)]
}

/** The window of a key, or of the end of a range. */
export function windowOf(key: string): number {
  return Number.parseInt(key.slice(0, WINDOW_DIGITS), 16)
}

/** The partition of a key. Never changes: a repeated append must find the event. */
export function partitionOf(key: string): Partition {
  return { win: windowOf(key), shard: shardOf(key) }
}

/** A key as the bytes of its column. */
export function keyBytes(key: string): Buffer {
  return Buffer.from(key, 'hex')
}

/** A key, from its column as the client returns it. */
export function keyText(column: unknown): string {
  return (column as Buffer).toString('hex')
}

/** A list of keys for CQL's `IN ?`: their number, then each after its length. */
export function keyList(keys: readonly string[]): Buffer {
  return Buffer.concat([int(keys.length), ...keys.flatMap((key) => [int(key.length / 2), keyBytes(key)])])
}

/** Groups items by the partition of their keys, in order. */
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
