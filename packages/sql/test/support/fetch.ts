import type { TimeseriesType } from '@kairos/core/driver'
import type { Kysely } from 'kysely'
import type { SqlFetchQuery } from '../../src/index.ts'

/** A custom fetch that returns what the driver's own read does, through Kysely's builder. */
export function fetchLikeRead(type: TimeseriesType) {
  return (db: Kysely<Record<string, Record<string, unknown>>>, { table, names, interval, from, to }: SqlFetchQuery) => {
    const rows = db
      .selectFrom(table)
      .selectAll()
      .where('name', 'in', names)
      .where('interval', '=', interval)
      .where('i_time', '>=', from)
      .where('i_time', '<=', to)
    return (type === 'series' ? rows.orderBy('seq') : rows).execute()
  }
}
