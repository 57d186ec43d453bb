import { type StoreSchema, slugOf, type TimeseriesType } from '@kairos/core/driver'
import type { CassandraSettings } from '../options.ts'

/**
 * Where a timeseries is. Without a name it has tables of its own. With one it shares a table with all of its type and valueType, and its name is part of
 * each partition's key: a table costs every node of the cluster memory and files, even if it is empty.
 */
export interface Place {
  /** Its partition of `kairos_records`. */
  readonly key: string
  /** What it shares writers' numbers with: all timeseries of one `tableName`, or of one type. */
  readonly writers: string
  readonly tableName: string | undefined
  readonly type: TimeseriesType
  /** Of the timeseries; undefined: it has none. */
  readonly name: string | undefined
}

/** Where the cells of a timeseries are, as long as its schema's record stays. */
export interface Location {
  readonly table: string
  /** The value of the column `timeseries`; undefined: the table has none. */
  readonly timeseries: string | undefined
}

/** Cassandra's longest name of a table. */
const LONGEST = 48

/** The place of a timeseries. Keys have one part without a name, two or three with one; no part contains a space. */
export function placeOf({ tableName }: CassandraSettings, { type, name }: StoreSchema<TimeseriesType>): Place {
  const writers = tableName ?? type
  const parts = name === undefined ? [writers] : [...(tableName === undefined ? [] : [tableName]), type, name]
  return { key: parts.join(' '), writers, tableName, type, name }
}

/** Where the cells of a generation of the schema are: no two generations share any. */
export function locationOf(place: Place, valueType: string, generation: number): Location {
  const { name, writers } = place
  // A tableName never begins with a digit, so no other driver has this table.
  if (name === undefined)
    return { table: generation === 0 ? writers : `${generation}_${writers}`, timeseries: undefined }
  return { table: tableOfNames(place, valueType), timeseries: generation === 0 ? name : `${name} ${generation}` }
}

/** The registry of a generation of the schema: what is left of an earlier one is out of sight. */
export function registryPlaceOf({ key }: Place, generation: number): string {
  // A name never begins with a digit, so no other timeseries has this place.
  return generation === 0 ? key : `${key} ${generation}`
}

/** Different for each interval and generation: if a name contains the mark, it is doubled. */
export function intervalKey(interval: string, generation: number): string {
  const escaped = interval.replaceAll('\u0001', '\u0001\u0001')
  return generation === 0 ? escaped : `${escaped}\u0001${generation}`
}

function tableOfNames({ tableName, type }: Place, valueType: string): string {
  const table = `${tableName === undefined ? '' : `${tableName}_`}named_${type}_${valueType}`
  return table.length <= LONGEST ? table : slugOf(table, LONGEST)
}
