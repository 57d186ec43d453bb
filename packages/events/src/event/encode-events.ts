import { KairosError } from '@kairos/core'
import { describe, type StoredEvent } from '@kairos/core/driver'
import type { EventInput, EventsInput } from '../types.ts'
import { encodeEvent } from './event-codec.ts'

/**
 * One event, or several, as a list.
 * @throws KAIROS_INVALID_VALUE
 */
export function toEventList(events: EventsInput): readonly EventInput[] {
  if (typeof events !== 'object' || events === null) throw notEvents(events)
  return Symbol.iterator in events ? [...(events as Iterable<EventInput>)] : [events as EventInput]
}

/**
 * Events as stores keep them; all are checked.
 * @throws KAIROS_INVALID_VALUE with `stream` and `index`
 */
export function encodeEvents(
  stream: string,
  events: readonly EventInput[],
  now: bigint,
  newKey: (time: bigint) => string,
): StoredEvent[] {
  return events.map((event, index) => {
    try {
      return encodeEvent(event, now, newKey)
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

function notEvents(events: unknown): KairosError {
  return new KairosError('KAIROS_INVALID_VALUE', `${describe(events)} is neither an event nor a list of events`, {
    value: events,
  })
}
