import type { RetryEvent, StorageDriver } from '@kairos/core'
import type { TimeInput } from './event/time.ts'
import type { JsonValue } from './json/json-values.ts'
import type { JsonSchema } from './json/schema-sketch.ts'

/** The members of an event in an untyped stream: any JSON values. */
export interface AnyMembers {
  readonly [member: string]: JsonValue
}

/** The streams of an untyped store: any names, with any members. */
export interface AnyStreams {
  readonly [stream: string]: AnyMembers
}

/**
 * The members of the events in each stream, by the stream's name: `createEventStore<{ visits: Visit; orders: Order }>(…)`. This is only a type:
 * stored events are not checked against it.
 */
export type StreamTypes<Streams> = { readonly [Stream in keyof Streams]: object }

/** The names of a store's streams. */
export type StreamName<Streams> = keyof Streams & string

/** The members of an event to put that have a meaning of their own. */
export interface EventFields {
  /**
   * A version-1 UUID whose time is the event's; made if absent. An event that is sent again with its id is stored once: that is how a write whose
   * response was lost is repeated.
   */
  readonly '@id'?: string | undefined
  /** Default: the time of `@id`, or now. */
  readonly '@time'?: TimeInput | undefined
}

/** Whether a stream is untyped. */
type IsAny<Members> = AnyMembers extends Members ? (Members extends AnyMembers ? true : false) : false

/** An object, but not a list. */
type AnyObject = object & { readonly [Symbol.iterator]?: never }

/** An event to put: an object of JSON values. An untyped stream also takes interfaces, which do not match an index signature. */
export type EventInput<Members extends object = AnyMembers> = EventFields &
  (IsAny<Members> extends true ? AnyObject | { readonly [member: string]: unknown } : Members)

/** An event to put, or several. */
export type EventsInput<Members extends object = AnyMembers> = EventInput<Members> | Iterable<EventInput<Members>>

/** The members that every event has when it is read. */
export interface StoredFields {
  /** A version-1 UUID, in lower case. */
  readonly '@id': string
  /** Ticks of 100 ns since 1970-01-01T00:00:00Z. */
  readonly '@time': bigint
}

/**
 * An event as it is read. `JSON.stringify` writes it without loss, with `@time` and other bigints as integers. `toJson` does the same when the
 * event is part of something larger.
 */
export type StreamEvent<Members extends object = AnyMembers> = StoredFields &
  (IsAny<Members> extends true ? AnyMembers : StoredMembers<Members>)

/** The members of an event as they are read back: a Date as its text, a bigint as a number if a double can hold it. */
export type StoredMembers<Members> = {
  readonly [Member in Exclude<keyof Members, keyof EventFields>]: StoredValue<Members[Member]>
}

type StoredValue<Value> = unknown extends Value
  ? JsonValue
  : Value extends bigint
    ? number | bigint
    : Value extends string | number | boolean | null | undefined
      ? Value
      : Value extends { toJSON(): infer Json }
        ? StoredValue<Json>
        : Value extends (...given: never) => unknown
          ? never
          : { readonly [Member in keyof Value]: StoredValue<Value[Member]> }

/** The order of reading: by time, and for events of one time by id. */
export type Order = 'ascending' | 'descending'

/** Options of every call. */
export interface CallOptions {
  /** One of the store's namespaces; default: the first. */
  readonly namespace?: string
  /** Aborts the call, which then rejects with KAIROS_ABORTED. */
  readonly signal?: AbortSignal
}

/** A range of a stream; default: all of it. A range that ends before it begins is empty. */
export interface RangeOptions extends CallOptions {
  /** The first time, included. */
  readonly start?: TimeInput
  /** The last time, included. */
  readonly end?: TimeInput
}

/** Options of `get`. */
export interface GetOptions extends RangeOptions {
  /**
   * The id of an event: only events after it in the order of reading, so that a read continues where an earlier one ended. The event itself may
   * have been deleted. null: from the beginning of the range.
   */
  readonly after?: string | null | undefined
  /** The most events to read; default: all. */
  readonly limit?: number
  /** Default: ascending. */
  readonly order?: Order
}

/** Options of `page`. */
export interface PageOptions extends RangeOptions {
  /** `next` or `previous` of another page with the same stream, range and order. */
  readonly cursor?: string
  /** The most events on the page; default 100. */
  readonly limit?: number
  /** The page ends with the event whose JSON brings it to this many bytes; default 1,000,000. */
  readonly maxBytes?: number
  /** Default: ascending. */
  readonly order?: Order
}

/** One page of a stream, with cursors to the pages before and after it. */
export interface EventsPage<Members extends object = AnyMembers> {
  /** In the requested order, also on a page reached through `previous`. */
  readonly events: readonly StreamEvent<Members>[]
  /** The cursor of the next page. null if there is nowhere to continue from: no cursor was passed and no event was found. */
  readonly next: string | null
  /** The cursor of the previous page. null if nothing comes before this one. */
  readonly previous: string | null
  /** Whether there are more events in the direction of travel. Even if not, `next` finds events that arrive later. */
  readonly hasMore: boolean
}

/** Options of `delete`. */
export interface DeleteOptions extends RangeOptions {
  /** Only events after the one with this id. */
  readonly after?: string
  /** Only the events with these ids. Cannot be combined with a range. */
  readonly id?: string | readonly string[]
  /** Only counts what would be deleted. */
  readonly dryRun?: boolean
}

