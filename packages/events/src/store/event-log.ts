import { KairosError, type StorageDriver } from '@kairos/core'
import {
  CallGate,
  type Connection,
  callStore,
  createYielder,
  type EventPage,
  type EventQuery,
  type EventStorage,
  type KeyRange,
  type StepOptions,
  type StoredEvent,
} from '@kairos/core/driver'
import { checkNamespace, storedNamespace } from '../checks/namespaces.ts'
import { withDetails } from '../checks/with-details.ts'
import { keyBeside } from '../event/keys.ts'
import type { Order } from '../types.ts'
import { batchesOf } from './batches.ts'
import type { RetentionRules } from './retention.ts'

/** What one page of a long read may hold: enough to make calls few, little enough to keep many readers in memory. */
const PAGE = { limit: 1_000, maxLength: 1_000_000 } as const
/** The last place that a driver is asked for at once. */
const MOST_INDEX = 9_999
/** Work whose size nobody knows: patience bounds the retrying, not the work. */
const UNBOUNDED: readonly string[] = ['count', 'delete', 'streams']
/** Where a driver says nothing else. */
const MAX_BODY_LENGTH = 16_000_000

export interface ReadRequest extends KeyRange {
  readonly order: Order
  /** Most events of the whole read; absent: all. */
  readonly limit?: number
  /** Characters at which a page ends; default 1,000,000. */
  readonly maxLength?: number
  /** Whether the next page is fetched while one is consumed; absent: always. */
  readonly readsAhead?: () => boolean
}

/** How long a step of a call is tried, and what hears of it. */
export type RetryPolicy = Pick<StepOptions, 'patience' | 'onRetry'>

interface LogSettings {
  readonly namespaces: readonly string[]
  readonly retention: RetentionRules
  readonly now: () => bigint
  readonly persistence: RetryPolicy
}

interface Ready {
  readonly driver: StorageDriver
  readonly storage: EventStorage
}

/**
 * The events of one store as keys and texts, beneath `EventStore` and the HTTP handler: opens each namespace on first use, cuts work into the
 * batches and pages of the driver contract, retries, and hides what is too old.
 */
export class EventLog {
  readonly namespaces: readonly string[]
  readonly retention: RetentionRules
  /** Ticks since 1970. */
  readonly now: () => bigint
  readonly #connection: Connection
  readonly #calls = new CallGate('the event store is closed; make a new one with createEventStore')
  readonly #opened = new Map<string, Promise<EventStorage>>()
  readonly #ready = new Map<string, Ready>()
  readonly #persistence: RetryPolicy
  #closing: Promise<void> | undefined

  constructor(connection: Connection, { namespaces, retention, now, persistence }: LogSettings) {
    this.#persistence = persistence
    this.#connection = connection
    this.namespaces = namespaces
    this.retention = retention
    this.now = now
  }

  /** For messages, and where a name for this store is needed. */
  get id(): string {
    return this.#connection.id
  }

  async open(): Promise<void> {
    for (const namespace of this.namespaces) await this.#run(namespace, undefined, async () => {})
  }

