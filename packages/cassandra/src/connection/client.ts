/** A row as the client returns it: values by column name. */
export type CassandraRow = Readonly<Record<string, unknown>>

/** The parts of a client's result that the driver reads. `rows` is absent if the statement returns none. */
export interface CassandraResult {
  readonly rows?: readonly CassandraRow[]
  readonly pageState?: string | null
}

/** The options that the driver passes with a statement. Writes also have a `retry`, of the shape of the client's own retry policies. */
export interface CassandraExecuteOptions {
  readonly prepare: boolean
  /** The protocol's number of the level. */
  readonly consistency: number
  readonly serialConsistency?: number
  readonly isIdempotent: boolean
  /** Microseconds since the epoch. */
  readonly timestamp?: number
  /** Rows of a page. */
  readonly fetchSize?: number
  /** Where the page begins, as the result before it said. */
  readonly pageState?: string
  /** Of a batch. */
  readonly logged?: boolean
  /** How long to wait for one node, in milliseconds. */
  readonly readTimeout?: number
}

/** A statement of a batch. */
export interface CassandraBatchEntry {
  readonly query: string
  readonly params: unknown[]
}

/**
 * The methods that the driver calls on a client. `Client` of the package cassandra-driver has them.
 * @example
 * const client = new Client({ contactPoints: ['localhost'], localDataCenter: 'datacenter1' })
 * const driver = cassandraDriver(client, { keyspace: 'metrics' })
 */
export interface CassandraClientLike {
  connect(): Promise<void>
  execute(query: string, params: unknown[], options: CassandraExecuteOptions): Promise<CassandraResult>
  batch(queries: CassandraBatchEntry[], options: CassandraExecuteOptions): Promise<CassandraResult>
  shutdown(): Promise<void>
}
