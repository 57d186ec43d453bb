import type { TransactionLike } from '../kysely/kysely-like.ts'
import type { Query, Result, Row } from '../kysely/query.ts'

/** Executes single statements, each within the driver's `timeout`. Rejects with an SqlFailure. */
export interface Session {
  execute(query: Query): Promise<Result>
}

/** A database, or a transaction of the caller's in one. Everything rejects with an SqlFailure, or with what `work` itself throws. */
export interface Database extends Session {
  /** Whether `select` gives rows as lists. */
  readonly positional: boolean
  /** The rows of a statement that selects these columns, in this order. */
  select(query: Query, columns: readonly string[]): Promise<readonly Row[]>
  /** On a connection of its own, whole or not at all: an error before the commit was sent means that nothing was stored. */
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T>
  /** While no other process prepares tables. */
  exclusively<T>(work: (session: Session) => Promise<T>): Promise<T>
  /**
   * The same inside a transaction of the caller's, one call after another: each has a savepoint of its own, so that one that fails leaves the
   * others as they are.
   */
  joining(transaction: TransactionLike): Database
}

/** A way around Kysely for single statements, where the driver owns the database: promises and layers are most of their cost. */
export interface Shortcut {
  /** Null where the statement must wait its turn, since a transaction is open. */
  execute(query: Query): Result | null
  /** Rows as lists, a quarter faster than objects; null as above. */
  select(query: Query): readonly Row[] | null
}
