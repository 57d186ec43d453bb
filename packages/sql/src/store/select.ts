import type { CellQuery } from '@kairos/core/driver'
import type { Bind, Dialect } from '../dialects/dialect.ts'
import { build } from '../dialects/sql-text.ts'
import { type DataColumn, type Layout, SEQUENCE, type Table } from '../dialects/table.ts'
import type { Query, Row } from '../kysely/query.ts'
import { toNumber, type ValueColumn } from '../values/value-columns.ts'
import type { ColumnName, Keys } from './decode-rows.ts'

/** A query that says whether its interval has a resolution. Without one, every `r_time` is 0, and is not selected. */
export interface RangeQuery extends CellQuery {
  readonly hasResolution: boolean
}

/** The statement for pages of one kind, whose text around the parameters is always the same. */
export interface PageSelect {
  readonly columns: readonly ColumnName[]
  /** The first page, or the page after a row whose columns are where `keys` says. */
  page(query: RangeQuery, after: { readonly row: Row; readonly keys: Keys } | null, limit: number): Query
}

/** Pages along the primary key. `named`: rows include their name. */
export function createSelect(dialect: Dialect, table: Table, named: boolean, hasResolution: boolean): PageSelect {
  const { layout } = table
  const value = layout.value ?? dialect.valueColumn('double', 0)
  const last: ColumnName[] = layout.key.includes('value') ? ['value'] : layout.key.includes(SEQUENCE) ? ['seq'] : []
  const key: readonly ColumnName[] = ['i_time', ...(hasResolution ? (['r_time'] as const) : []), ...last]
  const columns: readonly ColumnName[] = [
    ...(named ? (['name'] as const) : []),
    ...key.filter((column) => column !== 'value'),
    ...layout.data,
  ]

  const isData = (column: ColumnName): column is DataColumn => (layout.data as readonly ColumnName[]).includes(column)
  const selected = columns.map((column) =>
    isData(column) ? selectedColumn(dialect, layout, column) : dialect.quote(column),
  )
  // Qualified: the plain name would refer to the selected expression, a text that sorts differently.
  const order = [...(named ? ['name'] : []), ...key].map((column) => `t.${dialect.quote(column)}`)
  const head = `select ${selected.join(', ')} from ${table.name} t where `
  const tail = ` order by ${order.join(', ')} limit `

  const boundKey = (row: Row, keys: Keys, column: ColumnName): unknown => {
    const stored = row[keys[column]]
    return column === 'value' ? value.encode(value.decode(stored)) : toNumber(stored)
  }

  return {
    columns,
    page: ({ names, interval, range }, after, limit) =>
      build(dialect, (bind) => {
        const place = wherePlace(dialect, table, bind, names, interval)
        const from =
          after === null
            ? `i_time >= ${bind(range.first)}`
            : dialect.after(
                key.map((column) => dialect.quote(column)),
                key.map((column) => bind(boundKey(after.row, after.keys, column))),
              )
        return `${head}${place} and ${from} and i_time <= ${bind(range.last)}${tail}${limit}`
      }),
  }
}

/** A column of data in a select, from which the client loses nothing, under its own name. */
export function selectedColumn(dialect: Dialect, layout: Layout, column: DataColumn): string {
  const quoted = dialect.quote(column)
  const expression = dataColumn(dialect, layout, column).select(quoted)
  return expression === quoted ? quoted : `${expression} as ${quoted}`
}

/** How a column of data is written and read. */
function dataColumn(dialect: Dialect, { value }: Layout, column: DataColumn): ValueColumn {
  return column === 'value' && value !== null ? value : dialect.valueColumn('double', 0)
}

/** The condition for names and an interval, in a table with this generation. */
export function wherePlace(
  dialect: Dialect,
  { generation }: Table,
  bind: Bind,
  names: readonly string[],
  interval: string,
): string {
  const { codec } = dialect
  const bound = names.map((name) => bind(codec.encode(name)))
  const name = bound.length === 1 ? `name = ${bound[0]}` : `name in (${bound.join(', ')})`
  return `${name} and ${dialect.quote('interval')} = ${bind(codec.encode(interval))} and ${dialect.named(generation)}`
}
