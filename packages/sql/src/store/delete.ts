import { type CellQuery, createYielder, failedStore, type SweepQuery } from '@kairos/core/driver'
import type { Database } from '../connection/session.ts'
import type { Bind, Dialect } from '../dialects/dialect.ts'
import { build } from '../dialects/sql-text.ts'
import type { Table } from '../dialects/table.ts'
import type { Query, Row } from '../kysely/query.ts'
import { toNumber } from '../values/value-columns.ts'
import { MOST_NAMES } from './read.ts'
import { wherePlace } from './select.ts'

/** Where to delete, and the signal that ends it early. */
export interface Deletion {
  readonly database: Database
  readonly dialect: Dialect
  readonly table: Table
  readonly signal: AbortSignal | undefined
}

/** The progress of `expire()`, after each batch that deleted something. */
export interface ExpireProgress {
  /** The table's name, with its schema if one was given. */
  readonly table: string
  /** The last name of the batch. */
  readonly name: string
  readonly interval: string
  /** The number of cells that this call has deleted so far. */
  readonly cells: number
}

/**
 * Rows per batch: a writer waits some milliseconds for it, as does the event loop on SQLite. A bucket with more rows is deleted at once, since its
 * cells are counted as a whole.
 */
const BATCH = 5_000

/** The buckets to delete; absent: from the first one, or to the last one. */
interface Buckets {
  readonly first?: number
  readonly last?: number
}

/** Deletes all cells of these names, or of all names if null, in these intervals. */
export async function deleteCells(
  deletion: Deletion,
  names: readonly string[] | null,
  intervals: readonly string[],
): Promise<void> {
  const { database, dialect, table } = deletion
  for await (const { page } of pagesOf(deletion, names)) {
    for (const interval of intervals) {
      for await (const { where } of batchesOf(deletion, page, interval, {}))
        await database.execute(build(dialect, (bind) => `delete from ${table.name} where ${where(bind)}`))
    }
  }
}

/** Deletes the cells of a range. */
export async function deleteRange(deletion: Deletion, { names, interval, range }: CellQuery): Promise<void> {
  const { database, dialect, table } = deletion
  for await (const { page } of pagesOf(deletion, names)) {
    for await (const { where } of batchesOf(deletion, page, interval, range))
      await database.execute(build(dialect, (bind) => `delete from ${table.name} where ${where(bind)}`))
  }
}

/** The end of a page of names: how many of a list, or the last of all names. */
type PageEnd = number | string

/** Where a sweep has come to. */
export interface SweepState {
  /** The last page that has nothing left to sweep; absent: none. */
  end?: PageEnd
}

/**
 * Deletes about `limit` cells that are before `oldestLive`, name by name, by prefixes of the primary key, and resolves to whether none is left. The next
 * call goes on where this one ended; before it says that none is left, it begins once more at the first name. An index on the buckets instead would make
 * every write 1.3 to 4.3 times slower, and would slow down expiring too.
 */
export async function sweepTable(
  deletion: Deletion,
  { oldestLive, names, limit }: SweepQuery,
  state: SweepState,
  report: (swept: number, name: string, interval: string) => void,
): Promise<boolean> {
  let total = 0
  for (;;) {
    const beganAtFirst = state.end === undefined
    for await (const { page, end } of pagesOf(deletion, names, state.end)) {
      for (const [interval, oldest] of Object.entries(oldestLive)) {
        const expired = await namesWithExpired(deletion, page, interval, oldest)
        for await (const { name, where } of batchesOf(deletion, expired, interval, { last: oldest - 1 }, limit)) {
          const swept = await deleteCounted(deletion, where)
          if (swept > 0) report(swept, name, interval)
          total += swept
          if (total >= limit) return false
        }
      }
      state.end = end
    }
    delete state.end
    if (beganAtFirst) return true
  }
}

