import type { Order } from '../types.ts'

/** Where the events of a tally come from, as far as that is known. */
export interface StreamSource {
  readonly order: Order
  /** The id of the event after which they begin. */
  readonly after: string | null
  /** The clock by which events settle: ticks since 1970. */
  now(): bigint
  /** How many events there are from a time on up to an event, itself included; absent where this cannot be asked. */
  count?(from: bigint, upTo: string): Promise<number>
}

const sources = new WeakMap<object, StreamSource>()

/** The events, of which a tally knows from now on where they come from. */
export function withSource<Events extends object>(events: Events, source: StreamSource): Events {
  sources.set(events, source)
  return events
}

export function sourceOf(events: object): StreamSource | undefined {
  return sources.get(events)
}
