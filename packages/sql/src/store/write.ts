import {
  type CellWrite,
  failedWrite,
  once,
  type WriteBatch,
  type WriteFailure,
  type WriteReceipt,
} from '@kairos/core/driver'
import type { Database, Session } from '../connection/session.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { Table } from '../dialects/table.ts'
import { isSqlFailure } from '../kysely/failures.ts'
import type { Query, Row } from '../kysely/query.ts'
import { checkGeneration } from '../schema/generation.ts'
import { rowsOf } from './encode-cells.ts'
import { failedCells } from './failed-cells.ts'
import { isLarge, staysFinite } from './overflow.ts'
import type { Receipts } from './receipts.ts'
import { writtenCounts } from './written-counts.ts'

/** The outcome of a write. */
interface Written {
  readonly receipt: WriteReceipt
  /** Cells whose sum would overflow. */
  readonly notApplied: readonly CellWrite[]
}

/**
 * Writes batches, each completely or not at all. A single statement is atomic by itself: `begin` and `commit` around it would cost two thirds of the
 * speed of single inserts. So only batches of several statements have them, and those with an id.
 */
export function createWriter(
  database: Database,
  dialect: Dialect,
  table: Table,
  receipts: Receipts,
): (batch: WriteBatch) => Promise<WriteReceipt> {
  const upsert = dialect.upsert(table)
  const statementsOf = (cells: readonly CellWrite[]): Query[] => upsert(rowsOf(table.layout, cells, dialect.codec))

  // Only applications with uniques load it.
  const uniting =
    table.layout.type === 'unique' ? once(async () => (await import('./unite.ts')).createUniter(dialect, table)) : null

  const counts = writtenCounts(dialect, table)

  /** With `returning`: at once where inserts return rows. */
  async function writeReturning(cells: readonly CellWrite[]): Promise<Written> {
    const statements = counts.statements(statementsOf(cells))
    const work = async (session: Session): Promise<Written> => {
      const rows = await executeAll(session, statements)
      return { receipt: { counts: await counts.countsOf(session, cells, rows) }, notApplied: [] }
    }
    return dialect.returnsRows && statements.length === 1 ? work(database) : database.transaction(work)
  }

  async function writePlain(cells: readonly CellWrite[]): Promise<Written> {
    const written = { receipt: {}, notApplied: [] }
    if (uniting !== null) {
      const unite = await uniting()
      await database.transaction((session) => unite(session, cells))
      return written
    }
    const statements = statementsOf(cells)
    if (statements.length === 1) await database.execute(statements[0]!)
    else await database.transaction((session) => executeAll(session, statements))
    return written
  }

  async function writeCarefully(session: Session, batch: WriteBatch): Promise<Written> {
    if (batch.id !== undefined) {
      const claim = await receipts.claim(session, batch, batch.id)
      if (claim !== 'new') {
        await session.execute(checkGeneration(table))
        // What a count was after an earlier attempt is not known any more.
        return { receipt: { repeated: claim === 'repeated' || batch.returning === true }, notApplied: [] }
      }
    }
    const rows: Row[] = []
    const write = async (cells: readonly CellWrite[]): Promise<void> => {
      if (uniting !== null) return (await uniting())(session, cells)
      const statements = statementsOf(cells)
      rows.push(...(await executeAll(session, batch.returning ? counts.statements(statements) : statements)))
    }
    const small = batch.cells.filter((cell) => !isLarge(table.layout, cell))
    if (small.length > 0) await write(small)
    const notApplied: CellWrite[] = []
    for (const cell of batch.cells) {
      if (!isLarge(table.layout, cell)) continue
      if (await staysFinite(session, dialect, table, cell)) await write([cell])
      else notApplied.push(cell)
    }
    // With an id all or nothing: the receipt of a part would have a repeat do nothing for the rest.
    if (notApplied.length > 0 && batch.id !== undefined) throw new Overflow()
    if (notApplied.length > 0 || !batch.returning) return { receipt: {}, notApplied }
    return { receipt: { counts: await counts.countsOf(session, batch.cells, rows) }, notApplied }
  }

  return async (batch) => {
    const { cells, id } = batch
    const careful = id !== undefined || cells.some((cell) => isLarge(table.layout, cell))
    let written: Written
    try {
      if (careful) written = await database.transaction((session) => writeCarefully(session, batch))
      else written = await (batch.returning ? writeReturning(cells) : writePlain(cells))
    } catch (error) {
      if (error instanceof Overflow) throw overflowed(cells)
      if (!isSqlFailure(error)) throw error
      throw failedCells(error, cells)
    }
    if (written.notApplied.length === 0) return written.receipt
    throw overflowed(written.notApplied)
  }
}

/** Rolls back a batch that has an id. */
class Overflow extends Error {}

function overflowed(notApplied: readonly CellWrite[]): WriteFailure {
  return failedWrite('the sum would be greater than the largest double', { retry: 'never', notApplied })
}

/** Resolves to the rows of all. */
async function executeAll(session: Session, statements: readonly Query[]): Promise<Row[]> {
  const all: Row[] = []
  for (const statement of statements) all.push(...(await session.execute(statement)).rows)
  return all
}
