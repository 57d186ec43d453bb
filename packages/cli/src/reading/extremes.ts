import type { Flag } from '../command.ts'
import { Misuse } from '../misuse.ts'
import type { Row } from '../output/columns.ts'

export interface ExtremeFlags {
  readonly highest: Flag<'whole'>
  readonly lowest: Flag<'whole'>
}

/** Only the rows with the highest or the lowest values. */
export const extremeFlags: ExtremeFlags = {
  highest: {
    kind: 'whole',
    value: 'count',
    summary: 'only this many rows: those with the highest values, highest first',
  },
  lowest: { kind: 'whole', value: 'count', summary: 'only this many rows: those with the lowest values, lowest first' },
}

interface Wanted {
  readonly highest?: number | undefined
  readonly lowest?: number | undefined
}

/** The rows that are wanted, by a column; of equal ones those that come first. Without data is neither. @throws Misuse */
export function extremesOf(rows: Iterable<Row>, column: string, { highest, lowest }: Wanted): Iterable<Row> {
  const count = highest ?? lowest
  if (count === undefined) return rows
  if (highest !== undefined && lowest !== undefined)
    throw new Misuse('only one of --highest and --lowest must be given')
  const sign = highest === undefined ? 1 : -1
  return Array.from(rows, (row) => ({ row, value: comparable(row[column], column) }))
    .filter(({ value }) => value !== null)
    .sort((one, other) => sign * (one.value! < other.value! ? -1 : one.value! > other.value! ? 1 : 0))
    .slice(0, count)
    .map(({ row }) => row)
}

function comparable(value: unknown, column: string): number | bigint | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'number' || typeof value === 'bigint') return value
  throw new Misuse(`${column} must be a number to be ranked: use a --transform such as count or p95`)
}
