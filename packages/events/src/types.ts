import type { StorageDriver } from '@kairos/core'
import type { JsonSchema } from './json/schema.ts'
import type { JsonValue } from './json/values.ts'
import type { TimeInput } from './time.ts'

/** An event as it is put: any JSON object. */
export interface EventInput {
  /**
   * A UUID of version 1 whose time is the event's; made when it is absent. Whoever sends an event again with its id stores it once: that is how
   * a write whose answer was lost is repeated.
   */
  readonly '@id'?: string | undefined
  /** Default: the time of `@id`, or now. */
  readonly '@time'?: TimeInput | undefined
  readonly [member: string]: unknown
}

/** An event as it is read. */
export interface StreamEvent {
  readonly '@id': string
  /** Ticks of 100 ns since 1970-01-01T00:00:00Z. */
  readonly '@time': bigint
  readonly [member: string]: JsonValue
}

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
   * not exist any more.
   */
  readonly after?: string
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
export interface EventsPage {
  /** In the order asked for, also on a page reached by `previous`. */
  readonly events: readonly StreamEvent[]
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
}

/** Ordered streams of events on one store. Made by `createEventStore`. */
export interface EventStore {
  /** The driver's: 'memory', 'redis'; of a URL its scheme. */
  readonly id: string
  readonly namespaces: readonly string[]
  /** Optional: connects and prepares now, fails now. */
  open(): Promise<this>
  /**
   * Stores events that are not there yet, each under its id; those that the stream has already are left alone. All are checked before any is
   * stored. On a driver whose `capabilities.events.atomic` is true, batches of 1,000 are stored whole or not at all.
   * @throws KAIROS_INVALID_VALUE with `stream` and `index`
   */
  put(stream: string, events: EventInput | Iterable<EventInput>, options?: CallOptions): Promise<PutResult>
  /**
   * Goes through events in their order: by time, and those of one time by their ids. Reads page by page, as fast as it is consumed; each event
   * is seen at most once, and each that stood during the whole read is seen.
   */
  get(stream: string, options?: GetOptions): AsyncIterableIterator<StreamEvent>
  page(stream: string, options?: PageOptions): Promise<EventsPage>
  /**
   * Deletes the events of a range, or of ids; of the whole stream when no bound is given. Resolves to how many.
   * @throws KAIROS_INVALID_CONFIG also for an option that is there but undefined: without it more would be deleted than was meant
   */
  delete(stream: string, options?: DeleteOptions): Promise<number>
  /** Just the streams that hold events, sorted. */
  streams(options?: StreamsOptions): Promise<readonly string[]>
  /** What the newest events, up to now, have in common. Of an empty stream: `{ type: 'null' }`. */
  inferSchema(stream: string, options?: InferOptions): Promise<JsonSchema>
  /** Deletes what `retention` does not keep. Where streams grow, call it now and then: it works in bounded steps. */
  evict(options?: { readonly signal?: AbortSignal }): Promise<readonly Eviction[]>
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** A driver, or a store's URL. */
export type EventStoreSource = StorageDriver | string
