import type { Query, Result, Row } from '../kysely/query.ts'
import type { Shortcut } from './session.ts'

/** A prepared statement, in the form of better-sqlite3 that Kysely expects. */
export interface SqliteStatement {
  readonly reader: boolean
  all(parameters: readonly unknown[]): unknown[]
  run(parameters: readonly unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint }
  iterate(parameters: readonly unknown[]): IterableIterator<unknown>
}

/** A database that either module has opened. */
export interface SqliteConnection {
  prepare(sql: string): SqliteStatement
  /** Returns rows as lists; null if this version of the module cannot. */
  prepareLists(sql: string): Pick<SqliteStatement, 'all'> | null
  exec(sql: string): unknown
  close(): void
  readonly inTransaction: boolean
}

/** The number of statements kept prepared: a writer has about twenty texts, and so does a reader. */
const MOST_STATEMENTS = 128

/** Keeps statements prepared: preparing them for each call cost three quarters of a single insert. */
export class SqliteHandle implements Shortcut {
  readonly #connection: SqliteConnection
  readonly #statements = new StatementCache<SqliteStatement>()
  readonly #lists = new StatementCache<Pick<SqliteStatement, 'all'> | null>()

  constructor(connection: SqliteConnection) {
    this.#connection = connection
  }

  prepare(sql: string): SqliteStatement {
    return this.#statements.get(sql, () => {
      const statement = this.#connection.prepare(sql)
      return {
        reader: statement.reader,
        all: (parameters) => statement.all(parameters),
        run: (parameters) => statement.run(parameters),
        // A statement cannot run while it is being iterated, so each iteration has its own.
        iterate: (parameters) => this.#connection.prepare(sql).iterate(parameters),
      }
    })
  }

  execute({ sql, parameters }: Query): Result | null {
    if (this.#connection.inTransaction) return null
    const statement = this.prepare(sql)
    if (statement.reader) return { rows: statement.all(parameters) as Row[] }
    return { rows: [], numAffectedRows: BigInt(statement.run(parameters).changes) }
  }

  select({ sql, parameters }: Query): readonly Row[] | null {
    if (this.#connection.inTransaction) return null
    const statement = this.#lists.get(sql, () => this.#connection.prepareLists(sql))
    return statement === null ? null : (statement.all(parameters) as Row[])
  }

  close(): void {
    this.#connection.close()
  }
}

/** The most recently used statements. */
class StatementCache<Statement> {
  /** In order of use, oldest first, once the cache is full. */
  readonly #statements = new Map<string, Statement>()

  get(sql: string, prepare: () => Statement): Statement {
    const known = this.#statements.get(sql)
    const crowded = this.#statements.size >= MOST_STATEMENTS
    if (known !== undefined && !crowded) return known
    const statement = known ?? prepare()
    if (known !== undefined) this.#statements.delete(sql)
    else if (crowded) this.#statements.delete(this.#statements.keys().next().value!)
    this.#statements.set(sql, statement)
    return statement
  }
}
