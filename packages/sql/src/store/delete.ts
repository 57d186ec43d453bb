import { createYielder, failedStore, type OldestLive } from '@kairos/core/driver'
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

/** Deletes all cells of these names, or of all names if null, in these intervals. */
export async function deleteCells(
  deletion: Deletion,
  names: readonly string[] | null,
  intervals: readonly string[],
): Promise<void> {
  const { database, dialect, table } = deletion
  for await (const page of pagesOf(deletion, names)) {
    for (const interval of intervals) {
      for await (const { where } of batchesOf(deletion, page, interval, null))
        await database.execute(build(dialect, (bind) => `delete from ${table.name} where ${where(bind)}`))
    }
  }
}

/**
 * Deletes what is before `oldestLive`, name by name, by prefixes of the primary key. An index on the buckets instead would make every write 1.3 to 4.3
 * times slower, and would slow down expiring too.
 */
export async function sweepTable(
  deletion: Deletion,
  oldestLive: OldestLive,
  names: readonly string[] | null,
  report: (swept: number, name: string, interval: string) => void,
): Promise<void> {
  for await (const page of pagesOf(deletion, names)) {
    for (const [interval, oldest] of Object.entries(oldestLive)) {
      const expired = await namesWithExpired(deletion, page, interval, oldest)
      for await (const { name, where } of batchesOf(deletion, expired, interval, oldest)) {
        const swept = await deleteCounted(deletion, where)
        if (swept > 0) report(swept, name, interval)
      }
    }
  }
}

/** These names, or all if null, as many at a time as go into one statement. */
async function* pagesOf(
  { database, dialect, table }: Deletion,
  names: readonly string[] | null,
): AsyncGenerator<readonly string[]> {
  if (names !== null) {
    for (let from = 0; from < names.length; from += MOST_NAMES) yield names.slice(from, from + MOST_NAMES)
    return
  }
  for (let last: string | null = null; ; ) {
    const { rows } = await database.execute(dialect.namesAfter(table.name, last, MOST_NAMES))
    const encoded = rows.map((row) => dialect.decodeText(row.name))
    if (encoded.length > 0) yield encoded.map((name) => dialect.codec.decode(name))
    if (encoded.length < MOST_NAMES) return
    last = encoded.at(-1)!
  }
}

/** In most runs most names have nothing to expire: one statement per page finds those that have. */
async function namesWithExpired(
  { database, dialect, table }: Deletion,
  names: readonly string[],
  interval: string,
  oldest: number,
): Promise<string[]> {
  const query = build(
    dialect,
    (bind) =>
      `select distinct name from ${table.name} where ${wherePlace(dialect, table, bind, names, interval)} and i_time < ${bind(oldest)} order by name`,
  )
  const { rows } = await database.execute(query)
  return rows.map((row) => dialect.codec.decode(dialect.decodeText(row.name)))
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
  before: number | null,
): AsyncGenerator<Batch> {
  const turn = createYielder()
  const whole =
    (some: readonly string[]) =>
    (bind: Bind): string =>
      `${wherePlace(dialect, table, bind, some, interval)}${before === null ? '' : ` and i_time < ${bind(before)}`}`
  for (let rest = names; rest.length > 0; ) {
    if (signal?.aborted) throw failedStore('the call was aborted', 'never', signal.reason)
    const next = build(
      dialect,
      (bind) =>
        `select name, i_time from ${table.name} where ${whole(rest)(bind)} order by name, i_time limit 1 offset ${BATCH - 1}`,
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
      const last = toNumber(edge.i_time)
      yield {
        name,
        where: (bind) => `${wherePlace(dialect, table, bind, [name], interval)} and i_time <= ${bind(last)}`,
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
