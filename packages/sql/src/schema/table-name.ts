import type { TimeseriesType } from '@kairos/core/driver'
import { slugOf } from '@kairos/core/driver'
import { MOST_BYTES } from '../dialects/identifiers.ts'
import { invalid } from '../invalid.ts'

/** What decides on the table, besides the database and its schema. */
export interface TableKey {
  readonly type: TimeseriesType
  /** Undefined: the timeseries has no name. */
  readonly name: string | undefined
}

/** The shortest room for `slugOf`. */
const LEAST_SLUG = 20

/**
 * The table of a timeseries: without a name the option `tableName`, or the type; with a name `{type}_{name}`, or `{tableName}_{type}_{name}`.
 * @throws KAIROS_INVALID_CONFIG if `tableName` leaves no room for a name
 * @example tableNameOf(undefined, { type: 'count', name: 'views' }) // 'count_views'
 */
export function tableNameOf(tableName: string | undefined, { type, name }: TableKey): string {
  if (name === undefined) return tableName ?? type
  const named = tableOfName(tableName, type, name)
  if (named !== null) return named
  const most = MOST_BYTES - LEAST_SLUG - Buffer.byteLength(`__${type}`)
  throw invalid('tableName', `at most ${most} bytes of UTF-8 for a ${type} with a name`, tableName)
}

/** Whether a driver with this `tableName` opens the timeseries in this table. */
export function isTableOf(tableName: string | undefined, { type, name }: TableKey, table: string): boolean {
  return table === (name === undefined ? (tableName ?? type) : tableOfName(tableName, type, name))
}

/** Null: there is no room for the name. */
function tableOfName(tableName: string | undefined, type: TimeseriesType, name: string): string | null {
  const head = tableName === undefined ? `${type}_` : `${tableName}_${type}_`
  const room = MOST_BYTES - Buffer.byteLength(head)
  return room < LEAST_SLUG ? null : head + slugOf(name, room)
}
