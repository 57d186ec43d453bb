import type { SummaryValue, TimeseriesType } from '@kairos/core/driver'
import type { SketchCodec } from '../values/sketch-codec.ts'
import type { ValueColumn } from '../values/value-columns.ts'

/** A column, as it is created. */
interface Column {
  readonly name: string
  readonly type: string
}

/**
 * A column that changes when the key of a written row exists; `latest`: to the written value, if `last_at` is not less than the old one; `append`: to the
 * bytes of both, without the first of those that were written.
 */
export interface MergedColumn {
  readonly column: DataColumn | typeof UNITED
  readonly by: 'add' | 'least' | 'greatest' | 'latest' | 'replace' | 'append'
}

/** The layout of a table, which follows from its type and valueType. All columns are NOT NULL. */
export interface Layout {
  readonly type: TimeseriesType
  readonly valueType: string
  /** The columns that a write fills, in order. */
  readonly columns: readonly Column[]
  /** The columns of the primary key, with `seq` among them where rows are appended. */
  readonly key: readonly string[]
  /** The columns that hold a cell's data. */
  readonly data: readonly DataColumn[]
  /** Whether rows are appended: the key of a written one never exists. */
  readonly appends: boolean
  /** In the order in which they change; none: the old row stays as it is. */
  readonly merged: readonly MergedColumn[]
  /** What `value` holds; null where all data is numbers: counts and summaries. */
  readonly value: ValueColumn | null
  /** How a `value` of several sketches is written and read; null where it is not one, or where no cell is. */
  readonly sketch: SketchCodec | null
}

/** A table that exists, or is about to be created. */
export interface Table {
  /** Qualified and quoted. */
  readonly name: string
  readonly layout: Layout
  /** The column whose name is the generation of the table's records. */
  readonly generation: string
}

/** The columns of a cell's place, in every table. */
export const PLACE = ['name', 'interval', 'i_time', 'r_time'] as const
/** The column that numbers appended rows in the order of their arrival. */
export const SEQUENCE = 'seq'

/** The column that says how many bytes a sketch had when it was last united: what `value` has more was appended since. */
export const UNITED = 'united'

/** The columns of a summary, by the fields of its value. A database that changes one column after the other needs `last_at` behind `last`. */
export const SUMMARY_COLUMNS: Readonly<Record<keyof SummaryValue, SummaryColumn>> = {
  count: 'count',
  sum: 'sum',
  min: 'min',
  max: 'max',
  last: 'last',
  lastAt: 'last_at',
}
type SummaryColumn = 'count' | 'sum' | 'min' | 'max' | 'last' | 'last_at'
/** A column of a cell's data. */
export type DataColumn = 'value' | SummaryColumn
