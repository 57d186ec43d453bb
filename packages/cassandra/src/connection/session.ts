import { pause } from '@kairos/core/driver'
import type { Consistency } from '../options.ts'
import type {
  CassandraBatchEntry,
  CassandraClientLike,
  CassandraExecuteOptions,
  CassandraResult,
  CassandraRow,
} from './client.ts'
import { timedClient, within } from './deadline.ts'
import { faultOf, requestFailure, storeFailure } from './failures.ts'
import { type Page, type Paging, pagesOfRows } from './page-size.ts'
import { RequestSlots } from './request-slots.ts'
import { DEFAULT_POLICY, RememberingPolicy, type RetryPolicyLike } from './retry-policy.ts'

/** BoundStatement values: the bytes of their types. */
export type Values = (Buffer | null)[]

/** A statement with its values. */
export interface BoundStatement {
  readonly query: string
  readonly values: Values
}

const SERIAL = 8
const QUORUM = 4
const ALL = 5
const ONE_ROW: Page = { rows: 1, slots: 1 }
/** For one node, where the client says nothing else, in milliseconds. */
const DEFAULT_READ_TIMEOUT = 12_000
/** Between two attempts of one write, in milliseconds. */
const SHORTEST_PAUSE = 10
const LONGEST_PAUSE = 250

/** What a session goes by, beside its client. */
export interface SessionSettings {
  readonly consistency: Consistency
  /** Of one request, in milliseconds. */
  readonly timeout: number
  /** Requests in flight at once. */
  readonly concurrency: number
  /** Rows to a page. */
  readonly pageRows: number
}

/** What the driver reads of a client's own options, where it has some. */
interface ConfiguredClient {
  readonly options?: {
    readonly socketOptions?: { readonly readTimeout?: number }
    readonly policies?: { readonly retry?: RetryPolicyLike; readonly speculativeExecution?: object }
  }
}

/**
 * The client as the store uses it: prepared statements only, so many at once, each with the consistency that its purpose asks for, and none for
 * longer than `timeout`.
 */
export class Session {
  /** As it was handed in; its calls take as long as they take. */
  readonly client: CassandraClientLike
  /** Its calls end in time. */
  readonly timed: CassandraClientLike
  readonly #settings: SessionSettings
  readonly #consistency: Consistency
  readonly #timeout: number
  readonly #readTimeout: number
  readonly #retryPolicy: RetryPolicyLike
  /** The client asks a second node before the first one has answered: then what one of them refuses, another may have carried out. */
  readonly #speculates: boolean
  readonly #paging: Paging
  readonly #slots: RequestSlots

  constructor(client: CassandraClientLike, settings: SessionSettings) {
    const { consistency, timeout, concurrency, pageRows } = settings
    this.#settings = settings
    this.client = client
    this.timed = timedClient(client, timeout)
    this.#consistency = consistency
    this.#timeout = timeout
    const { socketOptions, policies } = (client as ConfiguredClient).options ?? {}
    // So that a node which stands still leaves time to ask another.
    this.#readTimeout = Math.ceil(Math.min(socketOptions?.readTimeout || DEFAULT_READ_TIMEOUT, timeout / 2))
    this.#retryPolicy = policies?.retry ?? DEFAULT_POLICY
    this.#speculates =
      policies?.speculativeExecution !== undefined &&
      policies.speculativeExecution.constructor.name !== 'NoSpeculativeExecutionPolicy'
    this.#slots = new RequestSlots(concurrency)
    this.#paging = pagesOfRows(pageRows)
  }

