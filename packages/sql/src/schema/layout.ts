import { KairosError } from '@kairos/core'
import type { StoreSchema, TimeseriesType } from '@kairos/core/driver'
import type { Dialect } from '../dialects/dialect.ts'
import { storageOf, type ValueColumn } from '../values/value-columns.ts'

/** A column of a table, as it is made. */
interface Column {
  readonly name: string
  readonly type: string
}

/**
 * What a row that is already there does with the one that is written: a sum, a replacement, nothing.
 * Rows that are appended never meet another.
 */
type Merge = 'add' | 'replace' | 'keep' | 'append'

/** A table: one a type and valueType. Its columns are all NOT NULL. */
export interface Layout {
  readonly type: TimeseriesType
  readonly valueType: string
  /** The columns that a write fills, in order. */
  readonly columns: readonly Column[]
  /** The columns of the primary key, `seq` among them where rows are appended. */
  readonly key: readonly string[]
  readonly merge: Merge
  /** The column that merges; null where nothing does. */
  readonly merged: string | null
  /** What `value` holds; null for a count, which is a sum. */
  readonly value: ValueColumn | null
}

/** The place of a cell, in every table. */
export const PLACE = ['name', 'interval', 'i_time', 'r_time'] as const
/** The order of arrival, where rows are appended. */
export const SEQUENCE = 'seq'

const merges: Readonly<Record<TimeseriesType, Pick<Layout, 'merge' | 'merged'>>> = {
  series: { merge: 'append', merged: null },
  histogram: { merge: 'add', merged: 'count' },
  count: { merge: 'add', merged: 'value' },
  gauge: { merge: 'replace', merged: 'value' },
  set: { merge: 'keep', merged: null },
}

/** @throws KAIROS_UNSUPPORTED for a valueType that this driver does not know */
export function layoutOf(dialect: Dialect, type: TimeseriesType, valueType: string, stringLength: number): Layout {
  const value = type === 'count' ? null : dialect.valueColumn(storageFor(valueType), stringLength)
  const { name, interval, integer, double } = dialect.keyTypes(stringLength)
  const keyed = type === 'histogram' || type === 'set'
  return {
    type,
    valueType,
    columns: [
      { name: 'name', type: name },
      { name: 'interval', type: interval },
      { name: 'i_time', type: integer },
      { name: 'r_time', type: integer },
      { name: 'value', type: value?.type ?? double },
      ...(type === 'histogram' ? [{ name: 'count', type: double }] : []),
    ],
    key: [...PLACE, ...(keyed ? ['value'] : type === 'series' ? [SEQUENCE] : [])],
    ...merges[type],
    value,
  }
}

/** @throws KAIROS_UNSUPPORTED for values that this driver was not written for, also where the table is there and holds others */
export function checkValueType({ type, valueType }: Pick<StoreSchema, 'type' | 'valueType'>): void {
  if (type !== 'count') storageFor(valueType)
}

function storageFor(valueType: string): (typeof storageOf)[string] {
  const storage = storageOf[valueType]
  if (storage !== undefined) return storage
  throw new KairosError('KAIROS_UNSUPPORTED', `the sql driver knows no valueType ${valueType}`, {
    driver: 'sql',
    feature: 'valueType',
  })
}
