import type { UsualStep } from '../pipeline/read/usual-steps.ts'
import type { Timestamp } from '../time/timestamp.ts'
import type { Data, DriverOptionsOf, FetchOf, TimeseriesShape } from './shape.ts'
import type { TransformOption } from './transforms.ts'

/**
 * A stage that merges several pieces of data: `true` for the built-in, or a function. `On` is inferred from a boolean, `Made` from what the
 * function returns (never: none was given); they are separate so that the compiler knows the function's parameter.
 */
type Stage<In, On, Made> = On | ((rows: ReadonlyMap<number, In>) => Made) | undefined
/** Both, if only the running program knows `On`. */
type Requested<On, Made> = [Made] extends [never] ? (On extends false ? false : true) : true
type Staged<Made, In> = [Made] extends [never] ? In : Made

/** Whether finer buckets are merged: by `condense`, or into those of `every`. */
export type Merging<Condense, Every> = Every extends undefined ? Condense : true
/** With `every`, which merges already, nothing is collapsed. */
export type CollapseRule<Every> = [Every] extends [undefined] ? unknown : { readonly collapse?: false | undefined }
/** With `split`, each name's result; with `groupBy`, each group's. `Split` is true or false, or a list of labels. */
export type ByName<Split, Result> = Split extends false ? Result : Map<string, Result>

/**
 * A type that nothing is inferred from: without it `const days: Map<number, Map<number, number>> = await counts.series('x', 'day')` would tell
 * the compiler that a processRow makes maps. Unlike `NoInfer` it does not show in what the compiler then prints.
 */
export type Settled<T> = [T] extends [infer Known] ? Known : never

/** What buckets without data may show. */
export type FillOption = 'none' | 'previous' | 'linear' | number | null | undefined
/** With `fill`: what it makes of holes, which results that are null are too. */
export type Filled<Out, Fill> = Fill extends undefined
  ? Out
  : Exclude<Out, null> | (Fill extends 'none' ? never : Fill extends number ? number : null)

/** The options of all reads: `In` is the data that a transform gets. */
interface RowOptions<Row, Joined, In, Named, Out, Fill> {
  /** Once for each cell that exists, instead of decoding and readFunc. */
  readonly processRow?: ((row: unknown) => Row) | undefined
  /** Joins the rows of the names that have data, in the order of the names. */
  readonly joinRows?: ((rows: readonly Row[]) => Joined) | undefined
  /** Applied last, to each piece of data: a name, a list of names, an object of names and functions, or a function. */
  readonly transform?: TransformOption<In, Named, Out>
  /**
   * What buckets without data show, or whose result is null, instead of the type's empty value: `'none'` leaves the entry out; null or a number;
   * `'previous'`, the last result before it, also from before the range; `'linear'`, on a line between the results on both sides, which must be numbers,
   * by the time at which buckets begin. Null if there is no such result. Not with `collapse`, nor where resolution buckets show.
   */
  readonly fill?: Fill
  /** For how many buckets `'previous'` repeats a result at most, and how many in a row `'linear'` fills; default: any number. */
  readonly maxGap?: number | undefined
  /** How many names matchers may find: more are refused. Default 10,000. */
  readonly maxNames?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** How long a step of the call may take, in milliseconds, retries included; default: that of the timeseries. */
  readonly patience?: number | undefined
}
export interface IterateOptions<Row, Joined, Condense, Condensing, In, Named, Out, Every, Fill>
  extends RowOptions<Row, Joined, In, Named, Out, Fill> {
  /** Merges the resolution buckets of each bucket into one; with `collapse: true`, those of the whole range. */
  readonly condense?: Stage<Joined, Condense, Condensing>
  /**
   * Other buckets than those stored: the interval's finest are merged into those of this step, by the type's rules or your `condense`. Seconds and
   * spans count from the epoch or, in a zone, from local midnight.
   */
  readonly every?: Every
  /** With `every`: the zone of its days, which is the reader's choice; default that of the timeseries, else UTC. */
  readonly zone?: string | undefined
  /** With `every` of a calendar's step: how long after local midnight its days begin, in seconds or as a span below a day (`'6h'`). Default 0. */
  readonly offset?: number | string | undefined
}
/** The options of reads that can show each name, or each group of names, by itself. */
interface SplitOption<Split> {
  /** The names are not joined: the result is a `Map` from each name to its own result. Names without data are included, with empty data. */
  readonly split?: (Split & boolean) | undefined
  /**
   * Names with the same values of these labels are joined: the result is a `Map` from the value to the result of those names, in the order of code points. The
   * values of several labels are joined by `;`, as in a name. The value of a name without the label is `''`. Not with `split`.
   */
  readonly groupBy?: (Split & readonly string[]) | undefined
}
export interface GetOptions<Row, Joined, Condense, Condensing, In, Named, Out, Every, Split, Fill>
  extends IterateOptions<Row, Joined, Condense, Condensing, In, Named, Out, Every, Fill>,
    SplitOption<Split> {
  /** Default: now. */
  readonly timestamp?: Timestamp | undefined
}
export interface SeriesOptions<
  Row,
  Joined,
  Condense,
  Condensing,
  Condensed,
  Collapse,
  Collapsing,
  In,
  Named,
  Out,
  Every,
  Split,
  Fill,
