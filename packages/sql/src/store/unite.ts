import { type CellWrite, registerMerger, sameValue } from '@kairos/core/driver'
import type { Session } from '../connection/session.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { Table } from '../dialects/table.ts'
import { replacingLayout } from '../schema/layout.ts'
import { createCurrentValues } from './current-values.ts'
import { rowsOf } from './encode-cells.ts'
import { placeKey } from './where-cells.ts'

/**
 * Merges registers into the cells of a unique, in a transaction. Changes to cells that are not there are inserted, which other writers wait for. The rows of the
 * others are locked and read, and those that grow are written. So no two writers merge into the same registers, and a repeat writes nothing.
 */
export function createUniter(
  dialect: Dialect,
  table: Table,
): (session: Session, cells: readonly CellWrite[]) => Promise<void> {
  const { layout } = table
  const insert = dialect.upsert(table)
  const replace = dialect.upsert({ ...table, layout: replacingLayout(layout) })
  const currentValues = createCurrentValues(dialect, table)

  return async (session, cells) => {
    const merge = await registerMerger()
    const write = async (upsert: typeof insert, some: readonly CellWrite[]): Promise<void> => {
      if (some.length === 0) return
      for (const statement of upsert(rowsOf(layout, some, dialect.codec))) await session.execute(statement)
    }
    for (let left = cells; left.length > 0; ) {
      await write(insert, left)
      const current = await currentValues(session, left)
      const grown: CellWrite[] = []
      const deleted: CellWrite[] = []
      for (const cell of left) {
        const value = current.get(placeKey(cell)) as Uint8Array | undefined
        const change = value && merge(value, cell.change as Uint8Array)
        if (change === undefined) deleted.push(cell)
        else if (!sameValue(value!, change)) grown.push({ ...cell, change })
      }
      await write(replace, grown)
      // PostgreSQL's insert does not lock a row that is there: it may be gone by now.
      left = deleted
    }
  }
}
