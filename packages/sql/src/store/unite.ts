import { type CellWrite, registerMerger, sameValue } from '@kairos/core/driver'
import type { Session } from '../connection/session.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { Table } from '../dialects/table.ts'
import { replacingLayout } from '../schema/layout.ts'
import { createCurrentValues } from './current-values.ts'
import { rowsOf } from './encode-cells.ts'
import { placeKey } from './where-cells.ts'

/**
 * Merges registers into the cells of a unique, in a transaction. Rows that are there are locked and read, and those that grow are written; the others are
 * inserted. If another writer has inserted one meanwhile, it is read after all. So no two writers merge into the same registers, and a repeat writes nothing.
 *
 * Where no other writer can come between, what is likely to be new is inserted at once, and read only if some of it was there.
 */
export function createUniter(
  dialect: Dialect,
  table: Table,
): (session: Session, cells: readonly CellWrite[]) => Promise<void> {
  const { layout } = table
  const insert = dialect.upsert(table)
  const replace = dialect.upsert({ ...table, layout: replacingLayout(layout) })
  const currentValues = createCurrentValues(dialect, table)

  /** Resolves to the number of rows that the database says it has changed. */
  async function write(session: Session, upsert: typeof insert, cells: readonly CellWrite[]): Promise<number> {
    let changed = 0
    if (cells.length === 0) return changed
    for (const statement of upsert(rowsOf(layout, cells, dialect.codec)))
      changed += Number((await session.execute(statement)).numAffectedRows)
    return changed
  }

  /** Of the last write. */
  let mostWereNew = true

  return async (session, cells) => {
    const merge = await registerMerger()
    if (dialect.locksGaps) await write(session, insert, cells)
    else if (dialect.excludesWriters && mostWereNew) {
      const inserted = await write(session, insert, cells)
      if (inserted === cells.length) return
      mostWereNew = inserted * 2 > cells.length
    }
    for (let left = cells; left.length > 0; ) {
      const current = await currentValues(session, left)
      const grown: CellWrite[] = []
      const missing: CellWrite[] = []
      for (const cell of left) {
        const value = current.get(placeKey(cell)) as Uint8Array | undefined
        const change = value && merge(value, cell.change as Uint8Array)
        if (change === undefined) missing.push(cell)
        else if (!sameValue(value!, change)) grown.push({ ...cell, change })
      }
      await write(session, replace, grown)
      const inserted = await write(session, insert, missing)
      mostWereNew = inserted * 2 > left.length
      left = inserted === missing.length ? [] : missing
    }
  }
}
