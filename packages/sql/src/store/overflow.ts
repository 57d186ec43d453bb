import type { CellWrite, Scalar } from '@kairos/core/driver'
import type { Session } from '../connection/session.ts'
import type { Dialect } from '../dialects/dialect.ts'
import { build } from '../dialects/sql-text.ts'
import type { Layout, Table } from '../dialects/table.ts'
import { toNumber } from '../values/value-columns.ts'
import { wherePlace } from './select.ts'

/** Half the distance between the two largest doubles: a smaller change cannot make a finite sum overflow, since it is rounded away. */
const LARGE = 2 ** 970

/** Whether a change is large enough for its sum to overflow. */
export function isLarge({ type }: Pick<Layout, 'type'>, { change }: CellWrite): boolean {
  if (type === 'count') return Math.abs(change as number) >= LARGE
  if (type !== 'histogram') return false
  for (const times of (change as ReadonlyMap<Scalar, number>).values()) if (times >= LARGE) return true
  return false
}

/**
 * Whether a cell stays finite with this change. Locks its rows until the transaction ends. Only for large changes: on overflow, a database refuses the
 * whole statement, or stores infinity.
 */
export async function staysFinite(session: Session, dialect: Dialect, table: Table, cell: CellWrite): Promise<boolean> {
  const { layout } = table
  const number = dialect.valueColumn('double', 0)
  const value = layout.value ?? number
  const columns = [
    `${value.select('value')} as seen`,
    `${number.select(dialect.quote(layout.type === 'count' ? 'value' : 'count'))} as total`,
  ]
  const { rows } = await session.execute(
    build(
      dialect,
      (bind) =>
        `select ${columns.join(', ')} from ${table.name} where ${wherePlace(dialect, table, bind, [cell.name], cell.interval)} ` +
        `and i_time = ${bind(cell.bucket)} and r_time = ${bind(cell.resolutionBucket)}${dialect.forUpdate}`,
    ),
  )
  if (layout.type === 'count')
    return rows.every(({ total }) => Number.isFinite(toNumber(total) + (cell.change as number)))
  const times = cell.change as ReadonlyMap<Scalar, number>
  return rows.every(({ seen, total }) => Number.isFinite(toNumber(total) + (times.get(value.decode(seen)) ?? 0)))
}
