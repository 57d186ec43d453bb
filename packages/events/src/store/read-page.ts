import { KairosError } from '@kairos/core'
import type { KeyRange, StoredEvent } from '@kairos/core/driver'
import { checkCount } from '../checks/options.ts'
import { decodeEvent } from '../event/event-codec.ts'
import { checkOrder, keyRange, rangeBeyond } from '../event/key-range.ts'
import { keyBeside } from '../event/keys.ts'
import type { EventsPage, Order, PageOptions } from '../types.ts'
import { type Cursor, decodeCursor, encodeCursor } from './cursor.ts'
import { type EventLog, remainingRange } from './event-log.ts'

/** The most that a driver gives at once, less the one that tells whether there are more. */
const MOST = 9_999

/** One page of a stream, and the cursors to those beside it. */
export async function readPage(
  log: EventLog,
  namespace: string,
  stream: string,
  { cursor, limit = 100, maxBytes = 1_000_000, start, end, order, signal }: PageOptions,
): Promise<EventsPage> {
  checkCount(limit, 'limit', 1)
  checkCount(maxBytes, 'maxBytes', 1)
  const asked = checkOrder(order)
  const from = cursor === undefined ? null : decodeCursor(cursor)
  if (from !== null && from.order !== asked) {
    throw new KairosError('KAIROS_INVALID_VALUE', `the cursor is of ${from.order} pages, but order is ${asked}`, {
      value: cursor,
    })
  }
  const backward = from?.backward ?? false
  const direction = backward ? opposite(asked) : asked
  const whole = keyRange({ start, end })
  const range = from === null ? whole : rangeBeyond(whole, from.key, direction)
  const { events, hasMore } = await readSome(log, namespace, stream, range, {
    order: direction,
    limit: Math.min(limit, MOST),
    maxLength: maxBytes,
    signal,
  })
  if (backward) events.reverse()
  const place = (key: string | undefined, towards: boolean): string | null =>
    key === undefined ? null : encodeCursor({ key, order: asked, backward: towards })
  return {
    events: events.map(decodeEvent),
    next: place(events.at(-1)?.key ?? placeOf(from, false), false),
    previous: from === null || (backward && !hasMore) ? null : place(events[0]?.key ?? placeOf(from, true), true),
    hasMore,
  }
}

/**
 * The key behind which an empty page is left. A cursor leaves out the event that it names; who turns round at it has not seen that event, and is
 * given the key beside it.
 */
function placeOf(from: Cursor | null, backward: boolean): string | undefined {
  if (from === null || from.backward === backward) return from?.key
  return keyBeside(from.key, backward === (from.order === 'ascending') ? 1n : -1n)
}

interface Bounds {
  readonly order: Order
  readonly limit: number
  readonly maxLength: number
  readonly signal: AbortSignal | undefined
}

async function readSome(
  log: EventLog,
  namespace: string,
  stream: string,
  range: KeyRange,
  { order, limit, maxLength, signal }: Bounds,
): Promise<{ events: StoredEvent[]; hasMore: boolean }> {
  const found = await log.page(namespace, stream, { ...range, order, limit: limit + 1, maxLength }, signal)
  const events = found.events.slice(0, limit)
  if (found.events.length > limit) return { events, hasMore: true }
  if (found.done) return { events, hasMore: false }
  // The page ended by its bytes, or where it suited the store: one look tells whether there is more.
  const rest = remainingRange(range, events, order)
  const beyondIt = await log.page(namespace, stream, { ...rest, order, limit: 1, maxLength: 1 }, signal)
  return { events, hasMore: beyondIt.events.length > 0 }
}

function opposite(order: Order): Order {
  return order === 'ascending' ? 'descending' : 'ascending'
}
