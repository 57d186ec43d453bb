import { KairosError } from '@kairos/core'
import type { KeyRange } from '@kairos/core/driver'
import { describe } from '@kairos/core/driver'
import type { Order } from '../types.ts'
import { parseId } from './event-codec.ts'
import { FIRST_KEY, firstKeyAt, keyBeside, LAST_KEY, lastKeyAt } from './keys.ts'
import { type TimeInput, toEventTicks } from './time.ts'

/**
 * The keys between two times, both included, and after an event in the order of reading. A time that no event can have is a mistake, most often
 * milliseconds: taken at its word it would give nothing, or delete everything.
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
  return after === undefined ? range : rangeBeyond(range, parseId(after), order)
}

/** Just the event of a key. */
export function singleKeyRange(key: string): KeyRange {
  return { first: key, last: key }
}

/** What of a range comes after a key, in the order of reading. */
export function rangeBeyond(range: KeyRange, key: string, order: Order): KeyRange {
  if (order === 'ascending') return { first: largerKey(range.first, keyBeside(key, 1n)), last: range.last }
  return { first: range.first, last: smallerKey(range.last, keyBeside(key, -1n)) }
}

/** @throws KAIROS_INVALID_CONFIG */
export function checkOrder(order: unknown): Order {
  if (order === undefined) return 'ascending'
  if (order === 'ascending' || order === 'descending') return order
  throw new KairosError('KAIROS_INVALID_CONFIG', `order is ${describe(order)}; want 'ascending' or 'descending'`, {
    path: 'order',
    value: order,
  })
}

function largerKey(a: string, b: string): string {
  return [a, b].sort()[1]!
}

function smallerKey(a: string, b: string): string {
  return [a, b].sort()[0]!
}