/** These names, or all if null, as many at a time as go into one statement. */
async function* pagesOf(
  { database, dialect, table }: Deletion,
  names: readonly string[] | null,
  after?: PageEnd,
): AsyncGenerator<{ readonly page: readonly string[]; readonly end: PageEnd }> {
  if (names !== null) {
    for (let from = typeof after === 'number' ? after : 0; from < names.length; from += MOST_NAMES)
      yield { page: names.slice(from, from + MOST_NAMES), end: from + MOST_NAMES }
    return
  }
  for (let last = typeof after === 'string' ? after : null; ; ) {
    const { rows } = await database.execute(dialect.namesAfter(table.name, last, MOST_NAMES))
    const encoded = rows.map((row) => dialect.decodeText(row.name))
    last = encoded.at(-1) ?? null
    if (last !== null) yield { page: encoded.map((name) => dialect.codec.decode(name)), end: last }
    if (encoded.length < MOST_NAMES) return
  }
}

/** In most runs most names have nothing to expire: one statement, with a seek for each name, finds those that have. */
async function namesWithExpired(
  { database, dialect, table }: Deletion,
  names: readonly string[],
  interval: string,
  oldest: number,
): Promise<string[]> {
  const { codec } = dialect
  const range = { names: names.map(codec.encode), interval: codec.encode(interval), last: oldest - 1 }
  const query = build(
    dialect,
    (bind) =>
      `select name from (${dialect.edges(table, range, bind)}) edges where first_bucket is not null order by name`,
  )
  const { rows } = await database.execute(query)
  return rows.map((row) => codec.decode(dialect.decodeText(row.name)))
}

interface Batch {
  /** The last of its names. */
  readonly name: string
  readonly where: (bind: Bind) => string
}

/**
 * What to delete at a time: as many whole names as have few enough rows, or else a part of one. Names should be in the database's order; in any other
 * order, a batch may be larger. Each batch must be deleted before the next is requested.
 */
async function* batchesOf(
  { database, dialect, table, signal }: Deletion,
  names: readonly string[],
  interval: string,
  { first, last }: Buckets,
  limit = BATCH,
): AsyncGenerator<Batch> {
  const turn = createYielder()
  const rows = Math.min(BATCH, limit)
  const from = (bind: Bind): string => (first === undefined ? '' : ` and i_time >= ${bind(first)}`)
  const to = (bind: Bind): string => (last === undefined ? '' : ` and i_time <= ${bind(last)}`)
  const whole =
    (some: readonly string[]) =>
    (bind: Bind): string =>
      `${wherePlace(dialect, table, bind, some, interval)}${from(bind)}${to(bind)}`
  for (let rest = names; rest.length > 0; ) {
    if (signal?.aborted) throw failedStore('the call was aborted', 'never', signal.reason)
    const next = build(
      dialect,
      (bind) =>
        `select name, i_time from ${table.name} where ${whole(rest)(bind)} order by name, i_time limit 1 offset ${rows - 1}`,
    )
    const edge = (await database.execute(next)).rows[0]
    if (edge === undefined) {
      yield { name: rest.at(-1)!, where: whole(rest) }
      return
    }
    const name = dialect.codec.decode(dialect.decodeText(edge.name))
    const index = rest.indexOf(name)
    if (index > 0) {
      yield { name: rest[index - 1]!, where: whole(rest.slice(0, index)) }
      rest = rest.slice(index)
    } else {
      const bucket = toNumber(edge.i_time)
      yield {
        name,
        where: (bind) =>
          `${wherePlace(dialect, table, bind, [name], interval)}${from(bind)} and i_time <= ${bind(bucket)}`,
      }
    }
    await turn()
  }
}

/** Deletes, and resolves to the number of cells. */
async function deleteCounted({ database, dialect, table }: Deletion, where: Batch['where']): Promise<number> {
  const { count, remove }: { count: Query | null; remove: Query } = dialect.deleteCells(table.name, where)
  if (count === null) return cellsIn((await database.execute(remove)).rows)
  return database.transaction(async (session) => {
    const { rows } = await session.execute(count)
    await session.execute(remove)
    return toNumber(rows[0]!.cells)
  })
}

function cellsIn(rows: readonly Row[]): number {
  return new Set(rows.map(({ name, i_time, r_time }) => `${i_time} ${r_time} ${name}`)).size
}
