import type { BucketRange, CellQuery, OldestLive } from '@kairos/core/driver'
import type { Dialect, Table } from './dialects/dialect.ts'
import { build } from './dialects/texts.ts'
import { MOST_NAMES } from './read.ts'
import { wherePlace } from './select.ts'
import type { Database } from './session.ts'
import { toNumber } from './storage.ts'

/** Every name with live data. */
export async function liveNames(
  database: Database,
  dialect: Dialect,
  table: Table,
  oldestLive: OldestLive,
): Promise<string[]> {
  const oldest = Object.entries(oldestLive).map(
    ([interval, bucket]) => [dialect.codec.encode(interval), bucket] as const,
  )
  if (oldest.length === 0) return []
  const { rows } = await database.execute(dialect.names(table.name, oldest))
  return rows.map((row) => dialect.codec.decode(dialect.decodeText(row.name)))
}

/** First and last bucket of the names in the range: two seeks of the primary key a name. */
export async function boundsOf(
  database: Database,
  dialect: Dialect,
  { name: table }: Table,
  { names, interval, range }: CellQuery,
): Promise<BucketRange | null> {
  let first = Number.POSITIVE_INFINITY
  let last = Number.NEGATIVE_INFINITY
  for (let from = 0; from < names.length; from += MOST_NAMES) {
    const query = build(dialect, (bind) =>
      names
        .slice(from, from + MOST_NAMES)
        .map((name) => {
          const end = (extreme: string): string =>
            `(select ${extreme}(i_time) from ${table} where ${wherePlace(dialect, bind, [name], interval)} ` +
            `and i_time between ${bind(range.first)} and ${bind(range.last)})`
          return `select ${end('min')} as first_bucket, ${end('max')} as last_bucket`
        })
        .join(' union all '),
    )
    for (const row of (await database.execute(query)).rows) {
      if (row.first_bucket === null) continue
      first = Math.min(first, toNumber(row.first_bucket))
      last = Math.max(last, toNumber(row.last_bucket))
    }
  }
  return first <= last ? { first, last } : null
}
