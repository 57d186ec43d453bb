import type { CellValue, Scalar, StoredCell, TimeseriesType } from '@kairos/core/driver'
import type { DataColumn, Layout } from '../dialects/table.ts'
import type { Row } from '../kysely/query.ts'
import { toNumber } from '../values/value-columns.ts'

/** The columns that reads select. */
export type ColumnName = 'name' | 'i_time' | 'r_time' | 'seq' | DataColumn
/** Where a row has each column: under its name, or at its position in a list. */
export type Keys = Readonly<Record<ColumnName, string | number>>

/** For rows that are objects. */
export const NAMED: Keys = {
  name: 'name',
  i_time: 'i_time',
  r_time: 'r_time',
  seq: 'seq',
  value: 'value',
  count: 'count',
  sum: 'sum',
  min: 'min',
  max: 'max',
  last: 'last',
  last_at: 'last_at',
}

/** For rows that are lists. A column that is not selected has a position beyond their end. */
export function placesOf(columns: readonly ColumnName[]): Keys {
  const place = (column: ColumnName): number => (columns.includes(column) ? columns.indexOf(column) : columns.length)
  return Object.fromEntries((Object.keys(NAMED) as ColumnName[]).map((column) => [column, place(column)])) as Keys
}

type Decode = (stored: unknown) => Scalar

/** How a cell's value is built from its rows. */
interface Assembly {
  first(row: Row, keys: Keys, decode: Decode): CellValue
  /** Adds another row to the value that `first` made; absent if a cell is one row. */
  more?(value: CellValue, row: Row, keys: Keys, decode: Decode): void
}

const times: Assembly = {
  first: (row, { value, count }, decode) => new Map([[decode(row[value]), toNumber(row[count])]]),
  more: (cell, row, { value, count }, decode) =>
    (cell as Map<Scalar, number>).set(decode(row[value]), toNumber(row[count])),
}
const single: Assembly = { first: (row, { value }, decode) => decode(row[value]) }

const assemblies: Readonly<Record<TimeseriesType, Assembly>> = {
  count: { first: (row, { value }) => toNumber(row[value]) },
  gauge: single,
  series: {
    first: (row, { value }, decode) => [decode(row[value])],
    more: (cell, row, { value }, decode) => (cell as Scalar[]).push(decode(row[value])),
  },
  set: {
    first: (row, { value }, decode) => new Set([decode(row[value])]),
    more: (cell, row, { value }, decode) => (cell as Set<Scalar>).add(decode(row[value])),
  },
  histogram: times,
  summary: {
    first: (row, keys) => ({
      count: toNumber(row[keys.count]),
      sum: toNumber(row[keys.sum]),
      min: toNumber(row[keys.min]),
      max: toNumber(row[keys.max]),
      last: toNumber(row[keys.last]),
      lastAt: toNumber(row[keys.last_at]),
    }),
  },
  distribution: times,
  unique: single,
}

/** Whether a cell of this type can have several rows. */
export function hasSeveralRows(type: TimeseriesType): boolean {
  return assemblies[type].more !== undefined
}

/** The value of a cell, from its rows. */
export function cellValue({ type, value }: Layout, rows: readonly Row[]): CellValue {
  const { first, more } = assemblies[type]
  const decode = value?.decode ?? toNumber
  const made = first(rows[0]!, NAMED, decode)
  for (let index = 1; index < rows.length; index++) more?.(made, rows[index]!, NAMED, decode)
  return made
}

/** The cells of rows in the order of the key. `nameOf` is the name itself if all rows have the same; `r_time` may be missing. */
export function cellsOf(
  { type, value }: Layout,
  rows: readonly Row[],
  keys: Keys,
  nameOf: string | ((row: Row) => string),
): StoredCell[] {
  const { first, more } = assemblies[type]
  const { i_time: bucketKey, r_time: resolutionBucketKey } = keys
  const decode = value?.decode ?? toNumber
  const cells: StoredCell[] = []
  let last: StoredCell | undefined
  for (const row of rows) {
    const name = typeof nameOf === 'string' ? nameOf : nameOf(row)
    const bucket = toNumber(row[bucketKey])
    const stored = row[resolutionBucketKey]
    const resolutionBucket = stored === undefined ? 0 : toNumber(stored)
    if (
      more !== undefined &&
      last !== undefined &&
      last.bucket === bucket &&
      last.resolutionBucket === resolutionBucket &&
      last.name === name
    ) {
      more(last.value, row, keys, decode)
      continue
    }
    last = { name, bucket, resolutionBucket, value: first(row, keys, decode) }
    cells.push(last)
  }
  return cells
}
