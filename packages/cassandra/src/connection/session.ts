import type { Consistency } from '../options.ts'
import type { CassandraBatchEntry, CassandraClientLike, CassandraResult, CassandraRow } from './client.ts'
import { storeFailure } from './failures.ts'

/** Bound values: the bytes of their types. */
export type Values = (Buffer | null)[]

/** A statement with its values. */
export interface Bound {
  readonly query: string
  readonly values: Values
}

const SERIAL = 8
const QUORUM = 4

/** The client as the store uses it: prepared statements only, so many at once, each with the consistency that its purpose asks for. */
export class Session {
  readonly client: CassandraClientLike
  readonly #consistency: Consistency
  readonly #pageRows: number
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(
    client: CassandraClientLike,
    consistency: Consistency,
    tuning: { concurrency: number; pageRows: number },
  ) {
    this.client = client
    this.#consistency = consistency
    this.#free = tuning.concurrency
    this.#pageRows = tuning.pageRows
  }

  /** Whether every write is seen by every later read. */
  get strong(): boolean {
    return this.#consistency.strong
  }

  /**
   * Statements of one partition that are applied as one, under one timestamp: again means the same, so the client may retry them.
   * Rejects with what the client says.
   */
  write(statements: readonly Bound[], timestamp: number): Promise<unknown> {
    const options = { prepare: true, consistency: this.#consistency.write, isIdempotent: true, timestamp } as const
    const [first] = statements
    return this.#limited<unknown>(() =>
      statements.length === 1
        ? this.client.execute(first!.query, first!.values, options)
        : this.client.batch(statements.map(entryOf), { ...options, logged: false }),
    )
  }

  /** One page of rows, and where the next one begins. Rejects with a StoreFailure. */
  async page(
    query: string,
    values: Values,
    fetchSize: number = this.#pageRows,
    pageState?: string,
  ): Promise<CassandraResult> {
    const options = {
      prepare: true,
      consistency: this.#consistency.read,
      isIdempotent: true,
      fetchSize,
      ...(pageState !== undefined && { pageState }),
    } as const
    return this.#limited(() => this.client.execute(query, values, options)).catch((error: unknown) => {
      throw storeFailure(error)
    })
  }

  /** All rows, or those from a page on, page after page: each takes its turn among the other requests. Rejects with a StoreFailure. */
  async *rows(query: string, values: Values, fetchSize?: number, from?: string): AsyncGenerator<CassandraRow> {
    for (let pageState = from; ; ) {
      const page: CassandraResult = await this.page(query, values, fetchSize, pageState)
      yield* page.rows ?? []
      if (!page.pageState) return
      pageState = page.pageState
    }
  }

  /** The same, handed to `take` at once: without a promise for each. */
  async eachRow(query: string, values: Values, take: (row: CassandraRow) => void): Promise<void> {
    for (let pageState: string | undefined; ; ) {
      const page: CassandraResult = await this.page(query, values, undefined, pageState)
      for (const row of page.rows ?? []) take(row)
      if (!page.pageState) return
      pageState = page.pageState
    }
  }

  /** A lightweight transaction; whether it was applied. Never sent twice: its outcome may be unknown. Rejects with a StoreFailure. */
  async decide(query: string, values: Values): Promise<boolean> {
    const options = { prepare: true, consistency: QUORUM, serialConsistency: SERIAL, isIdempotent: false } as const
    const result = await this.#limited(() => this.client.execute(query, values, options)).catch((error: unknown) => {
      throw storeFailure(error)
    })
    return result.rows?.[0]?.['[applied]'] === true
  }

  /** The latest that transactions decided, those under way included. Rejects with a StoreFailure. */
  async decided(query: string, values: Values): Promise<readonly CassandraRow[]> {
    const options = { prepare: true, consistency: SERIAL, isIdempotent: true, fetchSize: 5_000 } as const
    const result = await this.#limited(() => this.client.execute(query, values, options)).catch((error: unknown) => {
      throw storeFailure(error)
    })
    return result.rows ?? []
  }

  async #limited<T>(send: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--
    // Who ends hands its place on.
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await send()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free++
      else next()
    }
  }
}

function entryOf({ query, values }: Bound): CassandraBatchEntry {
  return { query, params: values }
}
