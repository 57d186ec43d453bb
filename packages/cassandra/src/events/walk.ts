import type { KeyRange } from '@kairos/core/driver'
import { pagesOfRows } from '../connection/page-size.ts'
import type { EventRegistry, RegisteredPartition } from './event-registry.ts'
import { type EventContext, keyBytes, keyText, PARTITION, partitionValues } from './layout.ts'

/** An event without its body. */
export interface EventEntry {
  readonly key: string
  /** Length of its body, in characters. */
  readonly length: number
}

/** Maximum number of partitions to read ahead. */
const MOST_AHEAD = 64
/** Maximum and minimum number of entries, of some 40 bytes each, in a page of one partition. */
const MOST_ROWS = 2_000
const FEWEST_ROWS = 32

/**
 * The events of a range in order, without their bodies: window by window, merging the partitions of each. It begins with one window and reads further
 * ahead as it goes: a page of three events asks little, a walk over years of rare events asks many partitions at once.
 * @throws StoreFailure
 */
export async function* walk(
  context: EventContext,
  registry: EventRegistry,
  stream: string,
  range: KeyRange,
  order: 'ascending' | 'descending',
  /** How many events are wanted, if known. */
  wanted: number = Number.POSITIVE_INFINITY,
): AsyncGenerator<EventEntry> {
  if (range.first > range.last) return
  for await (const windows of groups(registry.partitions(stream, range, order))) {
    const cursors = windows.map((partitions) => {
      const fair = Math.ceil((1.25 * wanted) / partitions.length)
      const rows = Math.min(MOST_ROWS, Math.max(FEWEST_ROWS, fair))
      return partitions.map((partition) => entriesOf(context, stream, partition, range, order, rows))
    })
    // Reads all first pages at once.
    const heads = await Promise.all(cursors.map((ofWindow) => Promise.all(ofWindow.map((cursor) => cursor.next()))))
    for (const [index, ofWindow] of cursors.entries()) yield* merge(ofWindow, heads[index]!, order)
  }
}

/** The events of one partition, in order, without their bodies. */
export async function* entriesOf(
  context: EventContext,
  stream: string,
  partition: RegisteredPartition,
  { first, last }: KeyRange,
  order: 'ascending' | 'descending',
  rows: number,
): AsyncGenerator<EventEntry> {
  const query =
    `SELECT key, length FROM "${context.keyspace}".kairos_events WHERE ${PARTITION} AND key >= ? AND key <= ?` +
    (order === 'descending' ? ' ORDER BY key DESC, written DESC' : '')
  const values = [...partitionValues(context, stream, partition), keyBytes(first), keyBytes(last)]
  let held: EventEntry | undefined
  for await (const row of context.session.rows(query, values, pagesOfRows(rows))) {
    const entry = { key: keyText(row.key), length: row.length as number }
    // Of simultaneous appends of one key, the one written first is the event.
    if (entry.key === held?.key) {
      if (order === 'descending') held = entry
      continue
    }
    if (held !== undefined) yield held
    held = entry
  }
  if (held !== undefined) yield held
}

/** Groups partitions by window, with more windows in each group than in the one before. */
async function* groups(partitions: AsyncIterable<RegisteredPartition>): AsyncGenerator<RegisteredPartition[][]> {
  let windows: RegisteredPartition[][] = []
  let count = 0
  let most = 1
  for await (const partition of partitions) {
    const newest = windows.at(-1)
    if (newest?.[0]?.win === partition.win) newest.push(partition)
    else {
      if (count >= most) {
        yield windows
        windows = []
        count = 0
        most = Math.min(MOST_AHEAD, most * 2)
      }
      windows.push([partition])
    }
    count++
  }
  if (count > 0) yield windows
}

async function* merge(
  cursors: readonly AsyncGenerator<EventEntry>[],
  heads: IteratorResult<EventEntry>[],
  order: 'ascending' | 'descending',
): AsyncGenerator<EventEntry> {
  for (;;) {
    let next = -1
    for (const [index, head] of heads.entries()) {
      if (head.done) continue
      const best = heads[next]?.value as EventEntry | undefined
      if (best === undefined || (order === 'ascending' ? head.value.key < best.key : head.value.key > best.key)) {
        next = index
      }
    }
    if (next < 0) return
    yield heads[next]!.value as EventEntry
    heads[next] = await cursors[next]!.next()
  }
}
