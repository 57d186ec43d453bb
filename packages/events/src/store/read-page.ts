import type { KeyRange, StoredEvent } from '@kairos/core/driver'
import { invalidValue } from '../checks/errors.ts'
import { checkCount } from '../checks/options.ts'
import { decodeEvent } from '../event/event-codec.ts'
import { checkOrder, keyRange, rangeBeyond, remainingRange } from '../event/key-range.ts'
import { keyAfter, keyBefore } from '../event/keys.ts'
import type { EventsPage, Order, PageOptions } from '../types.ts'
import { type Cursor, decodeCursor, encodeCursor } from './cursor.ts'
import type { EventLog } from './event-log.ts'

/** The longest page of the driver contract, minus the one event that shows whether there are more. */
const MOST = 9_999

/** Reads one page of a stream, with the cursors of the pages before and after it. */
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
    throw invalidValue({
      path: 'cursor',
      expected: `the cursor of a page in ${asked} order`,
      value: cursor,
      found: `in ${from.order} order`,
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
 * The key at which the cursor of an empty page starts. A cursor excludes its own event. A reader that turns around there has not seen that event,
 * so its new cursor starts at the neighbouring key.
 */
function placeOf(from: Cursor | null, backward: boolean): string | undefined {
  if (from === null || from.backward === backward) return from?.key
  return backward === (from.order === 'ascending') ? keyAfter(from.key) : keyBefore(from.key)
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
  // The page ended by its bytes, or where the store ended it: one more read shows whether anything follows.
  const rest = remainingRange(range, events, order)
  const following = await log.page(namespace, stream, { ...rest, order, limit: 1, maxLength: 1 }, signal)
  return { events, hasMore: following.events.length > 0 }
}

function opposite(order: Order): Order {
  return order === 'ascending' ? 'descending' : 'ascending'
}
