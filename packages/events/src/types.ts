import type { RetryEvent, StorageDriver } from '@kairos/core'
import type { TimeInput } from './event/time.ts'
import type { JsonValue } from './json/json-values.ts'
import type { JsonSchema } from './json/schema-sketch.ts'

/** What is in the events of a stream of which nothing is said: anything that JSON can say. */
export interface AnyMembers {
  readonly [member: string]: JsonValue
}

/** The streams of a store of which nothing is said: all names, with anything in them. */
export interface AnyStreams {
  readonly [stream: string]: AnyMembers
}

/**
 * What is in the events of each stream, by its name: `createEventStore<{ visits: Visit; orders: Order }>(…)`. A type only: what is stored is not
 * compared with it.
 */
export type StreamTypes<Streams> = { readonly [Stream in keyof Streams]: object }

/** The names of streams. */
export type StreamName<Streams> = keyof Streams & string

/** What this package knows of an event that is put. */
export interface EventFields {
  /**
   * A UUID of version 1 whose time is the event's; made when it is absent. Whoever sends an event again with its id stores it once: that is how
   * a write whose answer was lost is repeated.
   */
  readonly '@id'?: string | undefined
  /** Default: the time of `@id`, or now. */
  readonly '@time'?: TimeInput | undefined
}

/** Nothing is said of these members. */
type IsAny<Members> = AnyMembers extends Members ? (Members extends AnyMembers ? true : false) : false

/** Which is no list. */
type AnyObject = object & { readonly [Symbol.iterator]?: never }

/** An event as it is put: an object of what JSON can say. Of any stream, an interface's too, to which no index of members fits. */
export type EventInput<Members extends object = AnyMembers> = EventFields &
  (IsAny<Members> extends true ? AnyObject | { readonly [member: string]: unknown } : Members)

/** An event, or several. */
export type EventsInput<Members extends object = AnyMembers> = EventInput<Members> | Iterable<EventInput<Members>>

/** What is in every event that is read. */
export interface StoredFields {
  readonly '@id': string
  /** Ticks of 100 ns since 1970-01-01T00:00:00Z. */
  readonly '@time': bigint
}

/**
 * An event as it is read. `JSON.stringify` writes it without loss, with `@time` and other bigints as integers; `toJson` does so also where it is a
 * part of something else.
 */
export type StreamEvent<Members extends object = AnyMembers> = StoredFields &
  (IsAny<Members> extends true ? AnyMembers : StoredMembers<Members>)

/** What comes back of members that were put: a Date as a text, a bigint as a number where a double holds it. */
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

export type Order = 'ascending' | 'descending'

/** Options that every call takes. */
export interface CallOptions {
  /** One of the store's namespaces; default: its first. */
  readonly namespace?: string
  readonly signal?: AbortSignal
}

/** Which events of a stream: all of them, unless a bound says less. A range that ends before it begins is empty. */
export interface RangeOptions extends CallOptions {
  /** From this time on, itself included. */
  readonly start?: TimeInput
  /** Up to this time, itself included. */
  readonly end?: TimeInput
}

export interface GetOptions extends RangeOptions {
  /**
   * An event's id: the events after it, in the order asked for, so that a read goes on where another one ended, in both orders. The event need
   * not exist any more. null: from the beginning of the range.
   */
  readonly after?: string | null | undefined
  /** Most events; default: all. */
  readonly limit?: number
  /** Default: ascending. */
  readonly order?: Order
}

export interface PageOptions extends RangeOptions {
  /** `next` or `previous` of another page of the same stream, range and order. */
  readonly cursor?: string
  /** Most events; default 100. */
  readonly limit?: number
  /** The page ends with the event that brings its JSON to so many bytes; default 1,000,000. */
  readonly maxBytes?: number
  readonly order?: Order
}

/** Some events of a stream, and the way to those beside them. */
export interface EventsPage<Members extends object = AnyMembers> {
  /** In the order asked for, also on a page reached by `previous`. */
  readonly events: readonly StreamEvent<Members>[]
  /** Where the events after these are. null: there is no place to go on from, since no event was found and no cursor was given. */
  readonly next: string | null
  /** Where the events before these are. null: nothing is before them. */
  readonly previous: string | null
  /** Whether there are more events in the direction in which the page was reached. With `next` one may look again later, for those to come. */
  readonly hasMore: boolean
}

export interface DeleteOptions extends RangeOptions {
  /** Only what comes after the event with this id. */
  readonly after?: string
  /** Just these events; goes with no other bound. */
  readonly id?: string | readonly string[]
  /** Deletes nothing, only counts. */
  readonly dryRun?: boolean
}

