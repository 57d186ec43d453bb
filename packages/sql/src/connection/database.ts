import type { Dialect } from '../dialects/dialect.ts'
import { endedMeanwhile, hasEndedTransaction, isSqlFailure, sqlFailure, transactionEnded } from '../kysely/failures.ts'
import type { ExecutorLike, KyselyLike } from '../kysely/kysely-like.ts'
import { type Query, type Result, type Row, rawQuery } from '../kysely/query.ts'
import { REFUSED, UNAVAILABLE, type Verdict } from '../kysely/verdict.ts'
import { type Connections, hold, type Patience } from './held-connection.ts'
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
  readonly undo: string
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
    transaction: (work) => bracket({ begin: [dialect.begin], end: 'commit', undo: 'rollback' }, work),
    transactionOnGaps: (work) => bracket({ begin: dialect.beginOnGaps, end: 'commit', undo: 'rollback' }, work),
    exclusively: (work) => bracket({ begin: lock, end: unlock, undo: abandon }, work),
    joining: (transaction) => joined(transaction.getExecutor()),
  }

  function bracket<T>({ begin, end, undo }: Bracket, work: (session: Session) => Promise<T>): Promise<T> {
    return hold(
      pool,
      dialect,
      patience,
      async (session) => {
        let result: T
        try {
          for (const text of begin) claimLock(await session.execute(rawQuery(text)))
          result = await work(session)
        } catch (error) {
          throw notCommitted(error)
        }
        // A failed commit has its own verdict.
        await session.execute(rawQuery(end))
        return result
      },
      async (session, error) => {
        // This fails too if the connection is gone; the server has then rolled back by itself.
        await session.execute(rawQuery(undo)).catch(() => {})
        return error
      },
    )
  }

  /** Kysely hands out a transaction's connection to one call at a time, so only the transaction's own end comes between a savepoint and its end. */
  function joined(transaction: ExecutorLike): Database {
    const { end, undo } = dialect.savepoint
    const connections: Connections = {
      async provideConnection(use) {
        try {
          return await transaction.provideConnection(use)
        } catch (error) {
          // Kysely refuses one that was committed or rolled back.
          throw transactionEnded(error, OVER)
        }
      },
    }
    const inSavepoint = <T>(work: (session: Session) => Promise<T>): Promise<T> =>
      hold(
        connections,
        dialect,
        patience,
        async (session) => {
          await beginSavepoint(session, dialect)
          let result: T
          try {
            result = await work(session)
          } catch (error) {
            // The application commits later. Only what a late statement still does may be committed too.
            throw session.late ? error : notCommitted(error)
          }
          try {
            for (const text of end) await session.execute(rawQuery(text))
          } catch (error) {
            if (session.late) throw error
            // Without the connection, nobody can commit. Else there is no savepoint any more.
            throw isSqlFailure(error) && error.inDoubt ? notCommitted(error) : endedMeanwhile(error)
          }
          return result
        },
        async (session, error) => {
          if (hasEndedTransaction(error)) return error
          // Ended by the caller: the connection may be in another transaction by now.
          if (!session.late && isSqlFailure(error) && error.inDoubt) return error
          try {
            for (const text of undo) await session.execute(rawQuery(text))
            return error
          } catch {
            return transactionEnded(error, 'the transaction has ended, and nothing that was written in it is stored')
          }
        },
      )
    const executeJoined = (query: Query): Promise<Result> => inSavepoint((session) => session.execute(query))
    return {
      positional: false,
      execute: executeJoined,
      select: async (query) => (await executeJoined(query)).rows,
      transaction: inSavepoint,
      transactionOnGaps: inSavepoint,
      exclusively: (work) =>
        inSavepoint(async (session) => {
          if (dialect.lockInTransaction === null) throw sqlFailure(new Error(COMMITS), REFUSED)
          for (const text of dialect.lockInTransaction) await session.execute(rawQuery(text))
          return work(session)
        }),
      joining: (transaction) => joined(transaction.getExecutor()),
    }
  }
}

/** For MySQL. */
const COMMITS = 'the database commits a transaction before it changes a table; make this call without a transaction'
const OVER = 'the transaction has ended, by the database or by a statement, or has failed'

/** Nothing may be sent outside a transaction: the database would commit it at once. */
async function beginSavepoint(session: Session, { savepoint }: Dialect): Promise<void> {
  const ask = async (sql: string): Promise<readonly Row[]> => (await session.execute(rawQuery(sql))).rows
  try {
    const open = (await savepoint.isInTransaction?.(ask)) ?? true
    if (!open) throw new Error('no transaction is open')
    for (const text of savepoint.begin) await ask(text)
  } catch (error) {
    throw transactionEnded(error, OVER)
  }
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
