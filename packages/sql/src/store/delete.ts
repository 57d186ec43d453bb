import type { OldestLive } from '@kairos/core/driver'
import type { Database } from '../connection/session.ts'
import type { Bind, Dialect, Table } from '../dialects/dialect.ts'
import { build } from '../dialects/sql-text.ts'
import type { Row } from '../kysely/query.ts'
import { toNumber } from '../values/codecs.ts'
import { MOST_NAMES } from './read.ts'
import { wherePlace } from './select.ts'

/** Deletes all of these names, or of all, in these intervals: one statement for as many names as one takes. */
export async function deleteCells(
  database: Database,
  dialect: Dialect,
  { name: table }: Table,
  names: readonly string[] | null,
  intervals: readonly string[],
): Promise<void> {
  const inIntervals = (bind: Bind): string =>
    `${dialect.quote('interval')} in (${intervals.map((interval) => bind(dialect.codec.encode(interval))).join(', ')})`
  if (names === null) {
    await database.execute(build(dialect, (bind) => `delete from ${table} where ${inIntervals(bind)}`))
    return
  }
  for (let from = 0; from < names.length; from += MOST_NAMES) {
    const some = names.slice(from, from + MOST_NAMES)
    await database.execute(
      build(dialect, (bind) => {
        const bound = some.map((name) => bind(dialect.codec.encode(name)))
        return `delete from ${table} where name in (${bound.join(', ')}) and ${inIntervals(bind)}`
      }),
    )
  }
}

/** Tells how far `expire()` has come, after each batch that deleted something. */
export interface ExpireProgress {
  readonly table: string
  readonly name: string
  readonly interval: string
  /** Deleted so far by this call. */
  readonly cells: number
}

/** Rows a batch: some milliseconds of a writer's wait. A bucket larger than that goes at once, since its cells are counted whole. */
const BATCH = 5_000

/**
 * Deletes what is before `oldestLive`, walking the names and deleting by prefix of the primary key. An index on the buckets instead would make
 * every write dearer (1.3 to 4.3 times) and expiring slower still.
 */
export async function sweepTable(
  database: Database,
  dialect: Dialect,
  table: Table,
  oldestLive: OldestLive,
  names: readonly string[] | null,
  report: (progress: Omit<ExpireProgress, 'table'>) => void,
): Promise<number> {
  let cells = 0
  for await (const page of names === null ? allNames(database, dialect, table) : pagesOf(names)) {
    for (const [interval, oldest] of Object.entries(oldestLive)) {
      for (const name of await namesWithExpired(database, dialect, table, page, interval, oldest)) {
        for await (const swept of sweepCells(database, dialect, table, name, interval, oldest)) {
          cells += swept
          report({ name, interval, cells })
        }
      }
    }
  }
  return cells
}

function* pagesOf(names: readonly string[]): Generator<readonly string[]> {
  for (let from = 0; from < names.length; from += MOST_NAMES) yield names.slice(from, from + MOST_NAMES)
}

async function* allNames(
  database: Database,
  dialect: Dialect,
  { name: table }: Table,
): AsyncGenerator<readonly string[]> {
  for (let last: string | null = null; ; ) {
    const { rows } = await database.execute(dialect.namesAfter(table, last, MOST_NAMES))
    const encoded = rows.map((row) => dialect.decodeText(row.name))
    yield encoded.map((name) => dialect.codec.decode(name))
    if (encoded.length < MOST_NAMES) return
    last = encoded.at(-1)!
  }
}

/** Most names have nothing to expire in most runs: one statement a page tells which have. */
async function namesWithExpired(
  database: Database,
  dialect: Dialect,
  { name: table }: Table,
  names: readonly string[],
  interval: string,
  oldest: number,
): Promise<string[]> {
  if (names.length === 0) return []
  const query = build(
    dialect,
    (bind) =>
      `select distinct name from ${table} where ${wherePlace(dialect, bind, names, interval)} and i_time < ${bind(oldest)}`,
  )
  const { rows } = await database.execute(query)
  return rows.map((row) => dialect.codec.decode(dialect.decodeText(row.name)))
}

/** The expired cells of one name and interval, batch by batch; yields how many each had. */
async function* sweepCells(
  database: Database,
  dialect: Dialect,
  { name: table }: Table,
  name: string,
  interval: string,
  oldest: number,
): AsyncGenerator<number> {
  const expired = (bind: Bind): string => `${wherePlace(dialect, bind, [name], interval)} and i_time < ${bind(oldest)}`
  for (let done = false; !done; ) {
    const next = build(
      dialect,
      (bind) => `select i_time from ${table} where ${expired(bind)} order by i_time limit 1 offset ${BATCH - 1}`,
    )
    const edge = (await database.execute(next)).rows[0]
    done = edge === undefined
    const { count, remove } = dialect.deleteCells(table, (bind) =>
      edge === undefined
        ? expired(bind)
        : `${wherePlace(dialect, bind, [name], interval)} and i_time <= ${bind(toNumber(edge.i_time))}`,
    )
    const swept =
      count === null
        ? cellsIn((await database.execute(remove)).rows)
        : await database.transaction(async (session) => {
            const { rows } = await session.execute(count)
            await session.execute(remove)
            return toNumber(rows[0]!.cells)
          })
    if (swept > 0) yield swept
  }
}

function cellsIn(rows: readonly Row[]): number {
  return new Set(rows.map(({ i_time, r_time }) => `${i_time} ${r_time}`)).size
}
