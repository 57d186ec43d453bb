import type { CompiledQuery } from 'kysely'

/** The calls of a Kysely instance that this driver makes: any installed copy of Kysely has them, plugins and dialects of any kind included. */
export interface KyselyLike {
  readonly isTransaction: boolean
  withoutPlugins(): KyselyLike
  executeQuery(query: CompiledQuery): Promise<ResultLike>
  connection(): { execute<T>(callback: (db: KyselyLike) => Promise<T>): Promise<T> }
  getExecutor(): { readonly adapter: object }
  destroy(): Promise<void>
}

/** A transaction of one. */
export interface TransactionLike extends KyselyLike {
  readonly isTransaction: true
}

/** What a statement gave. */
export interface ResultLike {
  readonly rows: readonly unknown[]
  /** Of a statement that changes rows. */
  readonly numAffectedRows?: bigint | undefined
}
