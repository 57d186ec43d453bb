import type { DriverCallOptions } from './call-options.ts'

/**
 * The optional part of the driver contract that keeps event streams: a driver with `capabilities.events` has `openEvents`.
 *
 * A namespace holds streams, a stream is a set of events in the order of their keys. The meaning of keys and bodies, cursors,
 * retention and all checks belong to @kairos/events; a driver stores short texts under ordered keys and reads ranges of them.
 */
export interface EventStorage {
  /**
   * Stores the events that do not exist yet, and resolves to one boolean for each, in order: true if this call stored it; false if the key
   * existed, in which case its first body stays. Every other call sees them once this resolves. `events` are sorted by key, without duplicates;
   * 1 to 1,000, with bodies of at most 1,000,000 characters in total if there are several.
   *
   * After a rejection each event is either stored or not: the call may always be repeated, and core does so if the failure's `retry` says so.
   */
  append(stream: string, events: readonly StoredEvent[], options?: DriverCallOptions): Promise<readonly boolean[]>
  /**
   * The first events of the range in the requested order. A plain page: holds no connection, cursor or snapshot once resolved; the next page is
   * another call, whose range begins after the last key. Changes nothing: a missing stream is an empty one.
   */
  read(stream: string, query: EventQuery, options?: DriverCallOptions): Promise<EventPage>
  /**
   * The key of the event at `index` (0 to 9,999) of the range, in ascending order; null if there are not that many. Its point is to read no
   * bodies. Absent: core uses `read`.
   */
  keyAt?(stream: string, range: KeyRange, index: number, options?: DriverCallOptions): Promise<string | null>
  /** How many events are in the range. */
  count(stream: string, range: KeyRange, options?: DriverCallOptions): Promise<number>
  /**
   * Deletes the range's events, and resolves to how many there were. Earlier acknowledged appends are gone; a deleted key may be appended again.
   * A single event is the range from its key to its key. A store that blocks other work while it deletes must do so in bounded steps.
   */
  delete(stream: string, range: KeyRange, options?: DriverCallOptions): Promise<number>
  /** The streams of this namespace that have an event, each once and no other, in any order; found by an index, never by a scan of the events. */
  streams(options?: DriverCallOptions): Promise<readonly string[]>
}

/** Which namespace to open. Namespaces of one place share nothing; a place's events and its timeseries share nothing either. */
export interface EventSchema {
  /** 1 to 255 characters of `A-Z a-z 0-9 _ - . %`; case matters. */
  readonly namespace: string
}

/**
 * One event as a store receives it. A stream's name has 1 to 2,048 characters of `A-Z a-z 0-9 _ - .`, in any arrangement (`..`, `-x`, `__proto__`);
 * case matters. Names, keys and bodies are printable ASCII, so that no store needs to escape or to normalise them.
 */
export interface StoredEvent {
  /**
   * 32 lower-case hexadecimal digits, 16 bytes, unique in its stream. **Their order as text, or of the bytes as unsigned numbers, is the order
   * of events.** The digit `1`, then 15 of the event's time (`eventTime` reads them), then 16 that tell events of one time apart.
   */
  readonly key: string
  /**
   * A JSON object without white space outside its strings, in the characters U+0020 to U+007E, at least `{}`; returned character for
   * character (`1.0` stays `1.0`, members keep their order). At most `maxBodyLength` characters.
   */
  readonly body: string
}

/** First and last key, both included. Bounds need not be keys of events, nor possible keys (all `0`, all `f`). `first` after `last`: an empty range. */
export interface KeyRange {
  readonly first: string
  readonly last: string
}

/** Which page of events to read. */
export interface EventQuery extends KeyRange {
  /** The order of the events, and so the end of the range at which the page begins. */
  readonly order: 'ascending' | 'descending'
  /** The most events in the page, 1 to 10,000. */
  readonly limit: number
  /** The page ends with the event whose body brings the total number of characters to this limit, or before it, but has at least one event. */
  readonly maxLength: number
}

/** A page of events. */
export interface EventPage {
  /** In the requested order; at least one unless `done`. */
  readonly events: readonly StoredEvent[]
  /** True: the range has no event after these. False: it may have. */
  readonly done: boolean
}

/** What a driver's event streams can do: plain data, like all capabilities. */
export interface EventCapabilities {
  /**
   * A batch of `append` is stored completely or not at all, and of simultaneous appends of one key exactly one returns true. Without it, an append may
   * be cut in the middle, and two writers of one key may both get true; the event is still stored once.
   */
  readonly atomic: boolean
  /** In characters, which are bytes; longer bodies are refused before any I/O. Absent: 16,000,000. At least 1,000,000. */
  readonly maxBodyLength?: number
}
