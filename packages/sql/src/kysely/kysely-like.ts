import type { CompiledQuery } from 'kysely'

/** What this driver uses of a Kysely instance: any installed copy of Kysely has it, with any plugins and dialect. */
export interface KyselyLike {
  readonly isTransaction: boolean
  getExecutor(): ExecutorLike
}

/** A transaction of a Kysely instance. */
export interface TransactionLike extends KyselyLike {
  readonly isTransaction: true
}

/** Provides an instance's connections: in a transaction always the same one, to one user at a time. */
export interface ExecutorLike {
  /** One object per instance, shared by its transactions. */
  readonly adapter: object
  provideConnection<T>(consumer: (connection: ConnectionLike) => Promise<T>): Promise<T>
}

/** A connection without plugins: those rename columns and parse strings, even in the results of raw statements. */
export interface ConnectionLike {
  executeQuery(query: CompiledQuery): Promise<ResultLike>
}

/** The result of a statement. */
export interface ResultLike {
  readonly rows: readonly unknown[]
  /** For a statement that changes rows. */
  readonly numAffectedRows?: bigint | undefined
}
