import type { TransactionLike } from '../kysely/kysely-like.ts'
import type { Query, Result, Row } from '../kysely/query.ts'

/** Executes single statements, each within the driver's `timeout`. Rejects with an `SqlFailure`. */
export interface Session {
  execute(query: Query): Promise<Result>
}

/** A database, or a transaction of the caller in it. Everything rejects with an `SqlFailure`, or with what `work` itself throws. */
export interface Database extends Session {
  /** Whether `select` returns rows as lists. */
  readonly positional: boolean
  /** The rows of a statement that selects these columns, in this order. */
  select(query: Query, columns: readonly string[]): Promise<readonly Row[]>
  /** Runs `work` in a transaction on its own connection. An error before the commit was sent means that nothing was stored. */
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T>
  /** The same, whose locking reads keep others from inserting into what they have read, if the database has such locks. */
  transactionOnGaps<T>(work: (session: Session) => Promise<T>): Promise<T>
  /** Runs `work` while no other process creates tables. */
  exclusively<T>(work: (session: Session) => Promise<T>): Promise<T>
  /**
   * The same inside a transaction of the caller, one call at a time. Each call has its own savepoint, so that a failed one leaves the others as
   * they are.
   */
  joining(transaction: TransactionLike): Database
}

/** Bypasses Kysely for single statements if the driver owns the database: most of their cost is promises and layers. */
export interface Shortcut {
  /** Null if a transaction is open, so that the statement must wait. */
  execute(query: Query): Result | null
  /** Rows as lists, a quarter faster than objects; null as above. */
  select(query: Query): readonly Row[] | null
}
