import type { CellValue, Scalar, StoredCell, TimeseriesType } from '@kairos/core/driver'
import type { Layout } from './layout.ts'
import type { Row } from './query.ts'
import { toNumber } from './storage.ts'

/** How a cell is put together from its rows. */
interface Assembly {
  first(row: Row, decode: (stored: unknown) => Scalar): CellValue
  /** Adds a further row to a value that `first` made; absent where a cell is one row. */
  more?(value: CellValue, row: Row, decode: (stored: unknown) => Scalar): void
}

const assemblies: Readonly<Record<TimeseriesType, Assembly>> = {
  count: { first: (row) => toNumber(row.value) },
  gauge: { first: (row, decode) => decode(row.value) },
  series: {
    first: (row, decode) => [decode(row.value)],
    more: (value, row, decode) => (value as Scalar[]).push(decode(row.value)),
  },
  set: {
    first: (row, decode) => new Set([decode(row.value)]),
    more: (value, row, decode) => (value as Set<Scalar>).add(decode(row.value)),
  },
  histogram: {
    first: (row, decode) => new Map([[decode(row.value), toNumber(row.count)]]),
    more: (value, row, decode) => (value as Map<Scalar, number>).set(decode(row.value), toNumber(row.count)),
  },
}

/** Whether a cell of this type may be several rows. */
export function hasSeveralRows(type: TimeseriesType): boolean {
  return assemblies[type].more !== undefined
}

/** The value of a cell, from all its rows. */
export function cellValue({ type, value }: Layout, rows: readonly Row[]): CellValue {
  const { first, more } = assemblies[type]
  const decode = value?.decode ?? toNumber
  const made = first(rows[0]!, decode)
  for (let index = 1; index < rows.length; index++) more?.(made, rows[index]!, decode)
  return made
}

/** The cells of rows that stand in the order of the key. `name` is given where all rows are of one; `r_time` may be left out of them. */
export function cellsOf(
  { type, value }: Layout,
  rows: readonly Row[],
  nameOf: string | ((row: Row) => string),
): StoredCell[] {
  const { first, more } = assemblies[type]
  const decode = value?.decode ?? toNumber
  const cells: StoredCell[] = []
  let last: StoredCell | undefined
  for (const row of rows) {
    const name = typeof nameOf === 'string' ? nameOf : nameOf(row)
    const bucket = toNumber(row.i_time)
    const resolutionBucket = row.r_time === undefined ? 0 : toNumber(row.r_time)
    if (
      more !== undefined &&
      last !== undefined &&
      last.bucket === bucket &&
      last.resolutionBucket === resolutionBucket &&
      last.name === name
    ) {
      more(last.value, row, decode)
      continue
    }
    last = { name, bucket, resolutionBucket, value: first(row, decode) }
    cells.push(last)
  }
  return cells
}
