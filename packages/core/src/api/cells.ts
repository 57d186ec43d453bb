import type { Timestamp } from '../time/timestamp.ts'
import type { CallOptions } from './call-options.ts'
import type { DriverOptionsOf, Names, TimeseriesShape } from './shape.ts'
import type { Summary } from './sketches.ts'
import type { CellData, StoredValue } from './stored.ts'

interface StoredDataOfTypes {
  series: StoredValue[]
  histogram: Map<StoredValue, number>
  count: number
  gauge: StoredValue
  set: Set<StoredValue>
  summary: Summary
  /** How many values are in each bin. */
  distribution: Map<number, number>
  /** Registers of a HyperLogLog. */
  unique: Uint8Array
}
/** What a cell of a type holds, as it is stored. */
export type StoredData<S extends TimeseriesShape> = StoredDataOfTypes[S['type']]

/** A cell that `cells` found: what one name holds in one bucket, or in one resolution bucket, of one interval. */
export interface Cell<S extends TimeseriesShape> {
  readonly name: string
  readonly interval: S['coarse'] | S['fine']
  /** Where its bucket starts, in Unix seconds. */
  readonly start: number
  /** In an interval with a resolution: where its resolution bucket starts. */
  readonly resolutionStart?: number
  readonly value: StoredData<S>
  /** When its bucket expires, in Unix seconds; null: never. */
  readonly expires: number | null
  /** What `after` takes, to continue behind this cell. */
  readonly cursor: string
}

/** Which cells to read. */
export type CellsOptions<S extends TimeseriesShape> = {
  /** Default: all. */
  readonly names?: Names<S['labels']> | undefined
  /** Only names that begin with it. */
  readonly prefix?: string | undefined
  /** Default: all that are configured. */
  readonly intervals?: readonly (S['coarse'] | S['fine'])[] | undefined
  /** From the bucket that holds it; default: the first. */
  readonly start?: Timestamp | undefined
  /** To the bucket that holds it; default: the last. */
  readonly end?: Timestamp | undefined
  /** Only cells behind the one with this `cursor`, which another process may have read. */
  readonly after?: string | undefined
} & CallOptions &
  DriverOptionsOf<S, 'read'>

/** A cell to be written: one that `cells` found, that an error lists, or that a program made. */
export interface CellToWrite {
  readonly name: string
  readonly interval: string
  /** Exactly where a bucket of the interval starts. */
  readonly start: Timestamp
  /** In an interval with a resolution: exactly where a resolution bucket of that bucket starts. */
  readonly resolutionStart?: Timestamp | undefined
  /** As it is stored, without `writeFunc`: a list, a `Map` from values to their times, a number, a value, a `Set`, a summary, a `Map` of bins or bytes, by type. Null, with `mode: 'replace'`, deletes. */
  readonly value: CellData | null
  /** With `mode: 'replace'`: only if the cell holds this; null: only if there is none. Where the store can. */
  readonly expected?: CellData | null
  /** Ignored, so that cells can be passed on as they were read. */
  readonly expires?: number | null | undefined
  readonly cursor?: string | undefined
}
/** The options of `write`. */
export type CellWriteOptions<S extends TimeseriesShape> = {
  /** `'merge'` (default) adds to what is there, as `insert` does; `'replace'` sets each cell to exactly its value, so that it can be repeated. */
  readonly mode?: 'merge' | 'replace' | undefined
} & CallOptions &
  DriverOptionsOf<S, 'write'>

/** How many cells were stored, and how many fell into expired buckets. */
export interface CellWriteResult {
  stored: number
  expired: number
  /** The cells that did not hold what was `expected`, and are as they were. */
  unexpected: CellToWrite[]
}
