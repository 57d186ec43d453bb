import type { CellValue } from '@kairos/core/driver'
import type { Session } from '../connection/session.ts'
import type { CellPlace, Dialect } from '../dialects/dialect.ts'
import { build } from '../dialects/sql-text.ts'
import { SEQUENCE, type Table } from '../dialects/table.ts'
import type { Row } from '../kysely/query.ts'
import { cellsOf, NAMED } from './decode-rows.ts'
import { selectedColumn } from './select.ts'
import { chunksOf, placeKey, whereCells } from './where-cells.ts'

/** Reads what cells hold, by `placeKey`, and locks their rows until the transaction ends. */
export function createCurrentValues(
  dialect: Dialect,
  table: Table,
): (session: Session, cells: readonly CellPlace[]) => Promise<Map<string, CellValue>> {
  const { layout } = table
  const columns = [
    'name, i_time, r_time',
    ...layout.data.map((column) => selectedColumn(dialect, layout, column)),
    ...(layout.appends ? [SEQUENCE] : []),
  ].join(', ')
  const order = layout.key.map((column) => `t.${dialect.quote(column)}`).join(', ')
  const nameOf = (row: Row): string => dialect.codec.decode(dialect.decodeText(row.name))

  return async (session, cells) => {
    const values = new Map<string, CellValue>()
    for (const interval of new Set(cells.map((cell) => cell.interval))) {
      const own = cells.filter((cell) => cell.interval === interval)
      for (const chunk of chunksOf(dialect, own)) {
        const query = build(
          dialect,
          (bind) =>
            `select ${columns} from ${table.name} t where ${whereCells(dialect, table, bind, chunk)} order by ${order}${dialect.forUpdate}`,
        )
        const { rows } = await session.execute(query)
        for (const { value, ...position } of cellsOf(layout, rows, NAMED, nameOf))
          values.set(placeKey({ ...position, interval }), value)
      }
    }
    return values
  }
}
