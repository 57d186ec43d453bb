import type { TimeseriesType } from '../contract/cells.ts'
import type { InputOf, ValueOf, ValueType } from '../values/value-types.ts'

/** An interval: buckets of `step`, of which the newest `steps` are kept (default: all), with finer ones of `resolution` inside. */
export interface IntervalConfig {
  /** Seconds, a span (`'1h'`, `'7d'`, `'30d'`; `m` is a month of 30 days) or `daily`, `weekly`, `monthly`, `yearly` (UTC). */
  readonly step: number | string
  /** How many buckets are kept, the current one included. */
  readonly steps?: number | undefined
  /** Shorter than `step`, and dividing it. */
  readonly resolution?: number | string | undefined
}
export type IntervalsConfig = Readonly<Record<string, IntervalConfig>>

/** What a timeseries is. Unknown keys are refused. */
export interface TimeseriesConfig<
  Type extends TimeseriesType = TimeseriesType,
  VT extends ValueType = ValueType,
  Intervals extends IntervalsConfig = IntervalsConfig,
  Value = unknown,
  Input = never,
> {
  readonly type: Type
  readonly intervals: Intervals
  /** What a value is, on every store; default `'float'`. A count takes none. */
  readonly valueType?: VT | undefined
  /** Last on every value read. */
  readonly readFunc?: ((value: Stored<Type, VT>) => Value) | undefined
  /** First on every value written; its result must fit `valueType`. */
  readonly writeFunc?: ((value: Input) => Accepted<Type, VT>) | undefined
  /** Handed to the client that a URL creates. */
  readonly clientConfig?: object | undefined
  /** The clock, in Unix seconds; default the system's. */
  readonly now?: (() => number) | undefined
}

/** What a cell's value comes back as, before a readFunc. */
export type Stored<Type extends TimeseriesType, VT extends ValueType> = Type extends 'count' ? number : ValueOf[VT]
/** What a write takes, after a writeFunc. */
export type Accepted<Type extends TimeseriesType, VT extends ValueType> = Type extends 'count' ? number : InputOf[VT]

/** Values short enough to be keys of a histogram or members of a set. */
type KeyableValueType = Exclude<ValueType, 'text' | 'blob' | 'datetime'>

/** Which valueTypes go with which type; the rest does not compile. */
export type ValueTypeRule<Type extends TimeseriesType> = Type extends 'count'
  ? { readonly valueType?: never }
  : Type extends 'histogram' | 'set'
    ? { readonly valueType?: KeyableValueType | undefined }
    : unknown

/** Refuses what an interval has no option for: a type parameter alone would take any. */
export interface KnownOptions<Intervals> {
  readonly intervals: {
    readonly [Name in keyof Intervals]: {
      readonly [Option in keyof Intervals[Name]]: Option extends keyof IntervalConfig ? unknown : never
    }
  }
}
