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
  { name: table, generation }: Table,
  { names, interval, range }: CellQuery,
): Promise<BucketRange | null> {
  let first = Number.POSITIVE_INFINITY
  let last = Number.NEGATIVE_INFINITY
  const encoded = names.map((name) => dialect.codec.encode(name))
  for (let from = 0; from < encoded.length; from += MOST_NAMES) {
    const query = build(dialect, (bind) => {
      const end = (extreme: string): string =>
        `(select ${extreme}(t.i_time) from ${table} t where t.name = n.name ` +
        `and t.${dialect.quote('interval')} = ${bind(dialect.codec.encode(interval))} ` +
        `and t.i_time between ${bind(range.first)} and ${bind(range.last)} and ${dialect.named(generation)})`
      const ends = `select ${end('min')} as first_bucket, ${end('max')} as last_bucket`
      const each = dialect.namesRelation(encoded.slice(from, from + MOST_NAMES), bind)
      return `select min(first_bucket) as first_bucket, max(last_bucket) as last_bucket from (${ends} from ${each}) ends`
    })
    const [row] = (await database.execute(query)).rows
    if (row === undefined || row.first_bucket === null) continue
    first = Math.min(first, toNumber(row.first_bucket))
    last = Math.max(last, toNumber(row.last_bucket))
  }
  return first <= last ? { first, last } : null
}