  /** The same for reads that see every write that was acknowledged, whatever the consistency: where need be, all replicas answer. */
  get thorough(): Session {
    if (this.strong) return this
    const consistency = { ...this.#settings.consistency, read: ALL, strong: true }
    return new Session(this.client, { ...this.#settings, consistency })
  }

  /** Whether every write is seen by every later read. */
  get strong(): boolean {
    return this.#consistency.strong
  }

  /**
   * Statements of one partition that are applied as one, under one timestamp: again means the same. So what may have been applied is written
   * again until it is known to be, within `timeout` and while `mayRepeat` says so. Rejects with a RequestFailure.
   */
  async write(
    statements: readonly BoundStatement[],
    timestamp: number,
    mayRepeat: () => boolean = always,
  ): Promise<void> {
    const [first] = statements
    const send = (policy: object): Promise<unknown> => {
      const options = {
        prepare: true,
        consistency: this.#consistency.write,
        isIdempotent: true,
        timestamp,
        readTimeout: this.#readTimeout,
        retry: policy,
      } as const
      return statements.length === 1
        ? this.client.execute(first!.query, first!.values, options)
        : this.client.batch(statements.map(entryOf), { ...options, logged: false })
    }
    const deadline = performance.now() + this.#timeout
    let inDoubt = false
    for (let wait = SHORTEST_PAUSE; ; wait = Math.min(LONGEST_PAUSE, wait * 2)) {
      const policy = new RememberingPolicy(this.#retryPolicy, mayRepeat)
      try {
        await this.#slots.use(1, () => within(deadline - performance.now(), send(policy)))
        return
      } catch (error) {
        const { notApplied, retry } = faultOf(error)
        inDoubt ||= policy.inDoubt || this.#speculates || !notApplied
        // What was never sent is for core to write again, which knows how long it may.
        const repeats = inDoubt && retry !== 'never' && performance.now() + wait < deadline && mayRepeat()
        if (!repeats) throw requestFailure(error, inDoubt)
      }
      await pause(wait)
    }
  }

  /** One page of rows, and where the next one begins. Rejects with a StoreFailure. */
  page(query: string, values: Values, { rows, slots }: Page, pageState?: string): Promise<CassandraResult> {
    const options = {
      prepare: true,
      consistency: this.#consistency.read,
      isIdempotent: true,
      fetchSize: rows,
      readTimeout: this.#readTimeout,
      ...(pageState !== undefined && { pageState }),
    } as const
    return this.#ask(query, values, options, slots)
  }

  /** The first row; undefined: there is none. Rejects with a StoreFailure. */
  async firstRow(query: string, values: Values): Promise<CassandraRow | undefined> {
    const { rows = [] } = await this.page(query, values, ONE_ROW)
    return rows[0]
  }

  /** All rows, page after page: each takes its turn among the other requests. Rejects with a StoreFailure. */
  async *rows(query: string, values: Values, paging: Paging = this.#paging): AsyncGenerator<CassandraRow> {
    for await (const page of this.pages(query, values, paging)) yield* page
  }

  /** The same, handed to `take` at once: without a promise for each. */
  async eachRow(
    query: string,
    values: Values,
    take: (row: CassandraRow) => void,
    paging: Paging = this.#paging,
  ): Promise<void> {
    for await (const page of this.pages(query, values, paging)) for (const row of page) take(row)
  }

  async *pages(query: string, values: Values, paging: Paging): AsyncGenerator<readonly CassandraRow[]> {
    let page = paging.first
    for (let pageState: string | undefined; ; ) {
      const { rows = [], pageState: next } = await this.page(query, values, page, pageState)
      yield rows
      if (!next) return
      pageState = next
      page = paging.after(page, rows)
    }
  }

  /**
   * A lightweight transaction, of one statement or of several on one partition; whether it was applied. Never sent twice: its outcome may be
   * unknown. Rejects with a StoreFailure.
   */
  async transact(statements: readonly BoundStatement[]): Promise<boolean> {
    const options = { prepare: true, consistency: QUORUM, serialConsistency: SERIAL, isIdempotent: false } as const
    const [first] = statements
    const send = (): Promise<CassandraResult> =>
      statements.length === 1
        ? this.timed.execute(first!.query, first!.values, options)
        : this.timed.batch(statements.map(entryOf), { ...options, logged: false })
    const { rows } = await this.#slots.use(1, send).catch((error: unknown) => {
      throw storeFailure(error)
    })
    return rows?.[0]?.['[applied]'] === true
  }

  /** The latest that transactions decided, those under way included. Rejects with a StoreFailure. */
  readSerial(query: string, values: Values): Promise<readonly CassandraRow[]> {
    return this.#records(query, values, SERIAL)
  }

  /** What transactions had decided that were answered before this was asked: for a fraction of the cost. Rejects with a StoreFailure. */
  readQuorum(query: string, values: Values): Promise<readonly CassandraRow[]> {
    return this.#records(query, values, QUORUM)
  }

  async #records(query: string, values: Values, consistency: number): Promise<readonly CassandraRow[]> {
    const options = { prepare: true, consistency, isIdempotent: true, fetchSize: 5_000 } as const
    const { rows = [] } = await this.#ask(query, values, options)
    return rows
  }

  #ask(query: string, values: Values, options: CassandraExecuteOptions, slots = 1): Promise<CassandraResult> {
    return this.#slots
      .use(slots, () => this.timed.execute(query, values, options))
      .catch((error: unknown) => {
        throw storeFailure(error)
      })
  }
}

function always(): boolean {
  return true
}

function entryOf({ query, values }: BoundStatement): CassandraBatchEntry {
  return { query, params: values }
}
