import { KairosError } from '@kairos/core'
import { describe, type StoredEvent } from '@kairos/core/driver'
import { addToJson } from '../json/event-json.ts'
import { encodeMembers, isPlainObject, parseJson } from '../json/json-values.ts'
import type { AnyMembers, EventInput, StreamEvent } from '../types.ts'
import { idToKey, keyToId, keyToTime } from './keys.ts'
import { toEventTicks } from './time.ts'

/** Members that are not in a stored body: they are in its key. */
const IN_KEY = ['@id', '@time']

/** An event as one line of JSON, `@id` and `@time` first. */
export function lineOf({ key, body }: StoredEvent): string {
  const head = `{"@id":"${keyToId(key)}","@time":${keyToTime(key)}`
  return body === '{}' ? `${head}}` : `${head},${body.slice(1)}`
}

export function decodeEvent({ key, body }: StoredEvent): StreamEvent {
  const members = parseJson(body) as AnyMembers
  return addToJson({ '@id': keyToId(key), '@time': keyToTime(key), ...members })
}

/**
 * An event as stores keep it.
 * @throws KAIROS_INVALID_VALUE
 */
export function encodeEvent(event: EventInput, now: bigint, newKey: (time: bigint) => string): StoredEvent {
  if (typeof event !== 'object' || event === null || !isPlainObject(event)) {
    throw new KairosError('KAIROS_INVALID_VALUE', `${describe(event)} is not an event; want a JSON object`, {
      value: event,
    })
  }
  return { key: keyOf(event, now, newKey), body: `{${encodeMembers(event, '', 1, IN_KEY)}}` }
}

function keyOf(event: EventInput, now: bigint, newKey: (time: bigint) => string): string {
  const { '@id': id, '@time': time } = event
  if (id === undefined) return newKey(time === undefined ? now : toEventTicks(time))
  const key = parseId(id)
  if (time !== undefined && toEventTicks(time) !== keyToTime(key)) {
    throw new KairosError(
      'KAIROS_INVALID_VALUE',
      `@id ${describe(id)} says the time ${keyToTime(key)}, but @time is ${toEventTicks(time)}; leave one of them out`,
      { value: id },
    )
  }
  return key
}

/**
 * The key of an id that a caller gave.
 * @throws KAIROS_INVALID_VALUE
 */
export function parseId(id: unknown): string {
  const key = typeof id === 'string' ? idToKey(id) : null
  if (key === null) {
    throw new KairosError('KAIROS_INVALID_VALUE', `${describe(id)} is not an event's id; want a UUID of version 1`, {
      value: id,
    })
  }
  return key
}

const STREAM = /^[A-Za-z0-9_.-]{1,2048}$/

export function isStreamName(stream: unknown): stream is string {
  return typeof stream === 'string' && STREAM.test(stream)
}

export function invalidStreamName(stream: unknown): string {
  return `a stream's name must be 1 to 2,048 characters of A-Z a-z 0-9 _ - ., not ${describe(stream)}`
}

/** @throws KAIROS_INVALID_VALUE */
export function checkStreamName(stream: unknown): string {
  if (isStreamName(stream)) return stream
  throw new KairosError(
    'KAIROS_INVALID_VALUE',
    invalidStreamName(stream),
    typeof stream === 'string' ? { stream, value: stream } : { value: stream },
  )
}
