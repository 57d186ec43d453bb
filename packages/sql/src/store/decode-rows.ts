import type { CellValue, OriginalType, Scalar, StoredCell } from '@kairos/core/driver'
import type { Layout } from '../dialects/table.ts'
import type { Row } from '../kysely/query.ts'
import { toNumber } from '../values/value-columns.ts'

/** Where a row has each column: under its name, or at its position in a list. */
export interface Keys {
  readonly name: string | number
  readonly i_time: string | number
  readonly r_time: string | number
  readonly seq: string | number
  readonly value: string | number
  readonly count: string | number
}
/** The columns that reads select. */
export type ColumnName = keyof Keys

/** For rows that are objects. */
export const NAMED: Keys = {
  name: 'name',
  i_time: 'i_time',
  r_time: 'r_time',
  seq: 'seq',
  value: 'value',
  count: 'count',
}

/** For rows that are lists. A column that is not selected has a position beyond their end. */
export function placesOf(columns: readonly ColumnName[]): Keys {
  const place = (column: ColumnName): number => (columns.includes(column) ? columns.indexOf(column) : columns.length)
  return {
    name: place('name'),
    i_time: place('i_time'),
    r_time: place('r_time'),
    seq: place('seq'),
    value: place('value'),
    count: place('count'),
  }
}

type Decode = (stored: unknown) => Scalar

/** How a cell's value is built from its rows, each with a value and, in a histogram, its count. */
interface Assembly {
  first(stored: unknown, times: unknown, decode: Decode): CellValue
  /** Adds another row to the value that `first` made; absent if a cell is one row. */
  more?(value: CellValue, stored: unknown, times: unknown, decode: Decode): void
}

const assemblies: Readonly<Record<OriginalType, Assembly>> = {
  count: { first: (stored) => toNumber(stored) },
  gauge: { first: (stored, _times, decode) => decode(stored) },
  series: {
    first: (stored, _times, decode) => [decode(stored)],
    more: (value, stored, _times, decode) => (value as Scalar[]).push(decode(stored)),
  },
  set: {
    first: (stored, _times, decode) => new Set([decode(stored)]),
    more: (value, stored, _times, decode) => (value as Set<Scalar>).add(decode(stored)),
  },
  histogram: {
    first: (stored, times, decode) => new Map([[decode(stored), toNumber(times)]]),
    more: (value, stored, times, decode) => (value as Map<Scalar, number>).set(decode(stored), toNumber(times)),
  },
}

/** Whether a cell of this type can have several rows. */
export function hasSeveralRows(type: OriginalType): boolean {
  return assemblies[type].more !== undefined
}

/** The value of a cell, from its rows. */
export function cellValue({ type, value }: Layout, rows: readonly Row[]): CellValue {
  const { first, more } = assemblies[type]
  const decode = value?.decode ?? toNumber
  const made = first(rows[0]!.value, rows[0]!.count, decode)
  for (let index = 1; index < rows.length; index++) more?.(made, rows[index]!.value, rows[index]!.count, decode)
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
  const { i_time: bucketKey, r_time: resolutionBucketKey, value: valueKey, count: countKey } = keys
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
      more(last.value, row[valueKey], row[countKey], decode)
      continue
    }
    last = { name, bucket, resolutionBucket, value: first(row[valueKey], row[countKey], decode) }
    cells.push(last)
  }
  return cells
}
