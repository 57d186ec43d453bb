import type { BucketRange, MergeQuery } from '@kairos/core/driver'
import type { Dialect } from '../dialects/dialect.ts'
import { build } from '../dialects/sql-text.ts'
import type { Table } from '../dialects/table.ts'
import type { Query } from '../kysely/query.ts'
import type { Grouping } from './merge-groups.ts'
import { wherePlace } from './select.ts'

/** What a row of a merge holds: its place in `grp`, `name` and `r_time`, and of these what its kind has. */
export type MergeKind =
  /** `total`, the sum of a number, with what says whether it is exact. */
  | 'sum'
  /** The same for each `val`. */
  | 'sums'
  /** Each `val` once. */
  | 'values'
  /** How many values there are, in `times`. */
  | 'distinct'
  /** How many rows, in `times`. */
  | 'rows'
  /** `times`, the sum, and the `least` and `most`. */
  | 'stats'
  /** The columns of a summary, and `times`, the sum of its counts; of those with the greatest `last_at`, the `least_last` and the `greatest_last`. */
  | 'summary'

/** The statement that merges a range's rows in the database; without a grouping, into one row, whose `times` is 0 if there are none. */
export function mergeSelect(
  dialect: Dialect,
  table: Table,
  kind: MergeKind,
  { names, interval, split, resolution }: MergeQuery,
  range: BucketRange,
  grouping: Grouping | null,
): Query {
  const { layout } = table
  const number = dialect.valueColumn('double', 0)
  const value = dialect.quote('value')
  const count = dialect.quote('count')
  const { total, size } = dialect.exactSum(
    kind === 'summary' ? dialect.quote('sum') : layout.data.includes('count') ? count : value,
  )
  const sum = [`${number.select(total)} as total`, `${number.select(size)} as size`]
  const columns = layout.value ?? number
  const extremes = (['min', 'max'] as const).map((extreme) => {
    const column = kind === 'summary' ? dialect.quote(extreme) : value
    return `${columns.select(`${extreme}(${column})`)} as ${extreme}_value`
  })
  const latest = (expression: string): string => dialect.latest?.(expression) ?? 'null'
  const measures: Readonly<Record<MergeKind, readonly string[]>> = {
    sum,
    sums: [`${columns.select(value)} as val`, ...sum],
    values: [`${columns.select(value)} as val`],
    distinct: ['count(*) as times'],
    rows: ['count(*) as times'],
    stats: ['count(*) as times', ...sum, ...extremes],
    summary: [
      `${number.select(`sum(${count})`)} as times`,
      ...sum,
      ...extremes,
      `${number.select('max(last_at)')} as latest_at`,
      `${number.select(latest('last'))} as greatest_last`,
      `${number.select(`-${latest('-last')}`)} as least_last`,
    ],
  }
  const place = [...(split ? ['name'] : []), ...(resolution ? ['r_time'] : [])]
  const keys = ['grp', ...place]
  const grouped = kind === 'sums' || kind === 'values' ? [...keys, value] : keys
  return build(dialect, (bind) => {
    const from =
      `from ${table.name} where ${wherePlace(dialect, table, bind, names, interval)} ` +
      `and i_time >= ${bind(range.first)} and i_time <= ${bind(range.last)}`
    if (grouping === null) return `select ${[...new Set(['count(*) as times', ...measures[kind]])].join(', ')} ${from}`
    const group = [`${grouping.expression} as grp`, ...place].join(', ')
    if (kind === 'distinct')
      return `select ${[...keys, ...measures[kind]].join(', ')} from (select ${group} ${from} group by ${[...keys, value].join(', ')}) d group by ${keys.join(', ')}`
    return `select ${[group, ...measures[kind]].join(', ')} ${from} group by ${grouped.join(', ')}`
  })
}
