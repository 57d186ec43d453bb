import { type Query, rawQuery } from '../kysely/query.ts'
import type { Bind, Dialect, EdgesRange, IntervalEdge, NamesSearch, NamesStatement } from './dialect.ts'
import { RECEIPTS, RECORDS } from './identifiers.ts'
import type { Rows } from './rows.ts'
import type { MergedColumn, Table } from './table.ts'

/**
 * A statement whose text is written with `bind` for its values.
 * @example build(dialect, (bind) => `delete from t where name = ${bind(name)}`)
 */
export function build(dialect: Pick<Dialect, 'bind'>, text: (bind: Bind) => string): Query {
  const parameters: unknown[] = []
  const sql = text((value) => dialect.bind(value, parameters))
  return rawQuery(sql, parameters)
}

/** An identifier in double quotes. */
export function doubleQuoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`
}

/** The condition for the rows of a name in a range; the table is called `t`. */
export function whereEdges(
  { generation }: Table,
  { interval, first, last }: EdgesRange,
  name: string,
  { dialect, bind }: { readonly dialect: Pick<Dialect, 'quote' | 'named'>; readonly bind: Bind },
): string {
  // In this order: some databases take parameters by their place.
  return (
    `t.name = ${name} and t.${dialect.quote('interval')} = ${bind(interval)}` +
    `${first === undefined ? '' : ` and t.i_time >= ${bind(first)}`}${last === undefined ? '' : ` and t.i_time <= ${bind(last)}`}` +
    ` and ${dialect.named(generation)}`
  )
}

/** `Dialect.edges`, for SQLite and PostgreSQL; `relation` is a relation `n` of the names. */
export function edgesOfEach(
  table: Table,
  range: EdgesRange,
  relation: (names: readonly string[], bind: Bind) => string,
  { dialect, bind }: { readonly dialect: Pick<Dialect, 'quote' | 'named'>; readonly bind: Bind },
): string {
  // One seek each.
  const edge = (order: 'asc' | 'desc'): string =>
    `(select t.i_time from ${table.name} t where ${whereEdges(table, range, 'n.name', { dialect, bind })} order by t.i_time ${order} limit 1)`
  return `select n.name as name, ${edge('asc')} as first_bucket, ${edge('desc')} as last_bucket from ${relation(range.names, bind)}`
}

/** The statements of a savepoint that is released, for SQLite and PostgreSQL. */
export function savepoint(name: string): Pick<Dialect['savepoint'], 'begin' | 'end' | 'undo'> {
  const end = [`release savepoint ${name}`]
  return { begin: [`savepoint ${name}`], end, undo: [`rollback to savepoint ${name}`, ...end] }
}

/** A condition on row values, which SQLite and PostgreSQL compare through the index. */
export function rowAfter(columns: readonly string[], values: readonly string[]): string {
  return `(${columns.join(', ')}) > (${values.join(', ')})`
}

/** `insert into … (…)`, for SQLite and PostgreSQL; the table is called `t` in the rest of the statement. */
export function insertInto(table: Table, columns: readonly string[]): string {
  return `insert into ${table.name} as t (${columns.map(doubleQuoted).join(', ')})`
}

/** An insert that skips an existing key, for SQLite and PostgreSQL. */
export function insertNew(table: string, columns: readonly string[], values: string): string {
  return `insert into ${table} (${columns.join(', ')}) values (${values}) on conflict do nothing`
}

/** The table of batch ids and its index, for SQLite and PostgreSQL. */
export function createReceipts(name: string, text: string): readonly string[] {
  return [
    `create table if not exists ${name} (tbl ${text} not null, id ${text} not null, writer ${text} not null, stored_at bigint not null, primary key (tbl, id))`,
    `create index if not exists ${doubleQuoted(`${RECEIPTS}_age`)} on ${name} (stored_at)`,
  ]
}

/** What a column of the existing row and of the written one are called, and how two are merged. */
interface Merging {
  old(column: MergedColumn['column']): string
  written(column: MergedColumn['column']): string
  /** The functions for the lesser and the greater of two numbers. */
  readonly least: string
  readonly greatest: string
  /** The expression for the bytes of both, without the first of those that were written. */
  append(old: string, written: string): string
}

/** What a column becomes if the key of a written row exists. */
export function mergedValue({ column, by }: MergedColumn, { old, written, least, greatest, append }: Merging): string {
  switch (by) {
    case 'add':
      return `${old(column)} + ${written(column)}`
    case 'least':
      return `${least}(${old(column)}, ${written(column)})`
    case 'greatest':
      return `${greatest}(${old(column)}, ${written(column)})`
    case 'latest':
      return `case when ${written('last_at')} >= ${old('last_at')} then ${written(column)} else ${old(column)} end`
    case 'replace':
      return written(column)
    case 'append':
      return append(old(column), written(column))
  }
}

/** The assignments for an existing key, as in `value = t.value + excluded.value`, for SQLite and PostgreSQL. */
export function assignments(
  merged: readonly MergedColumn[],
  functions: Pick<Merging, 'least' | 'greatest' | 'append'>,
): string {
  const merging: Merging = {
    ...functions,
    old: (column) => `t.${doubleQuoted(column)}`,
    written: (column) => `excluded.${doubleQuoted(column)}`,
  }
  return merged.map((each) => `${doubleQuoted(each.column)} = ${mergedValue(each, merging)}`).join(', ')
}

/** The varying parts of `insert … values …`. */
interface ValuesInsert {
  readonly head: string
  /** After the parameters of each row. */
  readonly more: string
  readonly tail: string
}

/** Makes `insert … values …` for a range of rows, on SQLite and PostgreSQL. The text for each number of rows is made once. */
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

/** Distinct names, by one seek each, for SQLite and PostgreSQL: `distinct` would read every row. */
function walk(table: string, first: string): string {
  return `with recursive ${WALK}(name) as (${first} union all select (select min(t.name) from ${table} t where t.name > n.name) from ${WALK} n where n.name is not null)`
}

/** The condition that one of the intervals has a bucket of the name that is not older than its edge. */
function isLive(table: string, edges: readonly IntervalEdge[], bind: Bind): string {
  const live = edges.map(
    ([interval, oldest]) =>
      `exists (select 1 from ${table} t where t.name = n.name and t."interval" = ${bind(interval)} and t.i_time >= ${bind(oldest)})`,
  )
  return `(${live.join(' or ')})`
}

/** `Dialect.names`, for SQLite and PostgreSQL. */
export function walkLiveNames(table: string, edges: readonly IntervalEdge[], dialect: Pick<Dialect, 'bind'>): Query {
  return build(
    dialect,
    (bind) =>
      `${walk(table, `select min(t.name) from ${table} t`)} select name from ${WALK} n where name is not null and ${isLive(table, edges, bind)}`,
  )
}

/** `Dialect.namesPage`, for SQLite and PostgreSQL. */
export function walkNamesPage(
  { name: table, generation }: Table,
  { oldest, prefix, from, included, steps }: NamesSearch,
  dialect: Pick<Dialect, 'bind' | 'named'>,
): NamesStatement {
  const query = build(dialect, (bind) => {
    const first = `select min(t.name), 1 from ${table} t where t.name ${included ? '>=' : '>'} ${bind(from)} and ${dialect.named(generation)}`
    const within = (): string =>
      prefix === '' ? 'n.name is not null' : `substr(n.name, 1, ${[...prefix].length}) = ${bind(prefix)}`
    const next = `select (select min(t.name) from ${table} t where t.name > n.name), n.step + 1 from ${WALK} n where ${within()} and n.step < ${steps}`
    const live = `case when ${isLive(table, oldest, bind)} then 1 else 0 end`
    return `with recursive ${WALK}(name, step) as (${first} union all ${next}) select n.name as name, ${live} as live, 1 as visited from ${WALK} n where ${within()}`
  })
  return { query, most: steps, isChecked: true }
}

/** `Dialect.namesAfter`, for SQLite and PostgreSQL. */
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

/** From here on, whole numbers have gaps. */
export const INEXACT: number = 2 ** 53

/** `Dialect.exactSum` by the sizes of the numbers; one that is not whole has the size `inexact`. */
export function sumAndSize(
  double: string,
  isWhole: (double: string) => string,
  inexact: string,
): ReturnType<Dialect['exactSum']> {
  return {
    total: `sum(${double})`,
    size: `sum(case when ${isWhole(double)} then abs(${double}) else ${inexact} end)`,
  }
}
