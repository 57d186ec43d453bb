/** A row as a client gives it: columns by name. */
export type CassandraRow = Readonly<Record<string, unknown>>

/** What the driver reads of a result; `rows` is absent where a statement gives none. */
export interface CassandraResult {
  readonly rows?: readonly CassandraRow[]
  readonly pageState?: string | null
}

/** What the driver passes with a statement. */
export interface CassandraExecuteOptions {
  readonly prepare: boolean
  readonly consistency: number
  readonly serialConsistency?: number
  readonly isIdempotent: boolean
  /** Microseconds since the epoch. */
  readonly timestamp?: number
  readonly fetchSize?: number
  readonly pageState?: string
  readonly logged?: boolean
  /** Milliseconds for which one node is waited for. */
  readonly readTimeout?: number
  /** Asked whether a request that failed on one node goes to another: of the shape of the client's own policies. */
  readonly retry?: object
}

/** A statement inside a batch. */
export interface CassandraBatchEntry {
  readonly query: string
  readonly params: unknown[]
}

/** What the driver calls on a client: `Client` of the package `cassandra-driver` fits. */
export interface CassandraClientLike {
  connect(): Promise<void>
  execute(query: string, params: unknown[], options: CassandraExecuteOptions): Promise<CassandraResult>
  batch(queries: CassandraBatchEntry[], options: CassandraExecuteOptions): Promise<CassandraResult>
  shutdown(): Promise<void>
}
