import { failedStore, pause } from '@kairos/core/driver'
import type { Consistency } from '../options.ts'
import type {
  CassandraBatchEntry,
  CassandraClientLike,
  CassandraExecuteOptions,
  CassandraResult,
  CassandraRow,
} from './client.ts'
import { answerWithin, timedClient } from './deadline.ts'
import { requestFailure, storeFailure } from './failures.ts'
import { faultOf } from './lost-answers.ts'
import { type Page, type Paging, pagesOfRows } from './page-size.ts'
import { RequestSlots } from './request-slots.ts'
import { DEFAULT_POLICY, RememberingPolicy, type RetryPolicyLike } from './retry-policy.ts'

/** Bound values, encoded as their CQL types. */
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
/** How long one node is waited for, unless the client is configured otherwise, in milliseconds. */
const DEFAULT_READ_TIMEOUT = 12_000
/** Between two attempts at a write, in milliseconds. */
const SHORTEST_PAUSE = 10
const LONGEST_PAUSE = 250

/** Of a write that has not been sent again, or at all. */
const TOO_LONG = failedStore('other requests took too long', 'later')

/** The settings of a session. */
export interface SessionSettings {
  readonly consistency: Consistency
  /** Time limit of one request, in milliseconds. */
  readonly timeout: number
  /** Maximum number of requests in flight. */
  readonly concurrency: number
  /** Rows of a page. */
  readonly pageRows: number
}

/** The client's own options that the driver takes into account. */
interface ConfiguredClient {
  readonly options?: {
    readonly socketOptions?: { readonly readTimeout?: number }
    readonly policies?: { readonly retry?: RetryPolicyLike; readonly speculativeExecution?: object }
  }
}

/**
 * The client as the store uses it: prepared statements only, a limited number in flight, each with the consistency that its purpose needs and bounded
 * by `timeout`.
 */
export class Session {
  /** The client as it was given; its calls have no time limit. */
  readonly client: CassandraClientLike
  /** The client with a time limit on each call. */
  readonly timed: CassandraClientLike
  readonly #settings: SessionSettings
  readonly #consistency: Consistency
  readonly #timeout: number
  readonly #readTimeout: number
  readonly #retryPolicy: RetryPolicyLike
  /** The client asks a second node before the first has answered: if one of them rejects a write, the other may have applied it. */
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
    // Leaves time to ask another node if one hangs.
    this.#readTimeout = Math.ceil(Math.min(socketOptions?.readTimeout || DEFAULT_READ_TIMEOUT, timeout / 2))
    this.#retryPolicy = policies?.retry ?? DEFAULT_POLICY
    this.#speculates =
      policies?.speculativeExecution !== undefined &&
      policies.speculativeExecution.constructor.name !== 'NoSpeculativeExecutionPolicy'
    this.#slots = new RequestSlots(concurrency)
    this.#paging = pagesOfRows(pageRows)
  }

  /** The same session, with reads that see every acknowledged write whatever the consistency: if necessary, all replicas must answer. */
  get thorough(): Session {
    if (this.strong) return this
    const consistency = { ...this.#settings.consistency, read: ALL, strong: true }
    return new Session(this.client, { ...this.#settings, consistency })
  }

  /** Whether every read sees every write acknowledged before it. */
  get strong(): boolean {
    return this.#consistency.strong
  }

  /**
   * Applies statements on one partition together, under one timestamp, which makes them idempotent. So a write in doubt is repeated until it is known
   * to be applied, within `timeout` and as long as `mayRepeat` returns true. One that has to wait longer for its turn is not sent.
   * @throws RequestFailure
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
        await this.#slots.use(1, () => {
          const left = deadline - performance.now()
          if (left <= 0 || !mayRepeat()) throw TOO_LONG
          return answerWithin(left, send(policy))
        })
        return
      } catch (error) {
        if (error === TOO_LONG) throw requestFailure(error, inDoubt)
        const { notApplied, retry } = faultOf(error)
        inDoubt ||= policy.inDoubt || this.#speculates || !notApplied
        // If it was never sent, core writes it again; core knows for how long.
        const repeats = inDoubt && retry !== 'never' && performance.now() + wait < deadline && mayRepeat()
        if (!repeats) throw requestFailure(error, inDoubt)
      }
      await pause(wait)
    }
  }

  /**
   * Reads one page of rows; the result says where the next one begins.
   * @throws StoreFailure
   */
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

  /**
   * Reads the first row; undefined if there is none.
   * @throws StoreFailure
   */
  async firstRow(query: string, values: Values): Promise<CassandraRow | undefined> {
    const { rows = [] } = await this.page(query, values, ONE_ROW)
    return rows[0]
  }

  /**
   * Reads all rows, page by page; each page waits its turn among the other requests.
   * @throws StoreFailure
   */
  async *rows(query: string, values: Values, paging: Paging = this.#paging): AsyncGenerator<CassandraRow> {
    for await (const page of this.pages(query, values, paging)) yield* page
  }

  /** Like `rows`, but calls `take` with each row, without a promise per row. */
  async eachRow(
    query: string,
    values: Values,
    take: (row: CassandraRow) => void,
    paging: Paging = this.#paging,
  ): Promise<void> {
    for await (const page of this.pages(query, values, paging)) for (const row of page) take(row)
  }

  /** Like `rows`, a page at a time. */
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
   * Runs a lightweight transaction of one or more statements on one partition, and resolves to whether it was applied. It is never sent twice; after a
   * failure its outcome may be unknown.
   * @throws StoreFailure
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

  /**
   * Reads what transactions have written, and completes those in progress first.
   * @throws StoreFailure
   */
  readSerial(query: string, values: Values): Promise<readonly CassandraRow[]> {
    return this.#records(query, values, SERIAL)
  }

  /**
   * Reads what transactions acknowledged before this call have written: a fraction of the cost of `readSerial`.
   * @throws StoreFailure
   */
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
