import type { DriverOptionTypes, TimeseriesType } from '../contract/cells.ts'
import type { ValueType } from '../values/value-types.ts'
import type { Accepted, IntervalsConfig, Stored } from './config.ts'
import type { Condensed, GetData, GetRange, PipelineOptions, SeriesData, SeriesRange, SeriesResult } from './reads.ts'
import type { CoarseNames, Data, DriverOptionsOf, FineNames, Names, TimeseriesShape, TransformsOf } from './shape.ts'
import type { NamedTransforms, Transformed, TransformOption } from './transforms.ts'
import type { BulkOptions, Insert, Points, WriteResult } from './writes.ts'

/** Starts of the first and the last live bucket that has data, in Unix seconds. */
export interface Extent {
  first: number
  last: number
}

/** One configured object: a type, a value type and named intervals, on one driver. Made by `createTimeseries`. */
export interface Timeseries<S extends TimeseriesShape = TimeseriesShape> {
  /** Connects and prepares now, rather than with the first call: what cannot be opened fails here. */
  open(options?: CallOnly): Promise<this>
  /** Writes a value, or each of a list or `Set`, into its bucket of every interval. */
  insert: Insert<S>
  /** Writes many points, merged per cell before they reach the store; maps and arrays are checked whole first, other iterables in chunks. */
  bulkInsert(points: Points<S>, options?: BulkOptions<S>): Promise<WriteResult>

  /** The bucket that holds `timestamp`: its start to its data; with a resolution, each resolution bucket that has data. */
  get<
    I extends S['coarse'] | S['fine'],
    Row = Data<S>,
    Joined = Row,
    Condense extends boolean = false,
    Condensing = never,
  >(
    name: Names,
    interval: I,
    options?: PipelineOptions<S, Row, Joined, Condense, Condensing> & GetRange & { readonly transform?: undefined },
  ): Promise<Map<number, GetData<S, I, Joined, Condense, Condensing>>>
  get<
    I extends S['coarse'] | S['fine'],
    const Named extends NamedTransforms<S, GetData<S, I, Joined, Condense, Condensing>>,
    Row = Data<S>,
    Joined = Row,
    Condense extends boolean = false,
    Condensing = never,
    Out = never,
  >(
    name: Names,
    interval: I,
    options: PipelineOptions<S, Row, Joined, Condense, Condensing> &
      GetRange & { readonly transform: TransformOption<GetData<S, I, Joined, Condense, Condensing>, Named, Out> },
  ): Promise<Map<number, Transformed<S, Named, Out>>>

  /** A range of buckets, those without data included; nested where the interval has a resolution and nothing condenses it. */
  series<
    I extends S['coarse'] | S['fine'],
    Row = Data<S>,
    Joined = Row,
    Condense extends boolean = false,
    Condensing = never,
    Collapse extends boolean = false,
    Collapsing = never,
  >(
    name: Names,
    interval: I,
    options?: PipelineOptions<S, Row, Joined, Condense, Condensing> &
      SeriesRange<Condensed<S, Joined, Condensing>, Collapse, Collapsing> & { readonly transform?: undefined },
  ): Promise<
    SeriesResult<
      S,
      I,
      Condense,
      Condensing,
      Collapse,
      Collapsing,
      SeriesData<S, I, Joined, Condense, Condensing, Collapse, Collapsing>
    >
  >
  series<
    I extends S['coarse'] | S['fine'],
    const Named extends NamedTransforms<S, SeriesData<S, I, Joined, Condense, Condensing, Collapse, Collapsing>>,
    Row = Data<S>,
    Joined = Row,
    Condense extends boolean = false,
    Condensing = never,
    Collapse extends boolean = false,
    Collapsing = never,
    Out = never,
  >(
    name: Names,
    interval: I,
    options: PipelineOptions<S, Row, Joined, Condense, Condensing> &
      SeriesRange<Condensed<S, Joined, Condensing>, Collapse, Collapsing> & {
        readonly transform: TransformOption<
          SeriesData<S, I, Joined, Condense, Condensing, Collapse, Collapsing>,
          Named,
          Out
        >
      },
  ): Promise<SeriesResult<S, I, Condense, Condensing, Collapse, Collapsing, Transformed<S, Named, Out>>>

  /** All data from the first bucket to the last, in bounded memory; an uncondensed interval with a resolution gives its resolution buckets. */
  iterate<
    I extends S['coarse'] | S['fine'],
    Row = Data<S>,
    Joined = Row,
    Condense extends boolean = false,
    Condensing = never,
  >(
    name: Names,
    interval: I,
    options?: PipelineOptions<S, Row, Joined, Condense, Condensing> & { readonly transform?: undefined },
  ): AsyncIterableIterator<[number, GetData<S, I, Joined, Condense, Condensing>]>
  iterate<
    I extends S['coarse'] | S['fine'],
    const Named extends NamedTransforms<S, GetData<S, I, Joined, Condense, Condensing>>,
    Row = Data<S>,
    Joined = Row,
    Condense extends boolean = false,
    Condensing = never,
    Out = never,
  >(
    name: Names,
    interval: I,
    options: PipelineOptions<S, Row, Joined, Condense, Condensing> & {
      readonly transform: TransformOption<GetData<S, I, Joined, Condense, Condensing>, Named, Out>
    },
  ): AsyncIterableIterator<[number, Transformed<S, Named, Out>]>

  /** Names that hold live data in a configured interval, sorted by UTF-16 code units. */
  list(options?: ReadCall<S>): Promise<string[]>
  /** The extent of a name's live data by interval; intervals without any are absent. */
  properties(name: string, options?: ReadCall<S>): Promise<{ [Name in S['coarse'] | S['fine']]?: Extent }>
  /** Deletes a name in all configured intervals. */
  delete(name: string, options?: WriteCall<S>): Promise<void>
  /** Deletes everything in all configured intervals. */
  deleteAll(options?: WriteCall<S>): Promise<void>
  /** Deletes what retention has ended and the store still holds; resolves to how many cells, 0 where the store does so by itself. */
  expire(name?: string, options?: WriteCall<S>): Promise<number>
  /** Waits for calls in flight and releases what the timeseries opened itself. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** The options that every call takes. */
export interface CallOnly {
  readonly signal?: AbortSignal | undefined
}
type ReadCall<S extends TimeseriesShape> = CallOnly & DriverOptionsOf<S, 'read'>
type WriteCall<S extends TimeseriesShape> = CallOnly & DriverOptionsOf<S, 'write'>

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
  transforms: TransformsOf<Config['type'], ReadBy<Config>, ValueTypeIn<Config>>
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
