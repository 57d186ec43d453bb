import type { HandCell } from '../core/by-hand.ts'

/**
 * What an expert would write for counts in one table of one database: the driver's own table and statements, without the
 * driver.
 */
export interface ByHand {
  /** Adds all of these cells or none. */
  write(cells: readonly HandCell[]): Promise<void>
  /** Adds to a few cells at once, in one statement. */
  insert(cells: readonly HandCell[]): Promise<void>
  /** Buckets of a name and their counts, in order. */
  read(
    name: string,
    interval: string,
    first: number,
    last: number,
  ): Promise<readonly { bucket: number; value: number }[]>
  /** Empties its own table and the driver's, so that neither drags dead rows along. */
  clear(): Promise<void>
  close(): Promise<void>
}

/** Sorted like their key: unsorted writers deadlock, and sorted rows are a third faster on SQLite. */
export function inKeyOrder(cells: readonly HandCell[]): HandCell[] {
  return [...cells].sort((a, b) => order(a.name, b.name) || order(a.interval, b.interval) || a.bucket - b.bucket)
}

function order(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** The cells in chunks of at most `size`. */
export function* piecesOf(cells: readonly HandCell[], size: number): Generator<readonly HandCell[]> {
  for (let from = 0; from < cells.length; from += size) yield cells.slice(from, from + size)
}