/** Options of `streams`. */
export interface StreamsOptions extends CallOptions {
  /** Only streams whose names begin with this. */
  readonly prefix?: string
}

/** Options of `inferSchema`. */
export interface InferOptions extends CallOptions {
  /** How many of the newest events, up to now, to look at; default 100. */
  readonly sample?: number
  /** How many characters of them to look at, always including the whole newest event; default 1,000,000. */
  readonly maxBytes?: number
  /** How many members the schema may name in total; default 10,000. */
  readonly maxParts?: number
}

/** The result of a put. If a call was repeated because its response was lost, events stored by the first attempt count as duplicates. */
export interface PutResult {
  /** How many events are new. */
  readonly inserted: number
  /** How many events were left alone because their ids were already stored. */
  readonly duplicates: number
  /** The ids of all events, in the order in which they were passed. */
  readonly ids: readonly string[]
}

/** What to keep of a stream. */
export interface Retention {
  /** Seconds by event time. Older events are hidden at once, and deleted by `evict`. */
  readonly age?: number
  /** How many of the latest events `evict` leaves in a stream. */
  readonly events?: number
}

/** A stream from which `evict` deleted events. */
export interface Eviction {
  readonly namespace: string
  readonly stream: string
  /** How many events were deleted. */
  readonly evicted: number
}

/** The configuration of `createEventStore`. */
export interface EventStoreConfig {
  /** Default: `['kronos']`. The first is the default of every call. */
  readonly namespaces?: readonly string[]
  /** By prefix of stream names: the longest that matches applies, and `''` matches every name. Default: everything is kept. */
  readonly retention?: Readonly<Record<string, Retention>>
  /** The clock, in ticks of 100 ns since 1970. Default: the system's. */
  readonly now?: () => bigint
  /** Passed to the client that is created for a URL. */
  readonly clientConfig?: object
  /** Milliseconds for one step of a call, a batch or a page, including retries; default 10,000. */
  readonly patience?: number
  /** Called before a step is retried. What it throws becomes a process warning. */
  readonly onRetry?: (event: RetryEvent) => void
}

/**
 * Ordered streams of events on one store, made by `createEventStore`. Its calls reject with KAIROS_STORE_FAILED if the store fails, with
 * KAIROS_CLOSED after `close`, and with KAIROS_ABORTED if their signal aborts.
 * @example
 * const events = createEventStore('sqlite:events.db')
 * await events.put('visits', { page: '/home' })
 * console.log(await events.streams()) // [ 'visits' ]
 */
export interface EventStore<Streams extends StreamTypes<Streams> = AnyStreams> {
  /** The driver's id, such as 'memory' or 'redis'; for a URL its scheme. */
  readonly id: string
  /** The configured namespaces. */
  readonly namespaces: readonly string[]
  /** Connects and prepares the store now, so that failures show now. Optional. */
  open(): Promise<this>
  /**
   * Stores new events under their ids, and leaves alone those that the stream already has. Checks every event before it stores any. If the
   * driver's `capabilities.events.atomic` is true, each batch of 1,000 is stored completely or not at all.
   * @throws KAIROS_INVALID_VALUE with `stream` and `index`. Every error has `ids`, of all events passed, and `stored`, how many are known to be
   * stored
   */
  put<Name extends StreamName<Streams>>(
    stream: Name,
    events: EventsInput<Streams[Name]>,
    options?: CallOptions,
  ): Promise<PutResult>
  /**
   * Iterates over events by time, and over events of one time by id. Reads page by page, at the speed of its consumer. Each event is returned at
   * most once, and every event that exists during the whole read is returned.
   * @throws KAIROS_INVALID_CONFIG, KAIROS_INVALID_VALUE, KAIROS_UNKNOWN_NAMESPACE
   */
  get<Name extends StreamName<Streams>>(
    stream: Name,
    options?: GetOptions,
  ): AsyncIterableIterator<StreamEvent<Streams[Name]>>
  /**
   * Reads one page, with cursors to the pages before and after it.
   * @throws KAIROS_INVALID_VALUE, also for a cursor from a page in the other order
   */
  page<Name extends StreamName<Streams>>(stream: Name, options?: PageOptions): Promise<EventsPage<Streams[Name]>>
  /**
   * Deletes a range or the events with certain ids; without either, the whole stream. Resolves to the number of events.
   * @throws KAIROS_INVALID_CONFIG, also for an option whose value is undefined: it would delete more than was meant
   */
  delete(stream: StreamName<Streams>, options?: DeleteOptions): Promise<number>
  /** The streams that hold events, sorted. */
  streams(options?: StreamsOptions): Promise<readonly string[]>
  /** The schema that fits the newest events, up to now. `{ type: 'null' }` for an empty stream. */
  inferSchema(stream: StreamName<Streams>, options?: InferOptions): Promise<JsonSchema>
  /** Deletes everything that `retention` does not keep. Call it from time to time if streams grow: it works in bounded steps. */
  evict(options?: { readonly signal?: AbortSignal }): Promise<readonly Eviction[]>
  /** Refuses further calls, and waits for those in flight. After `timeout` milliseconds they end in KAIROS_CLOSED. */
  close(options?: { readonly timeout?: number }): Promise<void>
  /** The same as `close()`. */
  [Symbol.asyncDispose](): Promise<void>
}

/** An event store, however its streams are typed. */
export type AnyEventStore = Pick<EventStore, 'id' | 'namespaces' | 'streams' | 'evict' | 'close'>

/** A driver, or the URL of a store. */
export type EventStoreSource = StorageDriver | string
