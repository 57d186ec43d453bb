import type { CassandraRow } from './client.ts'

/** What one page asks for. */
export interface Page {
  readonly rows: number
  /** Its share of the requests in flight. */
  readonly slots: number
}

/** How large the pages of one query are. */
export interface Paging {
  readonly first: Page
  /** The page behind one that came with these rows. */
  after(page: Page, rows: readonly CassandraRow[]): Page
}

/** Of a page: both a node and the client hold each that is in flight. */
const PAGE_BYTES = 1_000_000
/** Of a page that takes one slot. */
const SLOT_BYTES = 64_000
/** Of rows of which nothing is known: 3 MB, should they be of 100 kB. */
const FIRST: Page = { rows: 32, slots: 8 }
/** How many times more rows a page may hold than the one before, which is all that is known of their size. */
const GROWTH = 32
/** Bytes of a row beside what is measured. */
const ROW_BYTES = 50

export function pagesOfRows(rows: number): Paging {
  const page = { rows, slots: 1 }
  return { first: page, after: () => page }
}

/**
 * For rows of any size, since Cassandra counts a page's rows and not its bytes: the first page is small, and the others hold as many of the
 * largest rows of the page before as make up a megabyte.
 * @param sizeOf what a row holds, in bytes, about
 */
export function pagesByBytes(sizeOf: (row: CassandraRow) => number, mostRows: number): Paging {
  return {
    first: FIRST,
    after(page, rows) {
      const largest = ROW_BYTES + rows.reduce((most, row) => Math.max(most, sizeOf(row)), 0)
      const fitting = Math.max(1, Math.floor(PAGE_BYTES / largest))
      const next = Math.min(fitting, mostRows, page.rows * GROWTH)
      return { rows: next, slots: Math.ceil((next * largest) / SLOT_BYTES) }
    },
  }
}
