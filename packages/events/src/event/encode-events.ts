import { KairosError } from '@kairos/core'
import type { StoredEvent } from '@kairos/core/driver'
import { invalidValue } from '../checks/errors.ts'
import type { AnyMembers, EventInput, EventsInput } from '../types.ts'
import { encodeEvent } from './event-codec.ts'

/**
 * One event, or several, as a list.
 * @throws KAIROS_INVALID_VALUE
 */
export function toEventList(events: EventsInput): readonly EventInput[] {
  if (typeof events !== 'object' || events === null) {
    throw invalidValue({ path: 'events', expected: 'an event or a list of events', value: events })
  }
  return Symbol.iterator in events ? [...(events as Iterable<EventInput>)] : [events as EventInput]
}

/**
 * Checks all events, and gives them as stores keep them. A `label` has members that each event gets.
 * @throws KAIROS_INVALID_VALUE with `stream` and `index`
 */
export function encodeEvents(
  stream: string,
  events: readonly EventInput[],
  now: bigint,
  newKey: (time: bigint) => string,
  label?: AnyMembers,
): StoredEvent[] {
  return events.map((event, index) => {
    try {
      return encodeEvent(event, now, newKey, label)
    } catch (error) {
      if (!KairosError.is(error)) throw error
      const { code, message, path, value } = error
      throw new KairosError(code, `stream ${stream}, event ${index}: ${message}`, {
        stream,
        index,
        value,
        ...(path === undefined ? {} : { path }),
      })
    }
  })
}
