import type { DriverOptionTypes, TimeseriesType } from './contract.ts'
import type { WriteResult } from './pipeline/write.ts'
import type { Timestamp } from './time/timestamp.ts'
import type { TransformName } from './transforms.ts'
import type { InputOf, ValueOf, ValueType } from './values/value-types.ts'

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
export type KeyableValueType = Exclude<ValueType, 'text' | 'blob' | 'datetime'>

/** Which valueTypes go with which type; the rest does not compile. */
export type ValueTypeRule<Type extends TimeseriesType> = Type extends 'count'
  ? { readonly valueType?: never }
  : Type extends 'histogram' | 'set'
    ? { readonly valueType?: KeyableValueType | undefined }
    : unknown

/** All that the compiler knows of one timeseries. */
export interface TimeseriesShape {
  readonly type: TimeseriesType
  /** What one value reads as. */
  readonly value: unknown
  /** What one value may be written as. */
  readonly input: unknown
  /** Names of the intervals without a resolution. */
  readonly coarse: string
  /** Names of the intervals with one. */
  readonly fine: string
  readonly transforms: TransformName
  readonly driver: DriverOptionTypes
}

export type CoarseNames<Intervals> = string extends keyof Intervals
  ? string
  : {
      [Name in keyof Intervals]: Intervals[Name] extends { readonly resolution: number | string } ? never : Name
    }[keyof Intervals] &
      string

export type FineNames<Intervals> = string extends keyof Intervals
  ? string
  : {
      [Name in keyof Intervals]: Intervals[Name] extends { readonly resolution: number | string } ? Name : never
    }[keyof Intervals] &
      string

/** The built-in transforms of a type and its values. */
export type TransformsOf<Type extends TimeseriesType, Value> = Type extends 'gauge'
  ? never
  : Type extends 'count'
    ? 'rate'
    : [Value] extends [number | bigint]
      ? TransformName
      : [Value] extends [string | Date]
        ? 'count' | 'rate' | 'min' | 'max'
        : 'count' | 'rate'

interface DataOfTypes<Value> {
  series: Value[]
  histogram: Map<Value, number>
  count: number
  gauge: Value | null
  set: Set<Value>
}
/** What one bucket reads as. */
export type Data<S extends TimeseriesShape> = DataOfTypes<S['value']>[S['type']]

/** One name, or several to be joined. */
export type Names = string | readonly string[] | ReadonlySet<string>

/** What the built-in transforms give. */
export interface TransformResults<S extends TimeseriesShape> {
  count: number
  rate: S['type'] extends 'histogram' ? Map<S['value'], number> : number
  sum: S['value'] extends bigint ? bigint : number
  mean: number | null
  min: S['value'] | null
  max: S['value'] | null
}

export type TransformFunction<In> = (data: In, seconds: number) => unknown
/** A name, a function, a list of names, or an object of both. */
export type TransformOption<S extends TimeseriesShape, In> =
  | S['transforms']
  | TransformFunction<In>
  | readonly S['transforms'][]
  | { readonly [key: string]: S['transforms'] | TransformFunction<In> }

type OneTransformed<S extends TimeseriesShape, T> = T extends (...parameters: never[]) => infer Out
  ? Out
  : T extends keyof TransformResults<S>
    ? TransformResults<S>[T]
    : never
/** What a transform makes of each piece of data. */
export type Transformed<S extends TimeseriesShape, T> = T extends (...parameters: never[]) => infer Out
  ? Out
  : T extends string
    ? OneTransformed<S, T>
    : T extends readonly (infer Name extends string)[]
      ? { [Key in Name]: OneTransformed<S, Key> }
      : { [Key in keyof T]: OneTransformed<S, T[Key]> }

type Rows<In> = ReadonlyMap<number, In>
/** `true` is the built-in. */
export type Stage<In> = boolean | ((rows: Rows<In>) => unknown)
type Staged<C, In> = C extends (...parameters: never[]) => infer Out ? Out : In
type Requested<C> = [C] extends [undefined | false] ? false : true

type PipelineOptions<S extends TimeseriesShape, Row, Joined, C> = {
  /** Once for each cell that exists, instead of decoding and readFunc. */
  readonly processRow?: ((row: unknown) => Row) | undefined
  /** Joins the rows of the names that have data, in the order of the names. */
  readonly joinRows?: ((rows: readonly Row[]) => Joined) | undefined
  /** Makes one of an interval's resolution buckets. */
  readonly condense?: C | undefined
  /** The driver's own way to replace its read. */
  readonly fetch?: S['driver'] extends { readonly fetch: infer Fetch } ? Fetch : undefined
  readonly signal?: AbortSignal | undefined
} & (S['driver'] extends { readonly read: infer Own extends object } ? Own : unknown)

