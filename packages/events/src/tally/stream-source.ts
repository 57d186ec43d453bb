import type { Order } from '../types.ts'

/** Where the events of a `get` come from, for `tally`. */
export interface StreamSource {
  readonly order: Order
  /** The id of the event after which the read begins. */
  readonly after: string | null
  /** The clock by which events settle, in ticks since 1970. */
  now(): bigint
  /** The number of events from a time up to an event, which is included; absent if the source cannot count. */
  count?(from: bigint, upTo: string): Promise<number>
}

const sources = new WeakMap<object, StreamSource>()

/** Remembers where these events come from, and returns them. */
export function withSource<Events extends object>(events: Events, source: StreamSource): Events {
  sources.set(events, source)
  return events
}

export function sourceOf(events: object): StreamSource | undefined {
  return sources.get(events)
}
