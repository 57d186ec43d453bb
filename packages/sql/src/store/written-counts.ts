import type { CellWrite } from '@kairos/core/driver'
import type { Session } from '../connection/session.ts'
import type { Dialect } from '../dialects/dialect.ts'
import { build } from '../dialects/sql-text.ts'
import type { Table } from '../dialects/table.ts'
import { type Query, type Row, rawQuery } from '../kysely/query.ts'
import { toNumber } from '../values/value-columns.ts'
import { chunksOf, placeColumns, placeIn, placeKey, whereCells } from './where-cells.ts'

/** Counts with `returning`: where the database's insert returns rows, in that statement; else by a select in the same transaction, which has locked them. */
export interface WrittenCounts {
  /** The statements that write, so that their rows can be passed to `countsOf`. */
  statements(writes: readonly Query[]): Query[]
  /** What cells hold; `rows` are those of the statements. In the order of the cells. */
  countsOf(session: Session, cells: readonly CellWrite[], rows: readonly Row[]): Promise<number[]>
}

/** Reads counts after they were written. */
export function writtenCounts(dialect: Dialect, table: Table): WrittenCounts {
  const value = dialect.valueColumn('double', 0).select(dialect.quote('value'))
  const columns = `${placeColumns(dialect)}, ${value} as written`

  async function selected(session: Session, cells: readonly CellWrite[]): Promise<Row[]> {
    const all: Row[] = []
    for (const chunk of chunksOf(dialect, cells)) {
      const query = build(
        dialect,
        (bind) => `select ${columns} from ${table.name} where ${whereCells(dialect, table, bind, chunk)}`,
      )
      for (const row of (await session.execute(query)).rows) all.push(row)
    }
    return all
  }

  return {
    statements: (writes) =>
      dialect.returnsRows
        ? writes.map(({ sql, parameters }) => rawQuery(`${sql} returning ${columns}`, parameters))
        : [...writes],
    async countsOf(session, cells, rows) {
      const found = dialect.returnsRows ? rows : await selected(session, cells)
      const counts = new Map(found.map((row) => [placeKey(placeIn(row, dialect)), toNumber(row.written)]))
      return cells.map((cell) => counts.get(placeKey(cell))!)
    },
  }
}
