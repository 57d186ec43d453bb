import { type Query, rawQuery } from '../kysely/query.ts'
import type { Bind, Dialect, IntervalEdge } from './dialect.ts'
import { RECEIPTS, RECORDS } from './identifiers.ts'
import type { Rows } from './rows.ts'
import type { Table } from './table.ts'

/** A statement written with `bind` for its values. */
export function build(dialect: Pick<Dialect, 'bind'>, text: (bind: Bind) => string): Query {
  const parameters: unknown[] = []
  const sql = text((value) => dialect.bind(value, parameters))
  return rawQuery(sql, parameters)
}

export function doubleQuoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`
}

/** A select for each name. */
export function namesRelation(names: readonly string[], bind: Bind): string {
  return `(${names.map((name) => `select ${bind(name)} as name`).join(' union all ')}) n`
}

/** Row values compare along the index on SQLite and PostgreSQL. */
export function rowAfter(columns: readonly string[], values: readonly string[]): string {
  return `(${columns.join(', ')}) > (${values.join(', ')})`
}

/** `insert into … (…)`, for SQLite and PostgreSQL; the table is `t` in what follows. */
export function insertInto(table: Table, columns: readonly string[]): string {
  return `insert into ${table.name} as t (${columns.map(doubleQuoted).join(', ')})`
}

/** For SQLite and PostgreSQL. */
export function insertNew(table: string, columns: readonly string[], values: string): string {
  return `insert into ${table} (${columns.join(', ')}) values (${values}) on conflict do nothing`
}

/** For SQLite and PostgreSQL. */
export function createReceipts(name: string, text: string): readonly string[] {
  return [
    `create table if not exists ${name} (tbl ${text} not null, id ${text} not null, writer ${text} not null, stored_at bigint not null, primary key (tbl, id))`,
    `create index if not exists ${doubleQuoted(`${RECEIPTS}_age`)} on ${name} (stored_at)`,
  ]
}

/** `t.value + excluded.value`, or what else is merged, where the key is there already. */
export function mergedColumn(merge: 'add' | 'replace', merged: string): string {
  const column = doubleQuoted(merged)
  return `${column} = ${merge === 'add' ? `t.${column} + ` : ''}excluded.${column}`
}

/** The parts of `insert … values …` that differ. */
interface ValuesInsert {
  readonly head: string
  /** Beside the parameters of a row. */
  readonly more: string
  readonly tail: string
}

/** `insert … values …` of a stretch of rows, for SQLite and PostgreSQL. The text for each number of rows is made once. */
export function createValuesInsert(
  { layout: { columns } }: Table,
  dialect: Pick<Dialect, 'bind'>,
  { head, more, tail }: ValuesInsert,
): (rows: Rows, from: number, to: number) => Query {
  const texts = new Map<number, string>()
  const textOf = (count: number): string => {
    const known = texts.get(count)
    if (known !== undefined) return known
    const placeholders: unknown[] = []
    const row = (): string => `(${columns.map(() => dialect.bind(null, placeholders)).join(', ')}${more})`
    const made = `${head} values ${Array.from({ length: count }, row).join(', ')}${tail}`
    texts.set(count, made)
    return made
  }
  return (rows, from, to) => {
    const parameters: unknown[] = []
    for (let index = from; index < to; index++) {
      for (const column of rows) parameters.push(column[index])
    }
    return rawQuery(textOf(to - from), parameters)
  }
}

/** A name that no table has. */
const WALK = `${RECORDS}_walk`

/** Distinct names by one seek each, for SQLite and PostgreSQL: `distinct` reads every row. */
function walk(table: string, first: string): string {
  return `with recursive ${WALK}(name) as (${first} union all select (select min(t.name) from ${table} t where t.name > n.name) from ${WALK} n where n.name is not null)`
}

export function walkLiveNames(table: string, edges: readonly IntervalEdge[], dialect: Pick<Dialect, 'bind'>): Query {
  return build(dialect, (bind) => {
    const live = edges.map(
      ([interval, oldest]) =>
        `exists (select 1 from ${table} t where t.name = n.name and t."interval" = ${bind(interval)} and t.i_time >= ${bind(oldest)})`,
    )
    return `${walk(table, `select min(t.name) from ${table} t`)} select name from ${WALK} n where name is not null and (${live.join(' or ')})`
  })
}

export function walkNamesAfter(
  table: string,
  name: string | null,
  limit: number,
  dialect: Pick<Dialect, 'bind'>,
): Query {
  return build(dialect, (bind) => {
    const first = `select min(t.name) from ${table} t${name === null ? '' : ` where t.name > ${bind(name)}`}`
    return `${walk(table, first)} select name from ${WALK} n where name is not null limit ${limit}`
  })
}
