import {
  type CellReplacement,
  type CellWrite,
  type ReplaceBatch,
  type ReplaceReceipt,
  sameValue,
} from '@kairos/core/driver'
import type { Database, Session } from '../connection/session.ts'
import type { Dialect } from '../dialects/dialect.ts'
import { build } from '../dialects/sql-text.ts'
import type { Table } from '../dialects/table.ts'
import { isSqlFailure } from '../kysely/failures.ts'
import { rawQuery } from '../kysely/query.ts'
import { replacingLayout } from '../schema/layout.ts'
import { createCurrentValues } from './current-values.ts'
import { hasSeveralRows } from './decode-rows.ts'
import { rowsOf } from './encode-cells.ts'
import { failedCells } from './failed-cells.ts'
import { chunksOf, placeKey, whereCells } from './where-cells.ts'

/**
 * Replaces cells, a batch in one transaction. A cell of one row is locked by its row. One of several rows, or one that must hold an expected value, may have
 * no row to lock yet: then the database keeps all writers out of the table (PostgreSQL), or out of the gaps in the index (MySQL, MariaDB), until the
 * transaction ends. Writes themselves stay a single statement.
 */
export function createReplacer(
  database: Database,
  dialect: Dialect,
  table: Table,
): (batch: ReplaceBatch) => Promise<ReplaceReceipt> {
  const { layout } = table
  const several = hasSeveralRows(layout.type)
  // A count's new value, say, is not added to the old one.
  const insert = dialect.upsert(several ? table : { ...table, layout: replacingLayout(layout) })
  const currentValues = createCurrentValues(dialect, table)

  /** Those that do not hold what is expected. */
  async function unexpectedOf(session: Session, cells: readonly CellReplacement[]): Promise<CellReplacement[]> {
    const expecting = cells.filter(({ expected }) => expected !== undefined)
    if (expecting.length === 0) return []
    const current = await currentValues(session, expecting)
    return expecting.filter((cell) => !sameValue(current.get(placeKey(cell)) ?? null, cell.expected!))
  }

  async function replaceAll(session: Session, cells: readonly CellReplacement[]): Promise<CellReplacement[]> {
    if (several || cells.some(({ expected }) => expected !== undefined))
      for (const text of dialect.keepWritersOut(table.name)) await session.execute(rawQuery(text))
    const unexpected = await unexpectedOf(session, cells)
    const left = new Set(unexpected)
    const replaced = cells.filter((cell) => !left.has(cell))
    for (const chunk of chunksOf(dialect, several ? replaced : replaced.filter(({ value }) => value === null)))
      await session.execute(
        build(dialect, (bind) => `delete from ${table.name} where ${whereCells(dialect, table, bind, chunk)}`),
      )
    const written = replaced.flatMap(({ value, expected: _, ...cell }): CellWrite[] =>
      value === null ? [] : [{ ...cell, change: value }],
    )
    if (written.length === 0) return unexpected
    for (const statement of insert(rowsOf(layout, written, dialect.codec))) await session.execute(statement)
    return unexpected
  }

  return async ({ cells }) => {
    try {
      return { unexpected: await database.transactionOnGaps((session) => replaceAll(session, cells)) }
    } catch (error) {
      throw isSqlFailure(error) ? failedCells(error, cells) : error
    }
  }
}
