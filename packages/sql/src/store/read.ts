import { createYielder, type StoredCell } from '@kairos/core/driver'
import type { Database } from '../connection/session.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { Table } from '../dialects/table.ts'
import type { Row } from '../kysely/query.ts'
import { cellsOf, NAMED, placesOf } from './decode-rows.ts'
import { createSelect, type PageSelect, type RangeQuery } from './select.ts'

/**
 * Rows per page. A page is one statement on one connection, so that neither the pool nor, with SQLite, the event loop is held up for long. Larger
 * pages were no faster.
 */
const PAGE = 5_000
/** Names per statement: far below SQLite's limit of parameters. */
export const MOST_NAMES = 500

/** Reads whole ranges, page by page along the primary key. */
export function createReader(
  database: Database,
  dialect: Dialect,
  table: Table,
): (query: RangeQuery) => Promise<StoredCell[]> {
  const pagers = [false, true].map((named) =>
    [false, true].map((hasResolution) => createPager(database, dialect, table, named, hasResolution)),
  )
  return async (query) => {
    const named = query.names.length > 1
    const pager = pagers[Number(named)]![Number(query.hasResolution)]!
    return named ? pager.readSeveral(query) : pager.readOne(query)
  }
}

function createPager(database: Database, dialect: Dialect, table: Table, named: boolean, hasResolution: boolean) {
  const { columns, page }: PageSelect = createSelect(dialect, table, named, hasResolution)
  const keys = database.positional ? placesOf(columns) : NAMED
  const nameOf = (row: Row): string => dialect.codec.decode(dialect.decodeText(row[keys.name]))

  const rowsOf = (query: RangeQuery, last: Row | null): Promise<readonly Row[]> =>
    database.select(page(query, last === null ? null : { row: last, keys }, PAGE), columns)

  /** The rows of one name after the last row of a full page. */
  async function restAfter(query: RangeQuery, last: Row): Promise<Row[]> {
    const all: Row[] = []
    const turn = createYielder()
    for (let after = last; ; ) {
      await turn()
      const rows = await rowsOf(query, after)
      for (const row of rows) all.push(row)
      if (rows.length < PAGE) return all
      after = rows.at(-1)!
    }
  }

  return {
    async readOne(query: RangeQuery): Promise<StoredCell[]> {
      const rows = await rowsOf(query, null)
      const all = rows.length < PAGE ? rows : [...rows, ...(await restAfter(query, rows.at(-1)!))]
      return cellsOf(table.layout, all, keys, query.names[0]!)
    },
    async readSeveral(query: RangeQuery): Promise<StoredCell[]> {
      const cells: StoredCell[] = []
      const turn = createYielder()
      for (let names = query.names; names.length > 0; ) {
        await turn()
        const asked = names.slice(0, MOST_NAMES)
        const rows = [...(await rowsOf({ ...query, names: asked }, null))]
        // A full page may end within a name: that one is read to its end, and the names after it are requested again.
        const seen = new Set(rows.length < PAGE ? asked : rows.map(nameOf))
        if (rows.length === PAGE) {
          const last = rows.at(-1)!
          for (const row of await restAfter({ ...query, names: [nameOf(last)] }, last)) rows.push(row)
        }
        for (const cell of cellsOf(table.layout, rows, keys, nameOf)) cells.push(cell)
        names = names.filter((name) => !seen.has(name))
      }
      return cells
    },
  }
}
