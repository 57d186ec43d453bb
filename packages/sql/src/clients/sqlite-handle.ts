import type { Query, Result, Row } from '../query.ts'
import type { Shortcut } from '../session.ts'

/** A prepared statement, as better-sqlite3 has it and Kysely wants it. */
export interface SqliteStatement {
  readonly reader: boolean
  all(parameters: readonly unknown[]): unknown[]
  run(parameters: readonly unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint }
  iterate(parameters: readonly unknown[]): IterableIterator<unknown>
}

/** An open database of either module. */
export interface SqliteConnection {
  prepare(sql: string): SqliteStatement
  exec(sql: string): unknown
  close(): void
  readonly inTransaction: boolean
}

/** Statements kept prepared: a writer has about twenty texts, a reader as many. */
const MOST_STATEMENTS = 128

/** Keeps statements prepared: preparing them for each call cost three quarters of a single insert. */
export class SqliteHandle implements Shortcut {
  readonly #connection: SqliteConnection
  /** In order of use, oldest first. */
  readonly #statements = new Map<string, SqliteStatement>()

  constructor(connection: SqliteConnection) {
    this.#connection = connection
  }

  prepare(sql: string): SqliteStatement {
    const known = this.#statements.get(sql)
    if (known !== undefined) {
      if (this.#statements.size === MOST_STATEMENTS) {
        this.#statements.delete(sql)
        this.#statements.set(sql, known)
      }
      return known
    }
    const statement = this.#prepare(sql)
    if (this.#statements.size === MOST_STATEMENTS) {
      for (const oldest of this.#statements.keys()) {
        this.#statements.delete(oldest)
        break
      }
    }
    this.#statements.set(sql, statement)
    return statement
  }

  /** A statement that is being iterated cannot run again meanwhile: each iteration has one of its own. */
  #prepare(sql: string): SqliteStatement {
    const statement = this.#connection.prepare(sql)
    return {
      reader: statement.reader,
      all: (parameters) => statement.all(parameters),
      run: (parameters) => statement.run(parameters),
      iterate: (parameters) => this.#connection.prepare(sql).iterate(parameters),
    }
  }

  execute({ sql, parameters }: Query): Result | null {
    if (this.#connection.inTransaction) return null
    const statement = this.prepare(sql)
    if (statement.reader) return { rows: statement.all(parameters) as Row[] }
    return { rows: [], numAffectedRows: BigInt(statement.run(parameters).changes) }
  }

  close(): void {
    this.#connection.close()
  }
}
