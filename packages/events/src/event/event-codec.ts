import type { StoredEvent } from '@kairos/core/driver'
import { describe } from '@kairos/core/driver'
import { invalidValue } from '../checks/errors.ts'
import { addToJson } from '../json/event-json.ts'
import { encodeMembers, isPlainObject, parseJson } from '../json/json-values.ts'
import type { AnyMembers, EventInput, StreamEvent } from '../types.ts'
import { keyToId, keyToTime, parseId } from './keys.ts'
import { toEventTicks } from './time.ts'

/** Members that a stored body does not have, since its key has them. */
const IN_KEY = ['@id', '@time']

/** An event as one line of JSON, `@id` and `@time` first. */
export function encodeLine({ key, body }: StoredEvent): string {
  const head = `{"@id":"${keyToId(key)}","@time":${keyToTime(key)}`
  return body === '{}' ? `${head}}` : `${head},${body.slice(1)}`
}

/** An event as programs read it. */
export function decodeEvent({ key, body }: StoredEvent): StreamEvent {
  const members = parseJson(body) as AnyMembers
  return addToJson({ '@id': keyToId(key), '@time': keyToTime(key), ...members })
}

/**
 * An event as stores keep it. It gets the members of `label`, too.
 * @throws KAIROS_INVALID_VALUE
 */
export function encodeEvent(
  event: EventInput,
  now: bigint,
  newKey: (time: bigint) => string,
  label?: AnyMembers,
): StoredEvent {
  if (typeof event !== 'object' || event === null || !isPlainObject(event)) {
    throw invalidValue({ path: 'event', expected: 'a plain object', value: event })
  }
  // Only now: of anything but a plain object, the copy would be an empty event.
  const labelled = label === undefined ? event : { ...event, ...label }
  return { key: keyOf(event, now, newKey), body: `{${encodeMembers(labelled, '', 1, IN_KEY)}}` }
}

function keyOf(event: EventInput, now: bigint, newKey: (time: bigint) => string): string {
  const { '@id': id, '@time': time } = event
  if (id === undefined) return newKey(time === undefined ? now : toEventTicks(time))
  const key = parseId(id, '@id')
  if (time === undefined || toEventTicks(time) === keyToTime(key)) return key
  throw invalidValue({
    path: '@time',
    expected: `the time in @id ${describe(id)}, ${keyToTime(key)}`,
    value: time,
    found: String(toEventTicks(time)),
    remedy: 'leave one of the two out',
  })
}
