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

/** How `enqueue` writes. */
export interface BackgroundOptions {
  /** Most events that wait; default 10,000. */
  readonly maxQueued?: number
  /** What happens to events that find the queue full: `drop-new`, the default, loses them, `drop-old` those that wait the longest. `onError` is told. */
  readonly overflow?: 'drop-new' | 'drop-old'
  /** Milliseconds that events wait for others to be sent with; default 100. */
  readonly interval?: number
}

export interface EventClientOptions {
  /** Of calls that name none; default: the server's own. */
  readonly namespace?: string
  readonly background?: BackgroundOptions
  /**
   * Told of events that `enqueue` took and that were lost: the queue was full, or they could not be sent. Also of what went wrong in the
   * functions that are logged. What it throws is ignored. Default: nobody is told; `flush` and `close` reject all the same.
   */
  readonly onError?: (error: KairosError, lost: readonly LostEvent[]) => void
  /** Milliseconds without progress after which a call that is tried again gives up; default 30,000. */
  readonly patience?: number
  /** Milliseconds without a byte from the server after which one try is given up; default 30,000. */
  readonly timeout?: number
  /** Sent with every request, for servers behind an authenticating proxy. */
  readonly headers?: Readonly<Record<string, string>>
  /** What the server asks for: sent as `Authorization: Bearer …`. A user and password in the URL are sent as `Basic`. */
  readonly token?: string
  /** What `@library` says of events; default this package. null: nothing. */
  readonly library?: { readonly name: string; readonly version?: string } | null
  /** The clock of events without a time: ticks since 1970. Default: the system's. */
  readonly now?: () => bigint
  readonly fetch?: typeof fetch
}

/** An event that was not stored, with the id that it was given: it may be put again. */
export interface LostEvent {
  readonly namespace: string | undefined
  readonly stream: string
  readonly event: StreamEvent
}

/** How long `flush` and `close` wait. */
export interface WaitOptions {
  readonly signal?: AbortSignal
  /** In milliseconds; of `close` by default 10,000, of `flush` without end. */
  readonly timeout?: number
}

/** What a server says of itself. */
export interface ServerIndex {
  readonly service: string
  readonly version: string
  readonly id: string
  readonly storage: Readonly<Record<string, { readonly alive: boolean; readonly backend: string }>>
  /** It keeps the ids that clients give, so that a put may be sent again. The original's does not. */
  readonly keepsIds: boolean
}

/** What an event of a logged function or scope has beside what its caller adds. */
export interface LogOptions<Parameters extends readonly unknown[] = readonly unknown[]> {
  readonly namespace?: string
  /** Members by functions of the call's own arguments, asked when it has ended. */
  readonly properties?: Readonly<Record<string, (...parameters: Parameters) => unknown>>
  /** Adds `stack_trace`: from where the function was called, a list of lines. */
  readonly stackTrace?: boolean
  /** Adds `stack_trace` to `exception`. */
  readonly exceptionStackTrace?: boolean
}

export interface ScopeOptions extends Omit<LogOptions, 'properties'> {
  /** Exceptions of the body end here, once they are recorded; default false: they are thrown on. */
  readonly swallow?: boolean
}

/** The event of a scope, to which the scope may add. */
export type ScopeEvent = Record<string, unknown>

/** A client of a Kronos server: this package's, or the original's. Made by `createEventClient`. */
export interface EventClient<Streams extends StreamTypes<Streams> = AnyStreams> {
  /**
   * Sends events, and waits until the server has stored them. What fails on the way is sent again under the same ids, and so stored once; to a
   * server that gives ids of its own it is not sent again where it may have arrived.
   * @throws KAIROS_INVALID_VALUE with `stream` and `index`, KAIROS_STORE_FAILED with `status` and `errors`
   */
  put<Name extends StreamName<Streams>>(
    stream: Name,
    events: EventsInput<Streams[Name]>,
    options?: CallOptions,
  ): Promise<PutResult>
  /**
   * Takes events to be sent soon, in the background, and gives their ids at once. What becomes of them is told by `flush`, `close` and `onError`.
   * @throws KAIROS_INVALID_VALUE, KAIROS_CLOSED
   */
  enqueue<Name extends StreamName<Streams>>(
    stream: Name,
    events: EventsInput<Streams[Name]>,
    options?: Pick<CallOptions, 'namespace'>,
  ): readonly string[]
  /** Goes through events as the server sends them. A read that breaks goes on behind the last event that came, in both orders, with what is left of the limit. */
  get<Name extends StreamName<Streams>>(
    stream: Name,
    options?: GetOptions,
  ): AsyncIterableIterator<StreamEvent<Streams[Name]>>
  delete(stream: StreamName<Streams>, options?: DeleteOptions): Promise<number>
  streams(options?: StreamsOptions): Promise<readonly string[]>
  inferSchema(stream: StreamName<Streams>, options?: CallOptions): Promise<JsonSchema>
  index(options?: Pick<CallOptions, 'signal'>): Promise<ServerIndex>
  /**
   * The function, and each call of it an event with its `duration` in seconds, of one that gives a promise until that has settled; `exception`
   * where it threw. What is awaitable, but no promise, is given as it is, and not waited for: to call its `then` might start it.
   * Never changes what the function gives or throws, nor waits for the server.
   * @throws KAIROS_INVALID_CONFIG at once, for options that make no sense
   */
  logFunction<Parameters extends unknown[], Result>(
    stream: string,
    logged: (...parameters: Parameters) => Result,
    options?: LogOptions<Parameters>,
  ): (...parameters: Parameters) => Result
  /** The same for one piece of code, which is given the event and may add to it. With `swallow`, undefined where it threw. */
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
   * Waits until all that `enqueue` took before is stored.
   * @throws KAIROS_STORE_FAILED where some of it was lost, or anything before it that no flush has told of. Where the wait was aborted
   * (KAIROS_ABORTED) or took longer than `timeout` (KAIROS_STORE_FAILED, `retryable`), the events are still sent
   */
  flush(options?: WaitOptions): Promise<void>
  /**
   * Flushes, and takes no more. What is not stored when it is aborted or has taken too long is lost, and told to `onError`; the events of the
   * request on its way may be stored all the same.
   * @throws as `flush`
   */
  close(options?: WaitOptions): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
