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
import type { Rows } from '../dialects/rows.ts'
import type { Table } from '../dialects/table.ts'
import { isSqlFailure } from '../kysely/failures.ts'
import { type Query, type Row, rawQuery } from '../kysely/query.ts'
import { checkGeneration } from '../schema/generation.ts'
import { rowsOf } from './encode-cells.ts'
import { failedCells } from './failed-cells.ts'
import { largeAmong, staysFinite } from './overflow.ts'
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
  const encode = (cells: readonly CellWrite[]): Rows => rowsOf(table.layout, cells, dialect.codec)

  // Only applications with distributions and uniques load it.
  const growth =
    table.layout.sketch === null
      ? null
      : once(async () => (await import('./growth.ts')).createGrowth(database, dialect, table))

  const counts = writtenCounts(dialect, table)

  /** With `returning`: at once where inserts return rows. */
  async function writeReturning(cells: readonly CellWrite[], rows: Rows): Promise<Written> {
    const statements = counts.statements(upsert(rows))
    const work = async (session: Session): Promise<Written> => {
      const written = await executeAll(session, statements)
      return { receipt: { counts: await counts.countsOf(session, cells, written) }, notApplied: [] }
    }
    return dialect.returnsRows && statements.length === 1 ? work(database) : database.transaction(work)
  }

  async function writePlain(cells: readonly CellWrite[], rows: Rows): Promise<Written> {
    const statements = upsert(rows)
    if (statements.length === 1) {
      await database.execute(statements[0]!)
      if (growth !== null) await (await growth()).after(cells, rows)
    } else {
      await database.transaction(async (session) => {
        await executeAll(session, statements)
        if (growth !== null) await (await growth()).within(session, cells, rows)
      })
    }
    return { receipt: {}, notApplied: [] }
  }

  async function writeCarefully(
    session: Session,
    batch: WriteBatch,
    rows: Rows,
    large: ReadonlySet<CellWrite>,
  ): Promise<Written> {
    // What is appended is added up by readers: of two changes that overflow together, one must see the other here.
    if (growth !== null && large.size > 0)
      for (const text of dialect.keepWritersOut(table.name)) await session.execute(rawQuery(text))
    if (batch.id !== undefined) {
      const claim = await receipts.claim(session, batch, batch.id)
      if (claim !== 'new') {
        await session.execute(checkGeneration(table))
        // What a count was after an earlier attempt is not known any more.
        return { receipt: { repeated: claim === 'repeated' || batch.returning === true }, notApplied: [] }
      }
    }
    const returned: Row[] = []
    const write = async (cells: readonly CellWrite[], written: Rows): Promise<void> => {
      const statements = upsert(written)
      returned.push(...(await executeAll(session, batch.returning ? counts.statements(statements) : statements)))
      if (growth !== null) await (await growth()).within(session, cells, written)
    }
    const small = batch.cells.filter((cell) => !large.has(cell))
    if (small.length > 0) await write(small, large.size === 0 ? rows : encode(small))
    const notApplied: CellWrite[] = []
    for (const cell of large) {
      if (await staysFinite(session, dialect, table, cell)) await write([cell], encode([cell]))
      else notApplied.push(cell)
    }
    // With an id all or nothing: the receipt of a part would have a repeat do nothing for the rest.
    if (notApplied.length > 0 && batch.id !== undefined) throw new Overflow()
    if (notApplied.length > 0 || !batch.returning) return { receipt: {}, notApplied }
    return { receipt: { counts: await counts.countsOf(session, batch.cells, returned) }, notApplied }
  }

  return async (batch) => {
    const { cells, id } = batch
    const rows = encode(cells)
    const large = new Set(largeAmong(table.layout, cells, rows))
    const { transaction, transactionOnGaps } = database
    const carefully = growth !== null && large.size > 0 ? transactionOnGaps : transaction
    let written: Written
    try {
      if (id !== undefined || large.size > 0)
        written = await carefully((session) => writeCarefully(session, batch, rows, large))
      else written = await (batch.returning ? writeReturning(cells, rows) : writePlain(cells, rows))
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
