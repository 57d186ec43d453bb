import type { OriginalType } from '@kairos/core/driver'
import type { ValueColumn } from '../values/value-columns.ts'

/** A column, as it is created. */
interface Column {
  readonly name: string
  readonly type: string
}

/**
 * What happens when the key of a written row exists: the values are added, the new one replaces the old, or the old one stays.
 * Appended rows never have an existing key.
 */
type Merge = 'add' | 'replace' | 'keep' | 'append'

/** The layout of a table, which follows from its type and valueType. All columns are NOT NULL. */
export interface Layout {
  readonly type: OriginalType
  readonly valueType: string
  /** The columns that a write fills, in order. */
  readonly columns: readonly Column[]
  /** The columns of the primary key, with `seq` among them where rows are appended. */
  readonly key: readonly string[]
  readonly merge: Merge
  /** The column that merges; null if none does. */
  readonly merged: string | null
  /** What `value` holds; null for a count, which is a sum. */
  readonly value: ValueColumn | null
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
