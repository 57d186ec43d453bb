import type { CellQuery, StoredCell } from '@kairos/core/driver'
import { cellsOf } from './cells.ts'
import type { Bind, Dialect, Table } from './dialects/dialect.ts'
import { build } from './dialects/texts.ts'
import { SEQUENCE } from './layout.ts'
import type { Row } from './query.ts'
import type { Database } from './session.ts'
import { toNumber } from './storage.ts'

/**
 * Rows a page. A page is one statement on one connection, so that neither a pool nor the event loop (SQLite) is held for long; more rows a page
 * gained nothing.
 */
const PAGE = 5_000
/** Names a statement: far under the parameters that SQLite takes. */
export const MOST_NAMES = 500

/** A query whose interval is known to have a resolution, or none: then every `r_time` is 0, and is left out. */
export interface RangeQuery extends CellQuery {
  readonly fine: boolean
}

/** Reads whole ranges, page by page along the primary key. */
export function createReader(
  database: Database,
  dialect: Dialect,
  table: Table,
): (query: RangeQuery) => Promise<StoredCell[]> {
  const select = createSelect(dialect, table)

  async function page(query: RangeQuery, several: boolean, last: Row | null): Promise<readonly Row[]> {
    return (await database.execute(select(query, several, last))).rows
  }

  const nameOf = (row: Row): string => dialect.codec.decode(dialect.decodeText(row.name))

  /** What follows `last` of one name; rows have their name where `several`. */
  async function rest(query: RangeQuery, several: boolean, last: Row): Promise<Row[]> {
    const all: Row[] = []
    for (let after = last; ; ) {
      const rows = await page(query, several, after)
      for (const row of rows) all.push(row)
      if (rows.length < PAGE) return all
      after = rows.at(-1)!
    }
  }

  async function readOne(query: RangeQuery): Promise<StoredCell[]> {
    const name = query.names[0]!
    const rows = await page(query, false, null)
    if (rows.length < PAGE) return cellsOf(table.layout, rows, name)
    return cellsOf(table.layout, [...rows, ...(await rest(query, false, rows.at(-1)!))], name)
  }

  async function readSeveral(query: RangeQuery): Promise<StoredCell[]> {
    const cells: StoredCell[] = []
    for (let names = query.names; names.length > 0; ) {
      const asked = names.slice(0, MOST_NAMES)
      const rows = [...(await page({ ...query, names: asked }, true, null))]
      // A full page ends somewhere in a name: that one is read to its end, and those that had no turn are asked for again.
      const seen = new Set(rows.length < PAGE ? asked : rows.map(nameOf))
      if (rows.length === PAGE) {
        const last = rows.at(-1)!
        for (const row of await rest({ ...query, names: [nameOf(last)] }, true, last)) rows.push(row)
      }
      for (const cell of cellsOf(table.layout, rows, nameOf)) cells.push(cell)
      names = names.filter((name) => !seen.has(name))
    }
    return cells
  }

  return (query) => (query.names.length === 1 ? readOne(query) : readSeveral(query))
}

/** Writes the statements of pages. */
function createSelect(
  dialect: Dialect,
  { name: table, layout }: Table,
): (query: RangeQuery, several: boolean, last: Row | null) => ReturnType<typeof build> {
  const number = dialect.valueColumn('double', 0)
  const value = layout.value ?? number
  const keyed = layout.key.includes('value')

  const selected = (column: string): string => {
    const quoted = dialect.quote(column)
    const expression = column === 'value' ? value.select(quoted) : column === 'count' ? number.select(quoted) : quoted
    return expression === quoted ? quoted : `${expression} as ${quoted}`
  }
  /** What a row of the last page has in a column of the key, to be bound again. */
  const keyOf = (row: Row, column: string): unknown =>
    column === 'value' ? value.encode(value.decode(row.value)) : toNumber(row[column])

  /** The texts around the parameters are the same for all pages of a kind. */
  const kinds = new Map<string, { readonly head: string; readonly tail: string; readonly key: readonly string[] }>()
  const kindOf = (several: boolean, fine: boolean): { head: string; tail: string; key: readonly string[] } => {
    const known = kinds.get(`${several} ${fine}`)
    if (known !== undefined) return known
    const key = [
      'i_time',
      ...(fine ? ['r_time'] : []),
      ...(keyed ? ['value'] : layout.key.includes(SEQUENCE) ? [SEQUENCE] : []),
    ]
    const columns = [
      ...(several ? ['name'] : []),
      ...key.filter((column) => column !== 'value'),
      'value',
      ...layout.columns.filter((column) => column.name === 'count').map((column) => column.name),
    ]
    const order = [...(several ? ['name'] : []), ...key]
    const made = {
      head: `select ${columns.map(selected).join(', ')} from ${table} t where `,
      // Qualified: the plain name would be the selected expression, a text that sorts otherwise.
      tail: ` order by ${order.map((column) => `t.${dialect.quote(column)}`).join(', ')} limit ${PAGE}`,
      key,
    }
    kinds.set(`${several} ${fine}`, made)
    return made
  }

  return ({ names, interval, range, fine }, several, last) => {
    const { head, tail, key } = kindOf(several, fine)
    return build(dialect, (bind) => {
      const place = wherePlace(dialect, bind, names, interval)
      if (last === null) return `${head}${place} and i_time between ${bind(range.first)} and ${bind(range.last)}${tail}`
      const after = dialect.after(
        key.map((column) => dialect.quote(column)),
        key.map((column) => bind(keyOf(last, column))),
      )
      return `${head}${place} and ${after} and i_time <= ${bind(range.last)}${tail}`
    })
  }
}

/** The part of the key that names and an interval give. */
export function wherePlace(dialect: Dialect, bind: Bind, names: readonly string[], interval: string): string {
  const { codec } = dialect
  const bound = names.map((name) => bind(codec.encode(name)))
  const name = bound.length === 1 ? `name = ${bound[0]}` : `name in (${bound.join(', ')})`
  return `${name} and ${dialect.quote('interval')} = ${bind(codec.encode(interval))}`
}
