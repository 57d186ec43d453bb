import type { CellValue, CellWrite, Scalar, SummaryValue, TimeseriesType } from '@kairos/core/driver'
import type { Session } from '../connection/session.ts'
import type { Dialect } from '../dialects/dialect.ts'
import { type Rows, VALUES } from '../dialects/rows.ts'
import { build } from '../dialects/sql-text.ts'
import type { Layout, Table } from '../dialects/table.ts'
import { cellValue } from './decode-rows.ts'
import { selectedColumn, wherePlace } from './select.ts'

/** Half the distance between the two largest doubles: a smaller change cannot make a finite sum overflow, since it is rounded away. */
const LARGE = 2 ** 970

/** The cells whose changes are large enough for their sums to overflow. */
export function largeAmong({ type, sketch }: Layout, cells: readonly CellWrite[], rows: Rows): CellWrite[] {
  if (sketch === null) return cells.filter((cell) => isLarge(type, cell))
  // One row for each: packing has seen the times.
  const values = rows[VALUES] as readonly Uint8Array[]
  return cells.filter((cell, index) => !sketch.isExact(values[index]!) && isLarge(type, cell))
}

function isLarge(type: TimeseriesType, { change }: CellWrite): boolean {
  if (type === 'count') return Math.abs(change as number) >= LARGE
  if (type === 'summary') {
    const { count, sum } = change as SummaryValue
    return count >= LARGE || Math.abs(sum) >= LARGE
  }
  if (type !== 'histogram' && type !== 'distribution') return false
  for (const times of (change as ReadonlyMap<Scalar, number>).values()) if (times >= LARGE) return true
  return false
}

/**
 * Whether a cell stays finite with this change. Locks its rows until the transaction ends. Only for large changes: on overflow, a database refuses the
 * whole statement, or stores infinity.
 */
export async function staysFinite(session: Session, dialect: Dialect, table: Table, cell: CellWrite): Promise<boolean> {
  const { layout } = table
  const columns = layout.data.map((column) => selectedColumn(dialect, layout, column))
  const { rows } = await session.execute(
    build(
      dialect,
      (bind) =>
        `select ${columns.join(', ')} from ${table.name} where ${wherePlace(dialect, table, bind, [cell.name], cell.interval)} ` +
        `and i_time = ${bind(cell.bucket)} and r_time = ${bind(cell.resolutionBucket)}${dialect.forUpdate}`,
    ),
  )
  return rows.length === 0 || added(layout, cellValue(layout, rows), cell.change).every(Number.isFinite)
}

/** The sums of a cell with a change. */
function added({ type }: Layout, value: CellValue, change: CellValue): number[] {
  if (type === 'count') return [(value as number) + (change as number)]
  if (type === 'summary') {
    const [one, other] = [value as SummaryValue, change as SummaryValue]
    return [one.count + other.count, one.sum + other.sum]
  }
  const counts = value as ReadonlyMap<Scalar, number>
  return Array.from(change as ReadonlyMap<Scalar, number>, ([scalar, times]) => (counts.get(scalar) ?? 0) + times)
}