type GetRange = {
  /** Default: now. */
  readonly timestamp?: Timestamp | undefined
}
type SeriesRange<L> = {
  readonly start?: Timestamp | undefined
  readonly end?: Timestamp | undefined
  /** How many buckets from `start`, or up to `end` or now; default the interval's own, else 1. */
  readonly steps?: number | undefined
  /** Makes one of the whole range. */
  readonly collapse?: L | undefined
}

/** What a piece of data is when it reaches the transform: intervals without data give the type's empty value, whatever the functions make. */
type Condensed<S extends TimeseriesShape, Joined, C> = Staged<C, Joined> | Data<S>
type CollapsedBy<S extends TimeseriesShape, Joined, C, L> = L extends (...parameters: never[]) => infer Out
  ? Out | Data<S>
  : Condensed<S, Joined, C>

type GetData<S extends TimeseriesShape, I, Joined, C> = [I] extends [S['coarse']]
  ? Condensed<S, Joined, C>
  : Requested<C> extends true
    ? Condensed<S, Joined, C>
    : Joined
type SeriesData<S extends TimeseriesShape, I, Joined, C, L> =
  Requested<L> extends true ? CollapsedBy<S, Joined, C, L> : GetData<S, I, Joined, C>

/** Nested where the interval has a resolution and nothing condenses it. */
type SeriesResult<S extends TimeseriesShape, I, C, L, Out> =
  Requested<C> extends true
    ? Map<number, Out>
    : Requested<L> extends true
      ? Map<number, Out>
      : [I] extends [S['coarse']]
        ? [I] extends [S['fine']]
          ? Map<number, Out> | Map<number, Map<number, Out>>
          : Map<number, Out>
        : Map<number, Map<number, Out>>

interface WriteOptions {
  /** Rolling: also into so many interval buckets after (> 0) or before (< 0) it. */
  readonly intervals?: number | undefined
  /** `'once'`: a repeated write adds nothing, where the store can. */
  readonly delivery?: 'once' | undefined
  readonly signal?: AbortSignal | undefined
}
type OwnWriteOptions<S extends TimeseriesShape> = S['driver'] extends { readonly write: infer Own extends object }
  ? Own
  : unknown
export type BulkOptions<S extends TimeseriesShape> = WriteOptions & OwnWriteOptions<S>
export type InsertOptions<S extends TimeseriesShape> = BulkOptions<S> & {
  /** Default, and null: now. */
  readonly timestamp?: Timestamp | null | undefined
}

type Written<S extends TimeseriesShape> = S['input'] | readonly S['input'][] | ReadonlySet<S['input']>

/** A point of an iterable; without a timestamp it is now's. */
export interface Point<S extends TimeseriesShape> {
  readonly name: string
  readonly value: Written<S> | (S['type'] extends 'count' ? undefined : never)
  readonly timestamp?: Timestamp | null | undefined
}
type CountPoint<S extends TimeseriesShape> = Omit<Point<S>, 'value'> & { readonly value?: Written<S> | undefined }
type PointOf<S extends TimeseriesShape> = S['type'] extends 'count' ? CountPoint<S> : Point<S>

/** Moments (null: now) to names to values, or an iterable of points. */
export type Points<S extends TimeseriesShape> =
  | ReadonlyMap<
      Timestamp | null,
      | Readonly<Record<string, readonly S['input'][] | ReadonlySet<S['input']>>>
      | ReadonlyMap<string, readonly S['input'][] | ReadonlySet<S['input']>>
    >
  | Iterable<PointOf<S>>
  | AsyncIterable<PointOf<S>>

type Insert<S extends TimeseriesShape> = S['type'] extends 'count'
  ? (name: string, value?: Written<S>, options?: InsertOptions<S>) => Promise<WriteResult>
  : (name: string, value: Written<S>, options?: InsertOptions<S>) => Promise<WriteResult>

/** Starts of the first and the last live bucket that has data, in Unix seconds. */
export interface Extent {
  first: number
  last: number
}

/** One configured object: a type, a value type and named intervals, on one driver. Made by `createTimeseries`. */
export interface Timeseries<S extends TimeseriesShape = TimeseriesShape> {
  /** Connects and prepares now, rather than with the first call: what cannot be opened fails here. */
  open(): Promise<this>
  /** Writes a value, or each of a list or `Set`, into its bucket of every interval. */
  insert: Insert<S>
  /** Writes many points, merged per cell before they reach the store; maps and arrays are checked whole first, other iterables in chunks. */
  bulkInsert(points: Points<S>, options?: BulkOptions<S>): Promise<WriteResult>

