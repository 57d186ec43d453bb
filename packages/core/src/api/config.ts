import type { RetryEvent } from '../calls/patience.ts'
import type { TimeseriesType } from '../contract/cells.ts'
import type { StepForm } from '../time/step.ts'
import type { InputOf, ValueOf, ValueType } from '../values/value-types.ts'

/** An interval: buckets of length `step`, of which the newest `steps` are kept (default: all), optionally divided into finer ones of `resolution`. */
export interface IntervalConfig<Resolution = StepForm | undefined> {
  /**
   * How long a bucket is: seconds (`60`), a span (`'30s'`, `'15min'`, `'1h'`, `'7d'`, `'2w'`, `'1y'`; `'1m'` is a month of 30 days) or `'daily'`,
   * `'weekly'`, `'iso-weekly'`, `'monthly'`, `'quarterly'`, `'yearly'`.
   */
  readonly step: StepForm
  /** How many buckets are kept, the current one included. */
  readonly steps?: number | undefined
  /** How long the finer buckets inside are, written like `step`: shorter than it, and dividing it. */
  readonly resolution?: Resolution extends StepForm | undefined ? Resolution : StepForm | undefined
  /**
   * The time zone of a calendar's step: an IANA name such as `'Europe/Berlin'`; default that of the timeseries, else UTC. Days have 23, 24 or 25
   * hours, and a `resolution` in seconds counts from the start of each bucket.
   */
  readonly zone?: string | undefined
  /** How long after local midnight the days of a calendar's step begin, by the wall clock: seconds, or a span below a day (`'6h'`). Default 0. */
  readonly offset?: number | string | undefined
}
/** Intervals by name. */
export type IntervalsConfig = Readonly<Record<string, IntervalConfig>>

/** The configuration of a timeseries. Unknown keys are refused. */
export interface TimeseriesConfig<
  Type extends TimeseriesType = TimeseriesType,
  VT extends ValueType = ValueType,
  Intervals = IntervalsConfig,
  Value = unknown,
  Input = never,
  Label extends string = string,
> {
  /**
   * The timeseries' name in the store: 1 to 100 of `A-Z a-z 0-9 _ . -`, a letter first. Timeseries of one type with different names
   * share nothing, not even if the names differ only in case. Those without a name share one place for each type and driver.
   */
  readonly name?: string | undefined
  /** The time zone of calendar steps that name none; default UTC. */
  readonly zone?: string | undefined
  /**
   * What a bucket holds: `series` a list of values, `histogram` how often each was seen, `count` a sum, `gauge` the last value, `set` distinct values; `summary` count, sum, minimum,
   * maximum and last value, `distribution` quantiles, `unique` how many distinct values: the last two estimated, in little space.
   */
  readonly type: Type
  /** By name, each with a `step`. */
  readonly intervals: Intervals
  /** The type of its values, on every store; default `'float'`, for a unique `'string'`. Not for counts, summaries and distributions, whose values are numbers. */
  readonly valueType?: VT | undefined
  /** For a distribution: the greatest relative error of its values, from 0.001 to 0.1; default 0.01. */
  readonly accuracy?: number | undefined
  /** For a unique: 8 to 16, for 2^precision registers of at most a byte; default 12. The standard error is 1.04 / sqrt(2^precision). */
  readonly precision?: number | undefined
  /** Applied last to every value read; only where values come back one by one: not for counts, summaries, distributions and uniques. */
  readonly readFunc?: ((value: Stored<Type, VT>) => Value) | undefined
  /** Applied first to every value written; its result must fit `valueType`. */
  readonly writeFunc?: ((value: Input) => Accepted<Type, VT>) | undefined
  /** Passed to the client that a URL creates. */
  readonly clientConfig?: object | undefined
  /** The clock, in Unix seconds; default the system's. */
  readonly now?: (() => number) | undefined
  /**
   * How long one step of a call (a batch, a page, the wait for the connection) may take, in milliseconds, retries included; default 10,000. A
   * call's own `patience` takes precedence.
   */
  readonly patience?: number | undefined
  /** Called before a failed step is tried again. */
  readonly onRetry?: ((event: RetryEvent) => void) | undefined
  /**
   * `false`: only `expire()` deletes expired cells. Default: if the store does not delete them itself, they are swept alongside writes, a few
   * at a time.
   */
  readonly sweep?: boolean | undefined
  /**
   * The labels that names given as objects may have: others are refused. Default: any. Only this program's calls are checked; the store does not record
   * them, and names given as text are not looked into.
   */
  readonly labels?: readonly Label[] | undefined
}

/** The types whose values are numbers, without a valueType. */
type OfNumbers = 'count' | 'summary' | 'distribution'
/** The valueType where none is given. */
export type UsualValueType<Type extends TimeseriesType> = Type extends 'unique' ? 'string' : 'float'

/** What a cell's value comes back as, before a readFunc. */
export type Stored<Type extends TimeseriesType, VT extends ValueType> = Type extends OfNumbers ? number : ValueOf[VT]
/** What a write takes, after a writeFunc. */
export type Accepted<Type extends TimeseriesType, VT extends ValueType> = Type extends OfNumbers ? number : InputOf[VT]

/** The valueTypes of a type: those of a histogram or a set are short enough to be keys. A count takes none: see CountRule. */
export type ValueTypeOf<Type extends TimeseriesType> = Type extends 'histogram' | 'set'
  ? Exclude<ValueType, 'text' | 'blob' | 'datetime'>
  : ValueType

/** A type that no value fits, for the compiler's message. */
interface Refused<_Reason extends string> {
  readonly refused: never
}

/** The options that a type does not have. */
export type CountRule<Type extends TimeseriesType> = [Type] extends ['count']
  ? {
      readonly valueType?: Refused<'a count takes no valueType: it is a number'> | undefined
      readonly readFunc?: Refused<'a count takes no readFunc: use a transform'> | undefined
    }
  : [Type] extends ['summary' | 'distribution']
    ? {
        readonly valueType?: Refused<'its values are numbers: there is no valueType'> | undefined
        readonly readFunc?: Refused<'values do not come back: there is no readFunc; use a transform'> | undefined
      }
    : [Type] extends ['unique']
      ? { readonly readFunc?: Refused<'values do not come back: there is no readFunc; use a transform'> | undefined }
      : unknown

/** Intervals by name, of which the compiler keeps their resolutions: unknown where there is none. */
export type IntervalsWith<Resolutions> = {
  readonly [Name in keyof Resolutions]: IntervalConfig<Resolutions[Name]>
}
/** The resolutions of a configuration's intervals. */
export type ResolutionsIn<Intervals> = {
  readonly [Name in keyof Intervals]: Intervals[Name] extends { readonly resolution?: infer Resolution }
    ? Resolution
    : unknown
}
