import type { CheckedConfig } from '@kairos/core/calls'
import type { SqlDatabase } from './sql-client.ts'
import type { LegacyStore, RawCell, RawContent, RawQuery, RawValue } from './types.ts'

const LIMITS = [
  'a series has the time of writing beside each value, which is not its timestamp: only the bucket is known',
  'values of equal time of writing are in the order of their rows',
]

/** Rows that are asked for together where a client cannot stream. */
const PAGE = 50_000
/** Below every bucket. */
const NO_RESOLUTION = -9_000_000_000_000_000

/** Reads the rows of one table, of any type but sets: `name, interval, i_time, r_time`, and by type `value`, `count`, `insert_time`. */
export function sqlStore(
  database: SqlDatabase,
  { type }: CheckedConfig,
  table: string,
  close: () => Promise<void>,
  pageSize: number = PAGE,
): LegacyStore {
  const { quote, byBytes } = database
  const quoted = (name: string): string => quote + name.replaceAll(quote, quote + quote) + quote
  const name = byBytes(quoted('name'))
  const place = [name, 'i_time', `COALESCE(r_time, ${NO_RESOLUTION})`]
  const order = [...place, ...(type === 'series' ? ['insert_time'] : []), database.tieBreak]

  /** With the conditions of a query; `from` is a name, or a whole place to continue at. */
  function select(
    { interval, names }: RawQuery,
    from: readonly unknown[],
    limit?: number,
  ): { sql: string; values: unknown[] } {
    const values: unknown[] = []
    const bind = (value: unknown): string => database.placeholder(values.push(value))
    const conditions = [`${quoted('interval')} = ${bind(interval)}`]
    if (names !== undefined) conditions.push(`${quoted('name')} IN (${names.map(bind).join(', ')})`)
    if (from.length > 0) {
      const bound = from.map((value, at) => (at === 0 ? byBytes(bind(value)) : bind(value)))
      conditions.push(`(${place.slice(0, from.length).join(', ')}) >= (${bound.join(', ')})`)
    }
    const end = limit === undefined ? '' : ` LIMIT ${limit}`
    return {
      sql: `SELECT * FROM ${quoted(table)} WHERE ${conditions.join(' AND ')} ORDER BY ${order.join(', ')}${end}`,
      values,
    }
  }

  function cellOf(row: Readonly<Record<string, unknown>>): RawCell {
    const r = row.r_time === null ? null : Number(row.r_time)
    return { name: String(row.name), i: Number(row.i_time), r, value: contentOf(type, row) }
  }

  /** Pages that end between two cells: one whose last cell may continue is cut before it. */
  async function* pages(query: RawQuery, first: readonly unknown[]): AsyncGenerator<RawCell> {
    let from = first
    let limit = pageSize
    for (;;) {
      const { sql, values } = select(query, from, limit)
      const rows = (await database.all(sql, values)).map(cellOf)
      const last = rows.at(-1)
      if (last === undefined || rows.length < limit) return yield* rows
      const whole = rows.findIndex((row) => row.name === last.name && row.i === last.i && row.r === last.r)
      yield* rows.slice(0, whole)
      from = [last.name, last.i, last.r ?? NO_RESOLUTION]
      limit = whole === 0 ? limit * 2 : pageSize
    }
  }

  return {
    limits: LIMITS,
    async names() {
      const rows = await database.all(`SELECT DISTINCT ${name} AS n FROM ${quoted(table)}`, [])
      return rows.map(({ n }) => (n instanceof Uint8Array ? Buffer.from(n).toString() : String(n)))
    },
    async *cells(query: RawQuery): AsyncGenerator<RawCell> {
      const first = query.from === undefined ? [] : [query.from]
      const names = query.names === undefined ? undefined : new Set(query.names)
      const { sql, values } = select(query, first)
      const cells = database.stream === undefined ? pages(query, first) : mapped(database.stream(sql, values), cellOf)
      // A collation may find other names for equal.
      for await (const cell of cells) if (names?.has(cell.name) !== false) yield cell
    },
    close,
  }
}

function* mapped<From, To>(items: Iterable<From>, convert: (item: From) => To): Generator<To> {
  for (const item of items) yield convert(item)
}

function contentOf(type: CheckedConfig['type'], row: Readonly<Record<string, unknown>>): RawContent {
  const value = row.value as RawValue
  if (type === 'series') return { values: [value] }
  if (type === 'histogram') return { pairs: [[value, row.count as RawValue]] }
  return { one: type === 'count' ? (row.count as RawValue) : value }
}
