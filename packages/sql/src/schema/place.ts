import type { Dialect } from '../dialects/dialect.ts'
import type { Table } from '../dialects/table.ts'
import type { SketchCodec } from '../values/sketch-codec.ts'
import { layoutOf } from './layout.ts'
import type { Recorded } from './record-document.ts'

/** Where a timeseries lives. */
export interface Place {
  readonly dialect: Dialect
  /** On PostgreSQL; null for the connection's own. */
  readonly schema: string | null
  readonly tableName: string
  /** The timeseries' own name. */
  readonly name: string | undefined
  readonly stringLength: number
  readonly manageSchema: boolean
  /** Of a type with sketches whose cells are read or written. */
  readonly codec: SketchCodec | null
}

/** A table in a place, with the recorded or the wanted layout. */
export function tableOf(place: Place, recorded: Omit<Recorded, 'record' | 'name'>, generation: string): Table {
  return {
    name: qualified(place, place.tableName),
    layout: layoutOf(place.dialect, recorded, place.codec),
    generation,
  }
}

/** A table's name, qualified and quoted. */
export function qualified({ dialect, schema }: Pick<Place, 'dialect' | 'schema'>, table: string): string {
  return schema === null ? dialect.quote(table) : `${dialect.quote(schema)}.${dialect.quote(table)}`
}
