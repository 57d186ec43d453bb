import { type CallOptions, failedWrite, type WriteBatch } from '@kairos/core/driver'
import { type Database, type Session, sessionOf } from '../connection/session.ts'
import type { Dialect, Table } from '../dialects/dialect.ts'
import { isSqlFailure } from '../kysely/failures.ts'
import type { TransactionLike } from '../kysely/kysely-like.ts'
import { type Query, rawQuery } from '../kysely/query.ts'
import { rowsOf } from './encode-cells.ts'

interface WriteOptions {
  readonly transaction?: TransactionLike
}

/**
 * Writes batches, each whole or not at all. One statement is atomic by itself; `begin` and `commit` around it would cost two thirds of the speed
 * of single inserts, so only batches of several statements have them.
 */
export function createWriter(
  database: Database,
  dialect: Dialect,
  table: Table,
): (batch: WriteBatch, options?: CallOptions) => Promise<void> {
  const upsert = dialect.upsert(table)

  async function send(statements: readonly Query[], transaction: TransactionLike | undefined): Promise<void> {
    if (transaction !== undefined) await within(sessionOf(transaction.withoutPlugins(), dialect), statements)
    else if (statements.length === 1) await database.execute(statements[0]!)
    else await database.transaction((session) => executeAll(session, statements))
  }

  return async ({ cells }, options) => {
    const { transaction }: WriteOptions = options?.driverOptions ?? {}
    if (transaction !== undefined && transaction?.isTransaction !== true) {
      const message =
        'the option transaction must be a transaction of the Kysely instance that the driver was made with'
      throw failedWrite(message, { retry: 'never', notApplied: cells })
    }
    const statements = upsert(rowsOf(table.layout, cells, dialect.codec))
    try {
      await send(statements, transaction)
    } catch (error) {
      if (!isSqlFailure(error)) throw error
      // Nothing in a transaction of the caller's is stored before the caller commits it.
      const inDoubt = error.inDoubt && transaction === undefined
      throw failedWrite(error.message, {
        retry: transaction === undefined ? error.retry : 'never',
        cause: error.cause,
        ...(inDoubt ? { maybeApplied: cells } : { notApplied: cells }),
      })
    }
  }
}

async function executeAll(session: Session, statements: readonly Query[]): Promise<void> {
  for (const statement of statements) await session.execute(statement)
}

/** In the caller's transaction: with a savepoint around several statements, so that a caller who goes on after an error has none of them. */
async function within(session: Session, statements: readonly Query[]): Promise<void> {
  if (statements.length === 1) return executeAll(session, statements)
  await session.execute(rawQuery('savepoint kairos'))
  try {
    await executeAll(session, statements)
  } catch (error) {
    await session.execute(rawQuery('rollback to savepoint kairos')).catch(() => {})
    throw error
  }
  await session.execute(rawQuery('release savepoint kairos'))
}