export interface StreamsOptions extends CallOptions {
  /** Only streams whose names begin so. */
  readonly prefix?: string
}

export interface InferOptions extends CallOptions {
  /** How many of the newest events, by now, are looked at; default 100. */
  readonly sample?: number
  /** Characters of these events that are looked at, but for the first, which is looked at whole; default 1,000,000. */
  readonly maxBytes?: number
  /** Members that the schema names, in all its objects together; default 10,000. */
  readonly maxParts?: number
}

/** What became of a put. Where a call was repeated after its answer was lost, what the first try had stored counts as a duplicate. */
export interface PutResult {
  readonly inserted: number
  /** Events whose ids were there already: they stay as they were. */
  readonly duplicates: number
  /** Of all events, in the order given. */
  readonly ids: readonly string[]
}

/** What is kept of a stream. */
export interface Retention {
  /** In seconds by event time: older events are not shown, and deleted by `evict`. */
  readonly age?: number
  /** How many of the latest events `evict` leaves in a stream. */
  readonly events?: number
}

/** A stream from which `evict` deleted. */
export interface Eviction {
  readonly namespace: string
  readonly stream: string
  readonly evicted: number
}

export interface EventStoreConfig {
  /** Default: `['kronos']`. The first is the default of every call. */
  readonly namespaces?: readonly string[]
  /** By prefix of stream names; the longest that a name begins with holds, `''` is for the rest. Default: everything is kept. */
  readonly retention?: Readonly<Record<string, Retention>>
  /** The clock: ticks since 1970. Default: the system's. */
  readonly now?: () => bigint
  /** Handed to the client that a URL creates. */
  readonly clientConfig?: object
  /** Milliseconds that one step of a call, a batch or a page, may take with all its tries; default 10,000. */
  readonly patience?: number
  /** Told before a step is tried again. What it throws is ignored. */
  readonly onRetry?: (event: RetryEvent) => void
}

/** Ordered streams of events on one store. Made by `createEventStore`. */
export interface EventStore<Streams extends StreamTypes<Streams> = AnyStreams> {
  /** The driver's: 'memory', 'redis'; of a URL its scheme. */
  readonly id: string
  readonly namespaces: readonly string[]
  /** Optional: connects and prepares now, fails now. */
  open(): Promise<this>
  /**
   * Stores events that are not there yet, each under its id; those that the stream has already are left alone. All are checked before any is
   * stored. On a driver whose `capabilities.events.atomic` is true, batches of 1,000 are stored whole or not at all.
   * @throws KAIROS_INVALID_VALUE with `stream` and `index`. Every error has `ids`, of all events given, and `stored`, how many are known to be stored
   */
  put<Name extends StreamName<Streams>>(
    stream: Name,
    events: EventsInput<Streams[Name]>,
    options?: CallOptions,
  ): Promise<PutResult>
  /**
   * Goes through events in their order: by time, and those of one time by their ids. Reads page by page, as fast as it is consumed; each event
   * is seen at most once, and each that stood during the whole read is seen.
   */
  get<Name extends StreamName<Streams>>(
    stream: Name,
    options?: GetOptions,
  ): AsyncIterableIterator<StreamEvent<Streams[Name]>>
  page<Name extends StreamName<Streams>>(stream: Name, options?: PageOptions): Promise<EventsPage<Streams[Name]>>
  /**
   * Deletes the events of a range, or of ids; of the whole stream when no bound is given. Resolves to how many.
   * @throws KAIROS_INVALID_CONFIG also for an option that is there but undefined: without it more would be deleted than was meant
   */
  delete(stream: StreamName<Streams>, options?: DeleteOptions): Promise<number>
  /** Just the streams that hold events, sorted. */
  streams(options?: StreamsOptions): Promise<readonly string[]>
  /** What the newest events, up to now, have in common. Of an empty stream: `{ type: 'null' }`. */
  inferSchema(stream: StreamName<Streams>, options?: InferOptions): Promise<JsonSchema>
  /** Deletes what `retention` does not keep. Where streams grow, call it now and then: it works in bounded steps. */
  evict(options?: { readonly signal?: AbortSignal }): Promise<readonly Eviction[]>
  /** Takes no more calls, and waits for those in flight; after `timeout` milliseconds they end in KAIROS_CLOSED. */
  close(options?: { readonly timeout?: number }): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** A store whatever its streams are typed as. */
export type AnyEventStore = Pick<EventStore, 'id' | 'namespaces' | 'streams' | 'evict' | 'close'>

/** A driver, or a store's URL. */
export type EventStoreSource = StorageDriver | string
