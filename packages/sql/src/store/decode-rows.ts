import {
  type CellValue,
  describe,
  failedStore,
  type Scalar,
  type StoredCell,
  type StoreFailure,
  type TimeseriesType,
} from '@kairos/core/driver'
import type { DataColumn, Layout } from '../dialects/table.ts'
import type { Row } from '../kysely/query.ts'
import { isSketch } from '../schema/layout.ts'
import type { SketchType } from '../values/sketch-codec.ts'
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
  /** Undefined: the row is damaged. */
  first(row: Row, keys: Keys, decode: Decode): CellValue | undefined
  /** Adds another row to the value that `first` made; absent if a cell is one row. */
  more?(value: CellValue, row: Row, keys: Keys, decode: Decode): void
}

const assemblies: Readonly<Record<Exclude<TimeseriesType, SketchType>, Assembly>> = {
  count: { first: (row, { value }) => toNumber(row[value]) },
  gauge: { first: (row, { value }, decode) => decode(row[value]) },
  series: {
    first: (row, { value }, decode) => [decode(row[value])],
    more: (cell, row, { value }, decode) => (cell as Scalar[]).push(decode(row[value])),
  },
  set: {
    first: (row, { value }, decode) => new Set([decode(row[value])]),
    more: (cell, row, { value }, decode) => (cell as Set<Scalar>).add(decode(row[value])),
  },
  histogram: {
    first: (row, { value, count }, decode) => new Map([[decode(row[value]), toNumber(row[count])]]),
    more: (cell, row, { value, count }, decode) =>
      (cell as Map<Scalar, number>).set(decode(row[value]), toNumber(row[count])),
  },
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
}

function assemblyOf({ type, sketch }: Layout): Assembly {
  return isSketch(type) ? { first: (row, { value }) => sketch!.decode(row[value]) } : assemblies[type]
}

/** Whether a cell of this type can have several rows. */
export function hasSeveralRows(type: TimeseriesType): boolean {
  return !isSketch(type) && assemblies[type].more !== undefined
}

/** Nothing else would be found if it were tried again. */
function damaged({ type }: Layout, place: string): StoreFailure {
  return failedStore(
    `the ${type}${place} must be one that this driver wrote, not a damaged one; restore its row, or delete it`,
    'never',
  )
}

/**
 * The value of a cell, from its rows.
 * @throws StoreFailure if it is damaged
 */
export function cellValue(layout: Layout, rows: readonly Row[]): CellValue {
  const { first, more } = assemblyOf(layout)
  const decode = layout.value?.decode ?? toNumber
  const made = first(rows[0]!, NAMED, decode)
  if (made === undefined) throw damaged(layout, '')
  for (let index = 1; index < rows.length; index++) more?.(made, rows[index]!, NAMED, decode)
  return made
}

/**
 * The cells of rows in the order of the key. `nameOf` is the name itself if all rows have the same; `r_time` may be missing.
 * @throws StoreFailure if one is damaged
 */
export function cellsOf(
  layout: Layout,
  rows: readonly Row[],
  keys: Keys,
  nameOf: string | ((row: Row) => string),
): StoredCell[] {
  const { first, more } = assemblyOf(layout)
  const { i_time: bucketKey, r_time: resolutionBucketKey } = keys
  const decode = layout.value?.decode ?? toNumber
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
    const value = first(row, keys, decode)
    if (value === undefined)
      throw damaged(layout, ` of ${describe(name)} at i_time ${bucket}, r_time ${resolutionBucket},`)
    last = { name, bucket, resolutionBucket, value }
    cells.push(last)
  }
  return cells
}
