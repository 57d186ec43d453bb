import type { Dialect } from '../dialects/dialect.ts'
import { isSqlFailure, sqlFailure, UNAVAILABLE, type Verdict } from '../kysely/failures.ts'
import type { KyselyLike } from '../kysely/kysely-like.ts'
import { type Query, type Result, type Row, rawQuery } from '../kysely/query.ts'

/** Executes single statements. Rejects with an SqlFailure. */
export interface Session {
  execute(query: Query): Promise<Result>
}

/** A connection of its own, for as long as `work` takes. Everything rejects with an SqlFailure, or with what `work` itself throws. */
export interface Database extends Session {
  /** Whether `select` gives rows as lists. */
  readonly positional: boolean
  /** The rows of a statement that selects these columns, in this order. */
  select(query: Query, columns: readonly string[]): Promise<readonly Row[]>
  /** Whole or not at all: an error before the commit was sent means that nothing was stored. */
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T>
  /** While no other process prepares tables. */
  exclusively<T>(work: (session: Session) => Promise<T>): Promise<T>
}

/** A way around Kysely for single statements, where the driver owns the database: promises and layers are most of their cost. */
export interface Shortcut {
  /** Null where the statement must wait its turn, since a transaction is open. */
  execute(query: Query): Result | null
  /** Rows as lists, a quarter faster than objects; null as above. */
  select(query: Query): readonly Row[] | null
}

/** A Kysely instance, or a transaction of one, as a session. */
export function sessionOf(db: KyselyLike, dialect: Dialect): Session {
  return {
    async execute(query) {
      try {
        return (await db.executeQuery(query)) as Result
      } catch (error) {
        throw sqlFailure(error, dialect.classify(error))
      }
    },
  }
}

export function createDatabase(kysely: KyselyLike, dialect: Dialect, shortcut: Shortcut | null): Database {
  // Plugins rename columns and parse texts, also of raw statements.
  const db = kysely.withoutPlugins()
  const { lock, unlock, abandon } = dialect

  return {
    positional: shortcut !== null,
    async execute(query) {
      return directly((way) => way.execute(query)) ?? throughKysely(query)
    },
    async select(query, columns) {
      const rows = directly((way) => way.select(query))
      if (rows !== null) return rows
      const { rows: objects } = await throughKysely(query)
      return shortcut === null ? objects : objects.map((row) => listOf(row, columns))
    },
    transaction: (work) => bracket([dialect.begin], 'commit', 'rollback', work),
    exclusively: (work) => bracket(lock, unlock, abandon, work),
  }

  /** What the shortcut gives; null where there is none, or it cannot be taken now. */
  function directly<T>(take: (way: Shortcut) => T | null): T | null {
    if (shortcut === null) return null
    try {
      return take(shortcut)
    } catch (error) {
      throw sqlFailure(error, dialect.classify(error))
    }
  }

  function throughKysely(query: Query): Promise<Result> {
    return onConnection((session) => session.execute(query))
  }

  /** Tells what fails before a connection is there from what fails on it: only the latter can have reached the server. */
  async function onConnection<T>(work: (session: Session) => Promise<T>): Promise<T> {
    let connected = false
    try {
      return await db.connection().execute((connection) => {
        connected = true
        return work(sessionOf(connection, dialect))
      })
    } catch (error) {
      if (connected) throw error
      const verdict = dialect.classify(error)
      throw sqlFailure(error, verdict.inDoubt ? UNAVAILABLE : verdict)
    }
  }

  function bracket<T>(
    begin: readonly string[],
    end: string,
    undo: string,
    work: (session: Session) => Promise<T>,
  ): Promise<T> {
    return onConnection(async (session) => {
      try {
        for (const text of begin) claimLock(await session.execute(rawQuery(text)))
        const result = await work(session)
        return await finish(session, end, result)
      } catch (error) {
        // On a connection that is gone this fails too, and the server has rolled back by itself.
        await session.execute(rawQuery(undo)).catch(() => {})
        throw error instanceof Unfinished ? error.failure : undone(error)
      }
    })
  }
}

/** The commit itself failed: its own verdict stands. */
class Unfinished {
  readonly failure: unknown
  constructor(failure: unknown) {
    this.failure = failure
  }
}

async function finish<T>(session: Session, end: string, result: T): Promise<T> {
  try {
    await session.execute(rawQuery(end))
    return result
  } catch (error) {
    throw new Unfinished(error)
  }
}

/** Whatever the statement's own fate: its transaction was never committed. */
function undone(error: unknown): unknown {
  return isSqlFailure(error) ? Object.assign(error, { inDoubt: false } satisfies Pick<Verdict, 'inDoubt'>) : error
}

function claimLock({ rows }: Result): void {
  const locked = rows[0]?.locked
  if (locked !== undefined && Number(locked) !== 1)
    throw sqlFailure(new Error('another process prepares the tables, and does not end'), UNAVAILABLE)
}

function listOf(row: Row, columns: readonly string[]): Row {
  return Object.fromEntries(columns.map((column, place) => [place, row[column]]))
}