  /** The bucket that holds `timestamp`: its start to its data; with a resolution, each resolution bucket that has data. */
  get<I extends S['coarse'] | S['fine'], Row = Data<S>, Joined = Row, C extends Stage<Joined> | undefined = undefined>(
    name: Names,
    interval: I,
    options?: PipelineOptions<S, Row, Joined, C> & GetRange & { readonly transform?: undefined },
  ): Promise<Map<number, GetData<S, I, Joined, C>>>
  get<
    I extends S['coarse'] | S['fine'],
    const T extends TransformOption<S, GetData<S, I, Joined, C>>,
    Row = Data<S>,
    Joined = Row,
    C extends Stage<Joined> | undefined = undefined,
  >(
    name: Names,
    interval: I,
    options: PipelineOptions<S, Row, Joined, C> & GetRange & { readonly transform: T },
  ): Promise<Map<number, Transformed<S, T>>>

  /** A range of buckets, those without data included; nested where the interval has a resolution and nothing condenses it. */
  series<
    I extends S['coarse'] | S['fine'],
    Row = Data<S>,
    Joined = Row,
    C extends Stage<Joined> | undefined = undefined,
    L extends Stage<Condensed<S, Joined, C>> | undefined = undefined,
  >(
    name: Names,
    interval: I,
    options?: PipelineOptions<S, Row, Joined, C> & SeriesRange<L> & { readonly transform?: undefined },
  ): Promise<SeriesResult<S, I, C, L, SeriesData<S, I, Joined, C, L>>>
  series<
    I extends S['coarse'] | S['fine'],
    const T extends TransformOption<S, SeriesData<S, I, Joined, C, L>>,
    Row = Data<S>,
    Joined = Row,
    C extends Stage<Joined> | undefined = undefined,
    L extends Stage<Condensed<S, Joined, C>> | undefined = undefined,
  >(
    name: Names,
    interval: I,
    options: PipelineOptions<S, Row, Joined, C> & SeriesRange<L> & { readonly transform: T },
  ): Promise<SeriesResult<S, I, C, L, Transformed<S, T>>>

  /** All data from the first bucket to the last, in bounded memory; an uncondensed interval with a resolution gives its resolution buckets. */
  iterate<
    I extends S['coarse'] | S['fine'],
    Row = Data<S>,
    Joined = Row,
    C extends Stage<Joined> | undefined = undefined,
  >(
    name: Names,
    interval: I,
    options?: PipelineOptions<S, Row, Joined, C> & { readonly transform?: undefined },
  ): AsyncIterableIterator<[number, GetData<S, I, Joined, C>]>
  iterate<
    I extends S['coarse'] | S['fine'],
    const T extends TransformOption<S, GetData<S, I, Joined, C>>,
    Row = Data<S>,
    Joined = Row,
    C extends Stage<Joined> | undefined = undefined,
  >(
    name: Names,
    interval: I,
    options: PipelineOptions<S, Row, Joined, C> & { readonly transform: T },
  ): AsyncIterableIterator<[number, Transformed<S, T>]>

  /** Names that hold live data in a configured interval, sorted by UTF-16 code units. */
  list(options?: CallOnly): Promise<string[]>
  /** The extent of a name's live data by interval; intervals without any are absent. */
  properties(name: string, options?: CallOnly): Promise<{ [Name in S['coarse'] | S['fine']]?: Extent }>
  /** Deletes a name in all configured intervals. */
  delete(name: string, options?: CallOnly): Promise<void>
  /** Deletes everything in all configured intervals. */
  deleteAll(options?: CallOnly): Promise<void>
  /** Deletes what retention has ended and the store still holds; resolves to how many cells, 0 where the store does so by itself. */
  expire(name?: string, options?: CallOnly): Promise<number>
  /** Waits for calls in flight and releases what the timeseries opened itself. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** The options that every call takes. */
export interface CallOnly {
  readonly signal?: AbortSignal | undefined
}

/** The timeseries that a configuration makes: `const config = { … } as const; let hits: TimeseriesOf<typeof config>`. */
export type TimeseriesOf<
  Config extends { readonly type: TimeseriesType; readonly intervals: IntervalsConfig },
  Options extends DriverOptionTypes = {},
> = Timeseries<{
  type: Config['type']
  value: ReadBy<Config>
  input: WrittenBy<Config>
  coarse: CoarseNames<Config['intervals']>
  fine: FineNames<Config['intervals']>
  transforms: TransformsOf<Config['type'], ReadBy<Config>>
  driver: Options
}>
type ValueTypeIn<Config> = Config extends { readonly valueType: infer VT extends ValueType } ? VT : 'float'
type ReadBy<Config extends { readonly type: TimeseriesType }> = Config extends {
  readonly readFunc: (value: never) => infer Value
}
  ? Value
  : Stored<Config['type'], ValueTypeIn<Config>>
type WrittenBy<Config extends { readonly type: TimeseriesType }> = Config extends {
  readonly writeFunc: (value: infer Input) => unknown
}
  ? Input
  : Accepted<Config['type'], ValueTypeIn<Config>>
