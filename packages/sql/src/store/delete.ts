import { type CellQuery, createYielder, failedStore } from '@kairos/core/driver'
import type { Database } from '../connection/session.ts'
import type { Bind, Dialect } from '../dialects/dialect.ts'
import { build } from '../dialects/sql-text.ts'
import type { Table } from '../dialects/table.ts'
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
export type PageEnd = number | string

/** These names, or all if null, as many at a time as go into one statement. */
export async function* pagesOf(
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

export interface Batch {
  /** The last of its names. */
  readonly name: string
  readonly where: (bind: Bind) => string
}

/**
 * What to delete at a time: as many whole names as have few enough rows, or else a part of one. Names should be in the database's order; in any other
 * order, a batch may be larger. Each batch must be deleted before the next is requested.
 */
export async function* batchesOf(
  { database, dialect, table, signal }: Deletion,
  names: readonly string[],
  interval: string,
  { first, last }: Buckets,
  limit: number = BATCH,
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
