import type { CellPosition, TimeseriesType } from '@kairos/core/driver'
import type { DeltaKind } from '../folding/delta-kind.ts'
import { codecOf, type ScalarCodec } from '../values/codecs.ts'
import { bigint, text } from '../values/cql-bytes.ts'
import type { Location } from './place.ts'
import type { TableDefinition } from './table-definition.ts'

/** A table of one type: its columns and all statements that are sent to it. Only checked names become part of them. */
export interface Layout {
  readonly type: TimeseriesType
  readonly table: string
  /** With its keyspace, quoted for CQL. */
  readonly qualified: string
  /** Each with its CQL type. */
  readonly columns: readonly string[]
  /** The primary key, in CQL. */
  readonly key: string
  readonly codec: ScalarCodec
  /** Of a type with deltas. */
  readonly deltas: DeltaKind | undefined
  /** Writes a row. Types with deltas bind: TTL, a set of one delta, the window's key, i, r, [value,] w. Others: the window's key, i, r, …, TTL. */
  readonly write: string
  /** Identifies the cells of a timeseries among those of other tables and names. */
  readonly id: string
  /** The column `timeseries`, the first of a partition's key; undefined: the table has none. */
  readonly timeseries: string | undefined
  /** The same, as bytes. */
  readonly place: readonly Buffer[]
  /** Reads the rows of a window in a range of buckets; without the writer, which readers need not know. */
  readonly read: string
  /** Reads a window's first bucket in a range. */
  readonly first: string
  /** Reads a window's last bucket in a range. */
  readonly last: string
  /** Reads a window's last bucket. */
  readonly newest: string
  /** Deletes a window. */
  readonly delete: string
  /** Deletes a range of buckets of a window. */
  readonly deleteRange: string
  /** Deletes a cell, with a timestamp of its own: the one that the rest of a batch has may be another. Binds: timestamp, the window's key, i, r. */
  readonly deleteCell: string
  /** Types with deltas: like `read`, with the writer of each row. */
  readonly readWriters: string
  /** Types with deltas: reads one row. */
  readonly readRow: string
  /** Types with deltas: folds one row. */
  readonly fold: string
}

/** The clustering columns of each type; `i` and `r` are bucket and resolution bucket. */
const CLUSTERING: Readonly<Record<TimeseriesType, readonly string[]>> = {
  series: ['i', 'r', 'at'],
  histogram: ['i', 'r', 'value', 'w'],
  count: ['i', 'r', 'w'],
  gauge: ['i', 'r'],
  set: ['i', 'r', 'value'],
  summary: ['i', 'r', 'w'],
  distribution: ['i', 'r', 'w'],
  unique: ['i', 'r', 'w'],
}
const PLAIN_TYPES: Readonly<Record<string, string>> = { i: 'bigint', r: 'bigint', at: 'timeuuid', w: 'text' }

/** Whether cells of this type are what deltas come to, kept in a row for each writer. */
export function hasDeltas(type: TimeseriesType): boolean {
  return CLUSTERING[type].includes('w')
}

/** Whether its rows have a column `value`. */
export function hasValues(type: TimeseriesType): boolean {
  return CLUSTERING[type].includes('value') || !hasDeltas(type)
}

/** Whether a cell of this type may have any number of rows, so that its window may be split into parts. */
export function hasParts(type: TimeseriesType): boolean {
  return CLUSTERING[type].includes('value') || type === 'series'
}

export function layoutOf(
  type: TimeseriesType,
  valueType: string,
  keyspace: string,
  { table, timeseries }: Location,
  deltas: DeltaKind | undefined,
): Layout {
  const codec = codecOf(valueType)
  const qualified = `"${keyspace}"."${table}"`
  const clustering = CLUSTERING[type]
  const data = deltas !== undefined ? ['b', 'd'] : clustering.includes('value') ? [] : ['value']
  const typed = [
    ...clustering.map((column) => `${column} ${PLAIN_TYPES[column] ?? codec.type}`),
    ...(deltas !== undefined ? [`b ${deltas.base}`, 'd set<blob>'] : data.map((column) => `${column} ${codec.type}`)),
  ]
  const partition = [...(timeseries === undefined ? [] : ['timeseries']), 'name', 'window']
  const window = partition.map((column) => `${column} = ?`).join(' AND ')
  const rowKey = `${window} AND ${clustering.map((column) => `${column} = ?`).join(' AND ')}`
  const inserted = [...partition, ...clustering, ...data]
  const selected = [...clustering.filter((column) => column !== 'w'), ...data]
  const range = `${window} AND i >= ? AND i <= ?`
  return {
    type,
    table,
    qualified,
    columns: [...partition.map((column) => `${column} text`), ...typed],
    key: `(${partition.join(', ')}), ${clustering.join(', ')}`,
    codec,
    deltas,
    id: JSON.stringify([table, timeseries]),
    timeseries,
    place: timeseries === undefined ? [] : [text(timeseries)],
    write:
      deltas !== undefined
        ? `UPDATE ${qualified} USING TTL ? SET d = d + ? WHERE ${rowKey}`
        : `INSERT INTO ${qualified} (${inserted.join(', ')}) VALUES (${inserted.map(() => '?').join(', ')}) USING TTL ?`,
    read: `SELECT ${selected.join(', ')} FROM ${qualified} WHERE ${range}`,
    first: `SELECT i FROM ${qualified} WHERE ${range} LIMIT 1`,
    last: `SELECT i FROM ${qualified} WHERE ${range} ORDER BY i DESC LIMIT 1`,
    newest: `SELECT i FROM ${qualified} WHERE ${window} ORDER BY i DESC LIMIT 1`,
    delete: `DELETE FROM ${qualified} WHERE ${window}`,
    deleteRange: `DELETE FROM ${qualified} WHERE ${range}`,
    deleteCell: `DELETE FROM ${qualified} USING TIMESTAMP ? WHERE ${window} AND i = ? AND r = ?`,
    readWriters: deltas !== undefined ? `SELECT ${selected.join(', ')}, w FROM ${qualified} WHERE ${range}` : '',
    readRow: deltas !== undefined ? `SELECT b, TTL(b) AS left, d FROM ${qualified} WHERE ${rowKey}` : '',
    fold: deltas !== undefined ? `UPDATE ${qualified} USING TTL ? SET b = ?, d = {} WHERE ${rowKey}` : '',
  }
}

/** The table to create for a layout. */
export function definitionOf(
  layout: Layout,
  keyspace: string,
  compaction: TableDefinition['compaction'],
): TableDefinition {
  return { keyspace, table: layout.table, columns: layout.columns, key: layout.key, compaction }
}

/** The values of a partition's key; `window` as `windowName` spells it. */
export function windowKey({ place }: Layout, name: string, window: string): Buffer[] {
  return [...place, text(name), text(window)]
}

/** The values of the key columns `i` and `r`. */
export function cellKey({ bucket, resolutionBucket }: Pick<CellPosition, 'bucket' | 'resolutionBucket'>): Buffer[] {
  return [bigint(bucket), bigint(resolutionBucket)]
}
