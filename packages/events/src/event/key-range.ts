import type { KeyRange, StoredEvent } from '@kairos/core/driver'
import { invalidOption } from '../checks/errors.ts'
import type { Order } from '../types.ts'
import { FIRST_KEY, firstKeyAt, keyAfter, keyBefore, LAST_KEY, lastKeyAt, parseId } from './keys.ts'
import { type TimeInput, toEventTicks } from './time.ts'

/**
 * The keys between two times, both included, and after an event in the order of reading. A time that no event can have is refused: it is a
 * mistake, most often milliseconds, and would otherwise find nothing or delete everything.
 * @throws KAIROS_INVALID_VALUE
 */
export function keyRange(
  { start, end, after }: { start?: TimeInput | undefined; end?: TimeInput | undefined; after?: unknown },
  order: Order = 'ascending',
): KeyRange {
  const range = {
    first: start === undefined ? FIRST_KEY : firstKeyAt(toEventTicks(start, 'start')),
    last: end === undefined ? LAST_KEY : lastKeyAt(toEventTicks(end, 'end')),
  }
  return after === undefined ? range : rangeBeyond(range, parseId(after, 'after'), order)
}

/** The range of a single event. */
export function singleKeyRange(key: string): KeyRange {
  return { first: key, last: key }
}

/** The part of a range that comes after a key, in the order of reading. */
export function rangeBeyond(range: KeyRange, key: string, order: Order): KeyRange {
  if (order === 'ascending') return { first: largerKey(range.first, keyAfter(key)), last: range.last }
  return { first: range.first, last: smallerKey(range.last, keyBefore(key)) }
}

/** The keys that are in both ranges. */
export function commonRange(a: KeyRange, b: KeyRange): KeyRange {
  return { first: largerKey(a.first, b.first), last: smallerKey(a.last, b.last) }
}

/** What is left of a range after some of its events were read. */
export function remainingRange(range: KeyRange, read: readonly StoredEvent[], order: Order): KeyRange {
  const last = read.at(-1)
  if (last === undefined) return range
  return order === 'ascending'
    ? { first: keyAfter(last.key), last: range.last }
    : { first: range.first, last: keyBefore(last.key) }
}

/** @throws KAIROS_INVALID_CONFIG */
export function checkOrder(order: unknown): Order {
  if (order === undefined) return 'ascending'
  if (order === 'ascending' || order === 'descending') return order
  throw invalidOption({ path: 'order', expected: "'ascending' or 'descending'", value: order })
}

function largerKey(a: string, b: string): string {
  return a > b ? a : b
}

function smallerKey(a: string, b: string): string {
  return a < b ? a : b
}
