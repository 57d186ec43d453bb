import type { CallOptions, IntervalConfig, NamesOptions, ValueType } from '@kairos/core'
import type { SourceCellsOptions } from '../cells/selection.ts'
import type { AnyCell, CellSource } from '../cells/source.ts'

/** The types that Python kairos had. */
export type LegacyType = 'series' | 'histogram' | 'count' | 'gauge' | 'set'

/** What the Python program was configured with: the store does not hold it. */
export interface LegacyOptions {
  readonly type: LegacyType
  /** The type of its values, in place of `read_func`; default `'float'`. Not for a count. */
  readonly valueType?: ValueType | undefined
  /** Steps are written as there (`300`, `'1h'`, `'1m'` is 30 days, `'weekly'`). A resolution may be any: one that does not divide its step is cut. */
  readonly intervals: Readonly<Record<string, IntervalConfig>>
  /** Redis: `prefix`; default none, which means the whole database. */
  readonly prefix?: string | undefined
  /** SQL: `table_name`; default the type. */
  readonly tableName?: string | undefined
  /** MongoDB: the database; default `'kairos'`. */
  readonly database?: string | undefined
  /** MongoDB: `escape_character`; default U+FFFF. */
  readonly escapeCharacter?: string | undefined
  /** Only these names: where several configurations share a prefix, a table or a database. */
  readonly names?: readonly string[] | ReadonlySet<string> | ((name: string) => boolean) | undefined
}

/** Why something in the store did not become a cell, or not exactly. */
export type LegacyLossReason =
  | 'value'
  | 'name'
  | 'bucket'
  | 'outside'
  | 'missing'
  | 'rounded'
  | 'encoding'
  | 'duplicate'

/** What was lost for one reason. */
export interface LegacyLoss {
  readonly reason: LegacyLossReason
  /** The reason in words. */
  readonly explanation: string
  /** How many values, cells or keys. */
  readonly count: number
  /** Some of them, at most five. */
  readonly examples: readonly string[]
}

/** What reading has found so far. */
export interface LegacyReport {
  /** Cells that were read. */
  readonly cells: number
  /** Cells whose resolution bucket reached beyond its interval's bucket, and begins or ends where that does. */
  readonly cut: number
  /** Unrelated keys, rows and documents. */
  readonly skipped: number
  readonly lost: readonly LegacyLoss[]
  /** What this store never held of such a timeseries, so that nobody can tell how much of it there was. */
  readonly limits: readonly string[]
}

/** What Python kairos stored, read as if it were a timeseries. */
export interface LegacySource extends CellSource {
  /**
   * Every cell in the order of interval, name and bucket, with the values of `valueType`. `start` is where the bucket begins by the calendar, weeks on
   * Sunday; `resolutionStart` where the resolution bucket does, or its interval's bucket if that begins later.
   */
  cells(options?: LegacyCellsOptions): AsyncIterable<AnyCell>
  names(options?: NamesOptions & CallOptions): AsyncIterable<string>
  /** What `cells` has found so far, in all its calls. */
  report(): LegacyReport
  /** Closes what a URL opened; a client of the caller stays open. */
  close(): Promise<void>
}

/** Which cells to read. */
export type LegacyCellsOptions = SourceCellsOptions

/** A stored value before it is read as a valueType. */
export type RawValue = string | number | bigint | boolean | Uint8Array | Date | null

/** What a store holds for one bucket: bucket numbers as they are stored. */
export interface RawCell {
  readonly name: string
  readonly i: number
  /** Null: without a resolution. */
  readonly r: number | null
  readonly value: RawContent
}

/** By type: values in their order; pairs with their times, which may repeat a value; one value; members. Null: nothing is there. */
export type RawContent =
  | { readonly values: readonly RawValue[] }
  | { readonly pairs: readonly (readonly [RawValue, RawValue])[] }
  | { readonly one: RawValue }

/** What to read of one interval. */
export interface RawQuery {
  readonly interval: string
  readonly fine: boolean
  /** Undefined: all. */
  readonly names: readonly string[] | undefined
  /** Only this name and those after it. */
  readonly from: string | undefined
}

/** A store that Python kairos wrote. */
export interface LegacyStore {
  /** What such a store never held, in words. */
  readonly limits: readonly string[]
  /** All names that may have cells in these intervals, in any order, some of which may come more than once. */
  names(): Promise<Iterable<string>>
  /** In the order of name, i and r; a cell whole, or in parts that follow one another. */
  cells(query: RawQuery): AsyncIterable<RawCell>
  close(): Promise<void>
}

/** Notes what was found beside cells. */
export interface Notes {
  skip(): void
  lose(reason: LegacyLossReason, example: string): void
}
