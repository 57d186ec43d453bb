import type { Dialect } from '../dialects/dialect.ts'
import { isSqlFailure, sqlFailure, UNAVAILABLE, type Verdict } from '../kysely/failures.ts'
import type { ExecutorLike, KyselyLike } from '../kysely/kysely-like.ts'
import { type Query, type Result, type Row, rawQuery } from '../kysely/query.ts'
import { hold, type Patience } from './held-connection.ts'
import type { Database, Session, Shortcut } from './session.ts'

/** How to reach a database, and how long to wait for it. */
export interface DatabaseAccess {
  readonly kysely: KyselyLike
  readonly dialect: Dialect
  readonly shortcut: Shortcut | null
  readonly patience: Patience
}

/** The statements around several others. */
interface Bracket {
  readonly begin: readonly string[]
  readonly end: string
  readonly undo: readonly string[]
  /** Whether `end` commits; otherwise, the caller does. */
  readonly ends: boolean
}

/** A database, through a Kysely instance. */
export function createDatabase({ kysely, dialect, shortcut, patience }: DatabaseAccess): Database {
  const { lock, unlock, abandon } = dialect
  const pool = kysely.getExecutor()

  async function execute(query: Query): Promise<Result> {
    return directly((way) => way.execute(query)) ?? hold(pool, dialect, patience, (session) => session.execute(query))
  }

  /** The result by the shortcut; null if there is none, or if it cannot be used now. */
  function directly<T>(take: (way: Shortcut) => T | null): T | null {
    if (shortcut === null) return null
    try {
      return take(shortcut)
    } catch (error) {
      throw sqlFailure(error, dialect.classify(error))
    }
  }

  return {
    positional: shortcut !== null,
    execute,
    async select(query, columns) {
      const rows = directly((way) => way.select(query))
      if (rows !== null) return rows
      const { rows: objects } = await execute(query)
      return shortcut === null ? objects : objects.map((row) => listOf(row, columns))
    },
    transaction: (work) =>
      bracket(pool, { begin: [dialect.begin], end: 'commit', undo: ['rollback'], ends: true }, work),
    exclusively: (work) => bracket(pool, { begin: lock, end: unlock, undo: [abandon], ends: true }, work),
    joining: (transaction) => joined(transaction.getExecutor()),
  }

  function bracket<T>(
    executor: ExecutorLike,
    { begin, end, undo, ends }: Bracket,
    work: (session: Session) => Promise<T>,
  ): Promise<T> {
    return hold(
      executor,
      dialect,
      patience,
      async (session) => {
        let result: T
        try {
          for (const text of begin) claimLock(await session.execute(rawQuery(text)))
          result = await work(session)
        } catch (error) {
          // Our own commit is never sent then. The application's is, and it comes after what a late statement still does.
          throw !ends && session.late ? error : notCommitted(error)
        }
        try {
          await session.execute(rawQuery(end))
          return result
        } catch (error) {
          // A failed commit has its own verdict. A caller's transaction whose connection was lost was not committed.
          throw ends || session.late ? error : notCommitted(error)
        }
      },
      undo,
    )
  }

  /** Kysely hands out a transaction's connection to one call at a time, so nothing comes between a savepoint and its end. */
  function joined(executor: ExecutorLike): Database {
    const inSavepoint = <T>(work: (session: Session) => Promise<T>): Promise<T> => {
      const savepoint = nextSavepoint()
      const end = `release savepoint ${savepoint}`
      return bracket(
        executor,
        { begin: [`savepoint ${savepoint}`], end, undo: [`rollback to savepoint ${savepoint}`, end], ends: false },
        work,
      )
    }
    const executeJoined = (query: Query): Promise<Result> => inSavepoint((session) => session.execute(query))
    return {
      positional: false,
      execute: executeJoined,
      select: async (query) => (await executeJoined(query)).rows,
      transaction: inSavepoint,
      exclusively: inSavepoint,
      joining: (transaction) => joined(transaction.getExecutor()),
    }
  }
}

let savepoints = 0
/** A name that no other savepoint in this process has. */
function nextSavepoint(): string {
  savepoints++
  return `kairos_${savepoints}`
}

/** Not in doubt, whatever happened to the statement: its transaction was never committed. */
function notCommitted(error: unknown): unknown {
  return isSqlFailure(error) ? Object.assign(error, { inDoubt: false } satisfies Pick<Verdict, 'inDoubt'>) : error
}

function claimLock({ rows }: Result): void {
  const locked = rows[0]?.locked
  if (locked !== undefined && Number(locked) !== 1)
    throw sqlFailure(new Error('timed out waiting for another process to create the tables'), UNAVAILABLE)
}

function listOf(row: Row, columns: readonly string[]): Row {
  return Object.fromEntries(columns.map((column, place) => [place, row[column]]))
}
