import type { CassandraRow } from './client.ts'

/** The size of one page. */
export interface Page {
  readonly rows: number
  /** How many requests in flight it counts as. */
  readonly slots: number
}

/** The page sizes of one query. */
export interface Paging {
  readonly first: Page
  /** The page after this one, which returned these rows. */
  after(page: Page, rows: readonly CassandraRow[]): Page
}

/** Target size of a page: the node and the client both hold every page in flight. */
const PAGE_BYTES = 1_000_000
/** Size of a page that counts as one request. */
const SLOT_BYTES = 64_000
/** While the size of the rows is unknown: 3 MB if they have 100 kB each. */
const FIRST: Page = { rows: 32, slots: 8 }
/** Of names, which have at most 60 kB. */
export const FIRST_NAMES: Page = { rows: 256, slots: 8 }
/** How many times the rows of the page before it a page may hold: only that page tells how large rows are. */
const GROWTH = 32
/** Overhead of a row, in bytes, besides what `sizeOf` measures. */
const ROW_BYTES = 50

/** Pages of a fixed number of rows. */
export function pagesOfRows(rows: number): Paging {
  const page = { rows, slots: 1 }
  return { first: page, after: () => page }
}

/**
 * Pages of about a megabyte, for rows of any size; Cassandra itself limits a page only by rows. The first page is small. Each later one has as many
 * rows as would make up a megabyte if all were as large as the largest row of the page before.
 * @param sizeOf approximate size of a row, in bytes
 */
export function pagesByBytes(sizeOf: (row: CassandraRow) => number, mostRows: number, first: Page = FIRST): Paging {
  return {
    first,
    after(page, rows) {
      const largest = ROW_BYTES + rows.reduce((most, row) => Math.max(most, sizeOf(row)), 0)
      const fitting = Math.max(1, Math.floor(PAGE_BYTES / largest))
      const next = Math.min(fitting, mostRows, page.rows * GROWTH)
      return { rows: next, slots: Math.ceil((next * largest) / SLOT_BYTES) }
    },
  }
}
