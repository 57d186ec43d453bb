import type { KairosError } from '@kairos/core'
import type { JsonSchema } from '../json/schema-sketch.ts'
import type {
  AnyStreams,
  CallOptions,
  DeleteOptions,
  EventsInput,
  GetOptions,
  PutResult,
  StreamEvent,
  StreamName,
  StreamsOptions,
  StreamTypes,
} from '../types.ts'

/** How `enqueue` sends events. */
export interface BackgroundOptions {
  /** The most events that may wait; default 10,000. */
  readonly maxQueued?: number
  /** Which events are lost when the queue is full: `drop-new`, the default, or `drop-old`, those that waited longest. `onError` is called for them. */
  readonly overflow?: 'drop-new' | 'drop-old'
  /** Milliseconds that events wait for more events to be sent with; default 100. */
  readonly interval?: number
}

/** The options of `createEventClient`. */
export interface EventClientOptions {
  /** Of calls that do not name one; default: the server's. */
  readonly namespace?: string
  /** How `enqueue` sends events. */
  readonly background?: BackgroundOptions
  /**
   * Called for enqueued events that were lost, because the queue was full or they could not be sent, and for failures in recording logged
   * functions. What it throws becomes a process warning. It may use the client; what is lost meanwhile is reported to it afterwards. Without it,
   * `flush` and `close` still reject.
   */
  readonly onError?: (error: KairosError, lost: readonly LostEvent[]) => void
  /** Milliseconds without progress after which a call stops retrying; default 30,000. */
  readonly patience?: number
  /** Milliseconds in which the server must send something of use, such as an event, or 16 KB; after that an attempt fails. Default 30,000. */
  readonly timeout?: number
  /** Headers of every request, for servers behind an authenticating proxy. */
  readonly headers?: Readonly<Record<string, string>>
  /** The server's token, sent as `Authorization: Bearer …`. A user and password in the URL are sent as `Basic`. */
  readonly token?: string
  /** The member `@library` of every event; default: this package. null: none. */
  readonly library?: { readonly name: string; readonly version?: string } | null
  /** The clock for events without a time, in ticks since 1970. Default: the system's. */
  readonly now?: () => bigint
  /** Default: the global `fetch`. */
  readonly fetch?: typeof fetch
}

/** An event that was not stored, with its id, so that it can be put again. */
export interface LostEvent {
  /** undefined: the server's default namespace. */
  readonly namespace: string | undefined
  readonly stream: string
  readonly event: StreamEvent
}

/** How long `flush` and `close` wait. */
export interface WaitOptions {
  /** Ends the wait. */
  readonly signal?: AbortSignal
  /** Milliseconds. Default: 10,000 for `close`, no limit for `flush`. */
  readonly timeout?: number
}

/** A server's description of itself. */
export interface ServerIndex {
  readonly service: string
  /** The version of the protocol. */
  readonly version: string
  /** The id of the node. */
  readonly id: string
  /** The stores behind the server, by name. */
  readonly storage: Readonly<Record<string, { readonly alive: boolean; readonly backend: string }>>
  /** Whether the server keeps the ids that clients send, so that a put can be repeated. The original does not. */
  readonly keepsIds: boolean
}

/** What to record of a logged function, beside its duration. */
export interface LogOptions<Parameters extends readonly unknown[] = readonly unknown[]> {
  /** Default: the client's. */
  readonly namespace?: string
  /** Further members of the event, each a function of the call's arguments. They are called when the logged function has ended. */
  readonly properties?: Readonly<Record<string, (...parameters: Parameters) => unknown>>
  /** Adds `stack_trace`, a list of lines: where the function was called. */
  readonly stackTrace?: boolean
  /** Adds `stack_trace` to `exception`. */
  readonly exceptionStackTrace?: boolean
}

/** What to record of a logged scope, beside its duration. */
export interface ScopeOptions extends Omit<LogOptions, 'properties'> {
  /** Whether exceptions of the body end here, once they are recorded. Default: they are thrown on. */
  readonly swallow?: boolean
}

/** The event of a scope, to which its body may add members. */
export type ScopeEvent = Record<string, unknown>

