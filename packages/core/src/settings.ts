import type { OnRetry } from './calls/patience.ts'
import type { TimeseriesType } from './contract/cells.ts'
import type { Calculator } from './time/calculator.ts'
import type { ValueKind, ValueType } from './values/value-types.ts'

/** A checked configuration. */
export interface Settings {
  readonly type: TimeseriesType
  /** Null for counts, which have none. */
  readonly valueType: ValueType | null
  readonly kind: ValueKind | null
  /** In the order of their names' code units: the order that batches are written in. */
  readonly intervals: readonly Interval[]
  readonly readFunc: ((value: unknown) => unknown) | undefined
  readonly writeFunc: ((value: unknown) => unknown) | undefined
  readonly clientConfig: object | undefined
  readonly now: (() => number) | undefined
  /** In milliseconds, for each step of a call; undefined: the default. */
  readonly patience: number | undefined
  readonly onRetry: OnRetry | undefined
  /** Type and valueType, as stores record them. */
  readonly record: string
}

export interface Interval {
  readonly name: string
  readonly buckets: Calculator
  /** Null in a coarse interval. */
  readonly resolution: Calculator | null
  /** How many buckets are kept; null: all. */
  readonly steps: number | null
  readonly fanOut: number
  /** Step and resolution, as stores record them. */
  readonly record: string
}

/** The start of a resolution bucket, or of the interval bucket in a coarse interval, in Unix seconds. */
export function startOfCell(interval: Interval, bucket: number, resolutionBucket: number): number {
  return interval.resolution === null ? interval.buckets.startOf(bucket) : interval.resolution.startOf(resolutionBucket)
}
