import type { CellWrite } from '@kairos/core/driver'
import type { Database, Session } from '../connection/session.ts'
import type { CellPlace, Dialect } from '../dialects/dialect.ts'
import type { Rows } from '../dialects/rows.ts'
import { build } from '../dialects/sql-text.ts'
import { type Table, UNITED } from '../dialects/table.ts'
import { hasEndedTransaction, isSqlFailure } from '../kysely/failures.ts'
import { replacingLayout } from '../schema/layout.ts'
import { createCurrentValues } from './current-values.ts'
import { rowsOf } from './encode-cells.ts'
import { chunksOf, placeColumns, placeIn, placeKey, whereCells } from './where-cells.ts'

/** What a cell may grow beyond 1.5 times what it had when it was last united, in bytes. */
const SLACK = 256
/** The cell is looked at once for this many appended bytes, on average. */
const LOOK = 1_024

/** Unites the sketches of cells that have grown long. */
export interface Growth {
  /** After a statement of its own that wrote these rows of cells: they are stored whatever happens here, and a later write does what fails. */
  after(cells: readonly CellWrite[], rows: Rows): Promise<void>
  /** The same in the transaction that has written them, which fails with it. */
  within(session: Session, cells: readonly CellWrite[], rows: Rows): Promise<void>
}

/**
 * Writes append to cells without reading them, so that somebody must see when a cell has grown long. Each write looks at some of its cells, one with many bytes
 * rather than one with few: how often a cell is looked at depends on what was appended to it, not on who did it, and processes that live for one write do their
 * part. One that is long is locked, read, and written as one sketch.
 */
export function createGrowth(database: Database, dialect: Dialect, table: Table): Growth {
  const { layout } = table
  const replace = dialect.upsert({ ...table, layout: replacingLayout(layout) })
  const currentValues = createCurrentValues(dialect, table)
  const isLong = `length(${dialect.quote('value')}) > ${UNITED} * 1.5 + ${SLACK}`

  async function longAmong(session: Session, cells: readonly CellPlace[]): Promise<CellPlace[]> {
    const long: CellPlace[] = []
    for (const chunk of chunksOf(dialect, cells)) {
      const query = build(
        dialect,
        (bind) =>
          `select ${placeColumns(dialect)} from ${table.name} where ${whereCells(dialect, table, bind, chunk)} and ${isLong}`,
      )
      for (const row of (await session.execute(query)).rows) long.push(placeIn(row, dialect))
    }
    return long
  }

  async function unite(session: Session, cells: readonly CellPlace[]): Promise<void> {
    const values = await currentValues(session, cells)
    const united = cells.flatMap((cell): CellWrite[] => {
      const change = values.get(placeKey(cell))
      // It may have been deleted.
      return change === undefined ? [] : [{ ...cell, change }]
    })
    if (united.length === 0) return
    for (const statement of replace(rowsOf(layout, united, dialect.codec))) await session.execute(statement)
  }

  return {
    async after(cells, rows) {
      try {
        const long = await longAmong(database, looked(cells, rows))
        // Writers lock the rows of an interval in this order, too.
        for (const interval of new Set(long.map((cell) => cell.interval)))
          await database.transaction((session) =>
            unite(
              session,
              long.filter((cell) => cell.interval === interval),
            ),
          )
      } catch (error) {
        // With the transaction of the caller, the write is gone too.
        if (hasEndedTransaction(error)) throw error
      }
    },
    async within(session, cells, rows) {
      try {
        await unite(session, await longAmong(session, looked(cells, rows)))
      } catch (error) {
        // What is damaged stays as it is.
        if (isSqlFailure(error)) throw error
      }
    },
  }
}

/** Those cells to look at, each of which is a row. */
function looked(cells: readonly CellWrite[], rows: Rows): CellWrite[] {
  const lengths = rows.at(-1) as readonly number[]
  return cells.filter((_, index) => Math.random() * LOOK < lengths[index]!)
}