> extends IterateOptions<Row, Joined, Condense, Condensing, In, Named, Out, Every, Fill>,
    SplitOption<Split> {
  readonly start?: Timestamp | undefined
  readonly end?: Timestamp | undefined
  /**
   * How many buckets from `start`, or up to `end` or now; default: the interval's `steps`, else 1. With `every`: how many of its; default: those
   * of the same time.
   */
  readonly steps?: number | undefined
  /** Merges the whole range into one entry; not with `every`. */
  readonly collapse?: Stage<Condensed, Collapse, Collapsing>
}
/** Which range of time `query` shows, in how many points. */
export interface QueryOptions<Row, Joined, Condensing, In, Named, Out, Split, Fill>
  extends RowOptions<Row, Joined, In, Named, Out, Fill>,
    SplitOption<Split> {
  /** From the bucket that holds it. */
  readonly start: Timestamp
  /** To the bucket that holds it; default: now. */
  readonly end?: Timestamp | undefined
  /** The most points per name; default 500. */
  readonly maxPoints?: number | undefined
  /** Whose days, weeks and months the points are; default that of the timeseries, else UTC. */
  readonly zone?: string | undefined
  /** Merges the stored buckets of each point, instead of the type's rules. */
  readonly condense?: Stage<Joined, true, Condensing>
  /** Adds `why` to the answer. */
  readonly explain?: boolean | undefined
}
/** The answer of `query`: what it chose, and the points. */
export interface QueryResult<Interval, Points> {
  /** Where the data is from. */
  interval: Interval
  /** The step of the points, which `series` takes as `every`; null: they are the finest buckets of the interval. */
  every: UsualStep | null
  /** Whose days the points follow. */
  zone: string
  /** From the start of each bucket to its data; with `split`, by name. */
  points: Points
  /** With `explain`: sentences about how it chose. */
  why?: string[]
}
/** What the driver adds to the options of a read. */
export type DriverRead<S extends TimeseriesShape> = DriverOptionsOf<S, 'read'> & FetchOf<S>

/** The data that a transform gets: buckets without data give the type's empty value, whatever the functions return. */
export type Condensed<S extends TimeseriesShape, Joined, Condensing> = Staged<Condensing, Joined> | Data<S>

export type GetData<S extends TimeseriesShape, I, Joined, Condense, Condensing> = [I] extends [S['coarse']]
  ? Condensed<S, Joined, Condensing>
  : true extends Requested<Condense, Condensing>
    ? Condensed<S, Joined, Condensing>
    : I extends S['coarse']
      ? Condensed<S, Joined, Condensing>
      : Joined

export type SeriesData<S extends TimeseriesShape, I, Joined, Condense, Condensing, Collapse, Collapsing> =
  | (true extends Requested<Collapse, Collapsing>
      ? Staged<Collapsing, Condensed<S, Joined, Condensing>> | Data<S>
      : never)
  | (false extends Requested<Collapse, Collapsing> ? GetData<S, I, Joined, Condense, Condensing> : never)

/** Nested where the interval has a resolution and nothing condenses it. */
export type SeriesResult<S extends TimeseriesShape, I, Condense, Condensing, Collapse, Collapsing, Out> =
  | (true extends Requested<Condense, Condensing> | Requested<Collapse, Collapsing> ? Map<number, Out> : never)
  | ([false, false] extends [Requested<Condense, Condensing>, Requested<Collapse, Collapsing>]
      ? Buckets<S, I, Out>
      : never)

type Buckets<S extends TimeseriesShape, I, Out> =
  | (I extends S['coarse'] ? Map<number, Out> : never)
  | (I extends S['fine'] ? Map<number, Map<number, Out>> : never)
