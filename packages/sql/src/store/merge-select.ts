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
  const summed = layout.data.includes('count') ? dialect.quote('count') : dialect.asDouble(value)
  const sum = [
    `${number.select(`sum(${summed})`)} as total`,
    // Whole numbers whose sizes add up to less than 2^53 were added without rounding, in whatever order.
    `${number.select(`sum(abs(${summed}))`)} as size`,
    `max(case when ${dialect.isWhole(summed)} then 0 else 1 end) as fraction`,
  ]
  const columns = layout.value ?? number
  const extremes = ['min', 'max'].map((extreme) => `${columns.select(`${extreme}(${value})`)} as ${extreme}_value`)
  const measures: Readonly<Record<MergeKind, readonly string[]>> = {
    sum,
    sums: [`${columns.select(value)} as val`, ...sum],
    values: [`${columns.select(value)} as val`],
    distinct: ['count(*) as times'],
    rows: ['count(*) as times'],
    stats: ['count(*) as times', ...sum, ...extremes],
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