/**
 * A client of a Kronos server, of this package or the original, made by `createEventClient`.
 * @example
 * const client = createEventClient('http://127.0.0.1:8150')
 * client.enqueue('visits', { page: '/home' })
 * await client.close()
 */
export interface EventClient<Streams extends StreamTypes<Streams> = AnyStreams> {
  /**
   * Sends events, and waits until the server has stored them. A request that fails is sent again with the same ids, so each event is stored once.
   * If the server assigns its own ids, a request that may have arrived is not repeated.
   * @throws KAIROS_INVALID_VALUE with `stream` and `index`, KAIROS_STORE_FAILED with `status` and `errors`
   */
  put<Name extends StreamName<Streams>>(
    stream: Name,
    events: EventsInput<Streams[Name]>,
    options?: CallOptions,
  ): Promise<PutResult>
  /**
   * Queues events to be sent soon in the background, and returns their ids immediately. `flush`, `close` and `onError` report losses.
   * @throws KAIROS_INVALID_VALUE, KAIROS_CLOSED
   */
  enqueue<Name extends StreamName<Streams>>(
    stream: Name,
    events: EventsInput<Streams[Name]>,
    options?: Pick<CallOptions, 'namespace'>,
  ): readonly string[]
  /**
   * Iterates over events as the server sends them. A read that is cut continues after the last event that arrived, in both orders, with what is
   * left of the limit.
   * @throws KAIROS_INVALID_CONFIG, KAIROS_INVALID_VALUE, KAIROS_STORE_FAILED
   */
  get<Name extends StreamName<Streams>>(
    stream: Name,
    options?: GetOptions,
  ): AsyncIterableIterator<StreamEvent<Streams[Name]>>
  /**
   * Deletes a range or the events with certain ids; without either, the whole stream. Resolves to the number of events.
   * @throws KAIROS_INVALID_CONFIG, also for an option whose value is undefined; KAIROS_STORE_FAILED
   */
  delete(stream: StreamName<Streams>, options?: DeleteOptions): Promise<number>
  /** The streams that hold events, sorted. */
  streams(options?: StreamsOptions): Promise<readonly string[]>
  /** The schema that fits the newest events of a stream. */
  inferSchema(stream: StreamName<Streams>, options?: CallOptions): Promise<JsonSchema>
  /** The server's description of itself. */
  index(options?: Pick<CallOptions, 'signal'>): Promise<ServerIndex>
  /**
   * Wraps a function so that each call enqueues an event with its `duration` in seconds and, if it threw, its `exception`. A promise is measured
   * until it settles. Other awaitable objects are returned as they are and not waited for, since calling their `then` might start them.
   * The wrapper returns and throws what the function does, and does not wait for the server.
   * @throws KAIROS_INVALID_CONFIG immediately, for invalid options
   */
  logFunction<Parameters extends unknown[], Result>(
    stream: string,
    logged: (...parameters: Parameters) => Result,
    options?: LogOptions<Parameters>,
  ): (...parameters: Parameters) => Result
  /** Does the same for a piece of code, which receives the event and may add to it. With `swallow`, returns undefined if the code threw. */
  logScope<Result>(
    stream: string,
    properties: Readonly<Record<string, unknown>>,
    body: (event: ScopeEvent) => Result,
    options?: ScopeOptions & { readonly swallow?: false },
  ): Result
  logScope<Result>(
    stream: string,
    properties: Readonly<Record<string, unknown>>,
    body: (event: ScopeEvent) => Result,
    options: ScopeOptions,
  ): Result | undefined
  /**
   * Waits until everything enqueued before is stored.
   * @throws KAIROS_STORE_FAILED if some of it, or anything earlier that no flush has reported, was lost. If the wait is aborted (KAIROS_ABORTED) or
   * takes longer than `timeout` (KAIROS_STORE_FAILED, `retryable`), the events are still sent
   */
  flush(options?: WaitOptions): Promise<void>
  /**
   * Flushes, and refuses further calls. Events that are not stored when it is aborted or takes too long are lost and reported to `onError`; those
   * of the request in flight may be stored nevertheless.
   * @throws the same as `flush`
   */
  close(options?: WaitOptions): Promise<void>
  /** The same as `close()`. */
  [Symbol.asyncDispose](): Promise<void>
}
