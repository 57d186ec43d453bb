import type { StorageDriver } from '@kairos/core'
import { CallGate, type Connection, callStore } from '@kairos/core/calls'
import {
  createYielder,
  type EventPage,
  type EventQuery,
  type EventStorage,
  type KeyRange,
  type StoredEvent,
  withDetails,
} from '@kairos/core/driver'
import { invalidValue } from '../checks/errors.ts'
import { checkNamespace } from '../checks/namespaces.ts'
import { remainingRange } from '../event/key-range.ts'
import { keyAfter } from '../event/keys.ts'
import type { Order } from '../types.ts'
import { batchesOf } from './batches.ts'
import { keyAt, PAGE } from './key-at.ts'
import { OpenNamespaces } from './open-namespaces.ts'
import type { RetentionRules } from './retention.ts'
import type { RetryPolicy } from './retry-policy.ts'

/** The highest index that a driver's `keyAt` takes. */
const MAX_INDEX = 9_999
/** Operations whose size is unknown: patience bounds their retries, not the work itself. */
const UNBOUNDED: readonly string[] = ['count', 'delete', 'streams']
/** Unless the driver has a limit of its own. */
const MAX_BODY_LENGTH = 16_000_000

/** A read of any length. */
export interface ReadRequest extends KeyRange {
  readonly order: Order
  /** The most events of the whole read; default: all. */
  readonly limit?: number
  /** Characters at which a page ends; default 1,000,000. */
  readonly maxLength?: number
  /** Whether to fetch the next page while one is consumed; default: always. */
  readonly readsAhead?: () => boolean
}

interface LogSettings {
  readonly namespaces: readonly string[]
  readonly retention: RetentionRules
  readonly now: () => bigint
  readonly retryPolicy: RetryPolicy
}

/**
 * The events of one store as keys and texts, underneath `EventStore` and the HTTP handler: opens namespaces on first use, cuts work into the
 * batches and pages of the driver contract, retries, and hides events that are too old.
 */
export class EventLog {
  readonly namespaces: readonly string[]
  readonly retention: RetentionRules
  /** Ticks since 1970. */
  readonly now: () => bigint
  readonly #connection: Connection
  readonly #gate = new CallGate('the event store is closed; make a new one with createEventStore')
  readonly #openNamespaces: OpenNamespaces
  readonly #retryPolicy: RetryPolicy
  #closing: Promise<void> | undefined

  constructor(connection: Connection, { namespaces, retention, now, retryPolicy }: LogSettings) {
    this.namespaces = namespaces
    this.retention = retention
    this.now = now
    this.#connection = connection
    this.#retryPolicy = retryPolicy
    this.#openNamespaces = new OpenNamespaces(connection, this.#gate.ended, retryPolicy)
  }

  /** The driver's id, or the scheme of the URL. */
  get id(): string {
    return this.#connection.id
  }

  async open(): Promise<void> {
    for (const namespace of this.namespaces) await this.#run(namespace, undefined, async () => {})
  }

