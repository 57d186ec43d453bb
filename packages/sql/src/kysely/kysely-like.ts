import type { CompiledQuery } from 'kysely'

/** The calls of a Kysely instance that this driver makes: any installed copy of Kysely has them, plugins and dialects of any kind included. */
export interface KyselyLike {
  readonly isTransaction: boolean
  getExecutor(): ExecutorLike
}

/** A transaction of one. */
export interface TransactionLike extends KyselyLike {
  readonly isTransaction: true
}

/** What gives an instance its connections: a transaction always the same one, to one user after another. */
export interface ExecutorLike {
  /** One object an instance, which its transactions share. */
  readonly adapter: object
  provideConnection<T>(consumer: (connection: ConnectionLike) => Promise<T>): Promise<T>
}

/** A connection, without plugins: they rename columns and parse texts, also of raw statements. */
export interface ConnectionLike {
  executeQuery(query: CompiledQuery): Promise<ResultLike>
}

/** What a statement gave. */
export interface ResultLike {
  readonly rows: readonly unknown[]
  /** Of a statement that changes rows. */
  readonly numAffectedRows?: bigint | undefined
}
