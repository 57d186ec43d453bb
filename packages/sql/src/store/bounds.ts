import type { BucketRange, CellQuery } from '@kairos/core/driver'
import type { Database } from '../connection/session.ts'
import type { Dialect } from '../dialects/dialect.ts'
import { build } from '../dialects/sql-text.ts'
import type { Table } from '../dialects/table.ts'
import { toNumber } from '../values/value-columns.ts'
import { MOST_NAMES } from './read.ts'

/** The names' first and last bucket in the range: two seeks in the primary key per name. */
export async function boundsOf(
  database: Database,
  dialect: Dialect,
  table: Table,
  { names, interval, range }: CellQuery,
): Promise<BucketRange | null> {
  const { encode } = dialect.codec
  let first = Number.POSITIVE_INFINITY
  let last = Number.NEGATIVE_INFINITY
  for (let from = 0; from < names.length; from += MOST_NAMES) {
    const some = names.slice(from, from + MOST_NAMES).map(encode)
    const query = build(dialect, (bind) => {
      const edges = dialect.edges(table, { names: some, interval: encode(interval), ...range }, bind)
      return `select min(first_bucket) as first_bucket, max(last_bucket) as last_bucket from (${edges}) edges`
    })
    const [row] = (await database.execute(query)).rows
    if (row === undefined || row.first_bucket === null) continue
    first = Math.min(first, toNumber(row.first_bucket))
    last = Math.max(last, toNumber(row.last_bucket))
  }
  return first <= last ? { first, last } : null
}