  /**
   * Stores events, in any order and number; resolves to whether each is new, in the order given. Of one key twice, the first counts.
   * @throws KAIROS_INVALID_VALUE before any I/O for a body that the driver cannot hold; any error says how many events are known to be `stored`
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
      const turn = createYielder()
      for (const batch of batchesOf(events)) {
        await turn()
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

  /** The events of a range, page by page. The next page is fetched while one is consumed. */
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
      // Whoever stops reading leaves a page that nobody waits for.
      page.catch(() => {})
      return page
    }
    const turn = createYielder()
    for (let next = fetchNext(); next !== null; ) {
      await turn()
      const { events, done } = await next
      left -= events.length
      rest = remainingRange(rest, events, order)
      exhausted = done
      const ahead = readsAhead?.() === false ? undefined : fetchNext()
      if (events.length > 0) yield events
      next = ahead === undefined ? fetchNext() : ahead
    }
  }

  /** One page of what is live. */
  page(namespace: string, stream: string, query: EventQuery, signal?: AbortSignal): Promise<EventPage> {
    const live = { ...query, ...this.retention.live(stream, query) }
    return this.#run(namespace, signal, (storage) =>
      this.#call('get', () => storage.read(stream, live, options(signal)), signal),
    )
  }

  /** The key of the event that has `index` others of the range before it; null: there are not so many. Bodies are read only where the driver must. */
  async keyAt(
    namespace: string,
    stream: string,
    range: KeyRange,
    index: number,
    signal?: AbortSignal,
  ): Promise<string | null> {
    let [rest, before] = [range, index]
    const turn = createYielder()
    for (;;) {
      await turn()
      const step = Math.min(before, MOST_INDEX)
      const key = await this.#run(namespace, signal, (storage) =>
        this.#call('keyAt', async () => keyAt(storage, stream, rest, step, options(signal)), signal),
      )
      if (key === null || step === before) return key
      rest = { first: keyBeside(key, 1n), last: range.last }
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

  /** Deletes ranges one after the other, or with `dryRun` only counts what is in them; resolves to how many events. */
  async deleteRanges(
    namespace: string,
    stream: string,
    ranges: readonly KeyRange[],
    { dryRun, signal }: { readonly dryRun: boolean; readonly signal: AbortSignal | undefined },
  ): Promise<number> {
    const turn = createYielder()
    let deleted = 0
    for (const range of ranges) {
      await turn()
      deleted += await (dryRun
        ? this.count(namespace, stream, range, signal)
        : this.delete(namespace, stream, range, signal))
    }
    return deleted
  }

  /** Of all streams, also those whose events are too old to be shown. */
  streams(namespace: string, signal?: AbortSignal): Promise<readonly string[]> {
    return this.#run(namespace, signal, (storage) =>
      this.#call('streams', () => storage.streams(options(signal)), signal),
    )
  }

  /** Refuses new calls, waits for those in flight, and closes the driver where a URL made it. */
  close(timeout?: number): Promise<void> {
    const closed = this.#calls.close(timeout)
    this.#closing ??= closed.then(() => this.#connection.close(timeout))
    return this.#closing
  }

  #call<T>(operation: string, call: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const unbounded = UNBOUNDED.includes(operation)
    return callStore(call, { driver: this.id, operation, signal, unbounded, ...this.#persistence, calls: this.#calls })
  }

  async #run<T>(
    namespace: string,
    signal: AbortSignal | undefined,
    work: (storage: EventStorage, driver: StorageDriver) => Promise<T>,
  ): Promise<T> {
    checkNamespace(namespace, this.namespaces)
    this.#calls.enter(this.id)
    try {
      const ready = this.#ready.get(namespace)
      // As a call of its own: who aborts stops waiting, and the opening goes on for the others.
      const { storage, driver } = ready ?? (await this.#call('open', () => this.#open(namespace), signal))
      return await work(storage, driver)
    } finally {
      this.#calls.leave()
    }
  }

  async #open(namespace: string): Promise<Ready> {
    const driver = await this.#connection.driver(this.#calls.ended)
    const ready = { driver, storage: await this.#storage(driver, namespace) }
    this.#ready.set(namespace, ready)
    return ready
  }

  async #storage(driver: StorageDriver, namespace: string): Promise<EventStorage> {
    const known = this.#opened.get(namespace)
    if (known !== undefined) return known
    const { openEvents } = driver
    if (openEvents === undefined) {
      throw new KairosError('KAIROS_UNSUPPORTED', `the ${driver.id} driver keeps no event streams`, {
        driver: driver.id,
        feature: 'events',
      })
    }
    const schema = { namespace: storedNamespace(namespace) }
    // Without anyone's signal: the opening is for all who come later, too.
    const opening = callStore(() => openEvents.call(driver, schema), {
      driver: driver.id,
      operation: 'open',
      signal: this.#calls.ended,
      unbounded: true,
      ...this.#persistence,
    })
    this.#opened.set(namespace, opening)
    opening.catch(() => this.#opened.delete(namespace))
    return opening
  }
}

/** Of a driver that has no way of its own, by its pages. */
async function keyAt(
  storage: EventStorage,
  stream: string,
  range: KeyRange,
  index: number,
  options: { signal?: AbortSignal },
): Promise<string | null> {
  if (storage.keyAt !== undefined) return storage.keyAt(stream, range, index, options)
  let [rest, before] = [range, index]
  for (;;) {
    const query = { ...rest, order: 'ascending', ...PAGE } as const
    const { events, done } = await storage.read(stream, query, options)
    if (before < events.length) return events[before]!.key
    if (done) return null
    before -= events.length
    rest = remainingRange(rest, events, 'ascending')
  }
}

/** What is left of a range after some events of it were read. */
export function remainingRange(range: KeyRange, read: readonly StoredEvent[], order: Order): KeyRange {
  const end = read.at(-1)
  if (end === undefined) return range
  return order === 'ascending'
    ? { first: keyBeside(end.key, 1n), last: range.last }
    : { first: range.first, last: keyBeside(end.key, -1n) }
}

function checkBodies(stream: string, events: readonly StoredEvent[], longest: number): void {
  for (const [index, { body }] of events.entries()) {
    if (body.length > longest) {
      throw new KairosError(
        'KAIROS_INVALID_VALUE',
        `stream ${stream}, event ${index}: ${body.length} bytes of JSON, but the store takes at most ${longest}`,
        { stream, index },
      )
    }
  }
}

function options(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal }
}