  /**
   * Stores any number of events in any order, and resolves to whether each is new, in the order in which they were passed. If a key occurs twice,
   * the first event counts.
   * @throws KAIROS_INVALID_VALUE before any I/O for a body that is too large for the driver; every error says how many events are known to be
   * `stored`
   */
  append(
    namespace: string,
    stream: string,
    events: readonly StoredEvent[],
    signal?: AbortSignal,
  ): Promise<readonly boolean[]> {
    return this.#run(namespace, signal, async (storage, driver) => {
      checkBodies(stream, events, driver.capabilities.events?.maxBodyLength ?? MAX_BODY_LENGTH)
      const inserted = new Set<number>()
      let stored = 0
      const yieldTurn = createYielder()
      for (const batch of batchesOf(events)) {
        await yieldTurn()
        const append = () => storage.append(stream, batch.events, options(signal))
        const answers = await this.#call('put', append, signal).catch((error: unknown) => {
          throw withDetails(error, { stored })
        })
        for (const [at, isNew] of answers.entries()) if (isNew) inserted.add(batch.indexes[at]!)
        stored += batch.events.length
      }
      return events.map((_event, index) => inserted.has(index))
    })
  }

  /** Reads the events of a range page by page, and fetches the next page while one is consumed. */
  async *pages(
    namespace: string,
    stream: string,
    request: ReadRequest,
    signal?: AbortSignal,
  ): AsyncGenerator<readonly StoredEvent[], void, void> {
    const { order, limit = Number.POSITIVE_INFINITY, maxLength = PAGE.maxLength, readsAhead, first, last } = request
    let left = limit
    let rest: KeyRange = { first, last }
    let exhausted = false
    const fetchNext = (): Promise<EventPage> | null => {
      if (exhausted || left <= 0 || rest.first > rest.last) return null
      const page = this.page(
        namespace,
        stream,
        { ...rest, order, limit: Math.min(left, PAGE.limit), maxLength },
        signal,
      )
      // If the consumer stops, the failure of this page is of no interest.
      page.catch(() => {})
      return page
    }
    const yieldTurn = createYielder()
    for (let next = fetchNext(); next !== null; ) {
      await yieldTurn()
      const { events, done } = await next
      left -= events.length
      rest = remainingRange(rest, events, order)
      exhausted = done
      const ahead = readsAhead?.() === false ? undefined : fetchNext()
      if (events.length > 0) yield events
      next = ahead === undefined ? fetchNext() : ahead
    }
  }

  /** Reads one page, without events that are too old. */
  page(namespace: string, stream: string, query: EventQuery, signal?: AbortSignal): Promise<EventPage> {
    const live = { ...query, ...this.retention.liveRange(stream, query) }
    return this.#run(namespace, signal, (storage) =>
      this.#call('get', () => storage.read(stream, live, options(signal)), signal),
    )
  }

  /** The key of the event with `index` events of the range before it, or null if there are not that many. Reads bodies only if the driver has to. */
  async keyAt(
    namespace: string,
    stream: string,
    range: KeyRange,
    index: number,
    signal?: AbortSignal,
  ): Promise<string | null> {
    let [rest, before] = [range, index]
    const yieldTurn = createYielder()
    for (;;) {
      await yieldTurn()
      const step = Math.min(before, MAX_INDEX)
      const key = await this.#run(namespace, signal, (storage) =>
        this.#call('keyAt', async () => keyAt(storage, stream, rest, step, options(signal)), signal),
      )
      if (key === null || step === before) return key
      rest = { first: keyAfter(key), last: range.last }
      before -= step + 1
    }
  }

  count(namespace: string, stream: string, range: KeyRange, signal?: AbortSignal): Promise<number> {
    return this.#run(namespace, signal, (storage) =>
      this.#call('count', () => storage.count(stream, range, options(signal)), signal),
    )
  }

  delete(namespace: string, stream: string, range: KeyRange, signal?: AbortSignal): Promise<number> {
    return this.#run(namespace, signal, (storage) =>
      this.#call('delete', () => storage.delete(stream, range, options(signal)), signal),
    )
  }

  /** Deletes ranges one after the other, or only counts their events if `dryRun` is set. Resolves to the number of events. */
  async deleteRanges(
    namespace: string,
    stream: string,
    ranges: readonly KeyRange[],
    { dryRun, signal }: { readonly dryRun: boolean; readonly signal: AbortSignal | undefined },
  ): Promise<number> {
    const yieldTurn = createYielder()
    let deleted = 0
    for (const range of ranges) {
      await yieldTurn()
      deleted += await (dryRun
        ? this.count(namespace, stream, range, signal)
        : this.delete(namespace, stream, range, signal))
    }
    return deleted
  }

  /** All streams, including those whose events are all too old. */
  streams(namespace: string, signal?: AbortSignal): Promise<readonly string[]> {
    return this.#run(namespace, signal, (storage) =>
      this.#call('streams', () => storage.streams(options(signal)), signal),
    )
  }

  /** Refuses new calls, waits for those in flight, and closes the driver if it was made from a URL. */
  close(timeout?: number): Promise<void> {
    const closed = this.#gate.close(timeout)
    this.#closing ??= closed.then(() => this.#connection.close(timeout))
    return this.#closing
  }

  #call<T>(operation: string, call: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const unbounded = UNBOUNDED.includes(operation)
    return callStore(call, { driver: this.id, operation, signal, unbounded, ...this.#retryPolicy, calls: this.#gate })
  }

  async #run<T>(
    namespace: string,
    signal: AbortSignal | undefined,
    work: (storage: EventStorage, driver: StorageDriver) => Promise<T>,
  ): Promise<T> {
    checkNamespace(namespace, this.namespaces)
    this.#gate.enter(this.id)
    try {
      const open = this.#openNamespaces.find(namespace)
      // A step of its own: an aborted caller stops waiting, while the opening continues for the others.
      const { storage, driver } = open ?? (await this.#call('open', () => this.#openNamespaces.open(namespace), signal))
      return await work(storage, driver)
    } finally {
      this.#gate.leave()
    }
  }
}

function checkBodies(stream: string, events: readonly StoredEvent[], longest: number): void {
  for (const [index, { body }] of events.entries()) {
    if (body.length > longest) {
      throw invalidValue({
        path: `stream ${stream}, event ${index}`,
        expected: `at most ${longest} characters of JSON`,
        found: String(body.length),
        details: { path: 'event', stream, index },
      })
    }
  }
}

function options(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal }
}
