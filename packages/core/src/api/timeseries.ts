import type { StepForm } from '../time/step.ts'
import type { Timestamp } from '../time/timestamp.ts'
import type { BufferOptions, WriteBuffer } from './buffer.ts'
import type { CallOptions, CloseOptions } from './call-options.ts'
import type { Cell, CellsOptions, CellToWrite, CellWriteOptions, CellWriteResult } from './cells.ts'
import type {
  ByName,
  CollapseRule,
  Condensed,
  DriverRead,
  Filled,
  FillOption,
  GetData,
  GetOptions,
  IterateOptions,
  Merging,
  QueryOptions,
  QueryResult,
  SeriesData,
  SeriesOptions,
  SeriesResult,
  Settled,
} from './reads.ts'
import type { RebuildOptions, RebuildResult } from './rebuild.ts'
import type { AnyShape, Data, DriverOptionsOf, Name, ReadNames, TimeseriesShape } from './shape.ts'
import type { RankedBy, TopEntry, TopOptions, TopValue } from './top.ts'
import type { CountsTransforms, NamedTransforms, Transformed } from './transforms.ts'
import type { BulkInsertOptions, Insert, Points, WriteResult } from './writes.ts'

/** Starts of the first and the last live bucket that has data, in Unix seconds. */
export interface Extent {
  first: number
  last: number
}

/** A timeseries: a type, a value type and named intervals, on one driver. Made by `createTimeseries`. */
export interface Timeseries<in out S extends TimeseriesShape = AnyShape> {
  /** Connects and prepares the store now rather than on first use, so that problems show here. */
  open(options?: CallOptions): Promise<this>
  /** Writes a value, or each value of a list or `Set`, into its bucket of every interval. */
  insert: Insert<S>
  /** Writes many points, merged per cell before they reach the store; maps and arrays are checked whole first, other iterables in chunks. */
  bulkInsert(points: Points<S>, options?: BulkInsertOptions<S>): Promise<WriteResult>

  /**
   * A buffer for values that nobody waits for: `add` is synchronous, and writes are made from time to time. What waits is lost with the process.
   * @throws KAIROS_INVALID_CONFIG
   */
  buffer(options?: BufferOptions): WriteBuffer<S>

  /** The bucket that contains `timestamp`, as a map from its start to its data; with a resolution, each resolution bucket that has data. */
  get<
    I extends S['coarse'] | S['fine'],
    Row = Data<S>,
    Joined = Row,
    Condense extends boolean = false,
    Condensing = never,
    Every extends StepForm | undefined = undefined,
    const Named extends
      | NamedTransforms<S['transforms'], GetData<S, I, Joined, Merging<Condense, Every>, Condensing>>
      | undefined = NamedTransforms<S['transforms'], GetData<S, I, Joined, Merging<Condense, Every>, Condensing>>,
    Out = never,
    Split extends boolean | readonly S['labels'][] = false,
    const Fill extends FillOption = undefined,
  >(
    name: ReadNames<S['labels']>,
    interval: I,
    options?: GetOptions<
      Row,
      Joined,
      Condense,
      Condensing,
      GetData<S, I, Joined, Merging<Condense, Every>, Condensing>,
      Named | CountsTransforms<S>,
      Out,
      Every,
      Split,
      Fill
    > &
      DriverRead<S>,
  ): Promise<
    ByName<
      Split,
      Map<
        number,
        Filled<
          Transformed<Settled<GetData<S, I, Joined, Merging<Condense, Every>, Condensing>>, Settled<Named>, Out>,
          Fill
        >
      >
    >
  >

  /** A range of buckets, including those without data; nested if the interval has a resolution and is not condensed. */
  series<
    I extends S['coarse'] | S['fine'],
    Row = Data<S>,
    Joined = Row,
    Condense extends boolean = false,
    Condensing = never,
    Collapse extends boolean = false,
    Collapsing = never,
    Every extends StepForm | undefined = undefined,
    const Named extends
      | NamedTransforms<
          S['transforms'],
          SeriesData<S, I, Joined, Merging<Condense, Every>, Condensing, Collapse, Collapsing>
        >
      | undefined = NamedTransforms<
      S['transforms'],
      SeriesData<S, I, Joined, Merging<Condense, Every>, Condensing, Collapse, Collapsing>
    >,
    Out = never,
    Split extends boolean | readonly S['labels'][] = false,
    const Fill extends FillOption = undefined,
  >(
    name: ReadNames<S['labels']>,
    interval: I,
    options?: SeriesOptions<
      Row,
      Joined,
      Condense,
      Condensing,
      Condensed<S, Joined, Condensing>,
      Collapse,
      Collapsing,
      SeriesData<S, I, Joined, Merging<Condense, Every>, Condensing, Collapse, Collapsing>,
      Named | CountsTransforms<S>,
      Out,
      Every,
      Split,
      Fill
    > &
      DriverRead<S> &
      CollapseRule<Every>,
  ): Promise<
    ByName<
      Split,
      SeriesResult<
        S,
        I,
        Merging<Condense, Every>,
        Condensing,
        Collapse,
        Collapsing,
        Filled<
          Transformed<
            Settled<SeriesData<S, I, Joined, Merging<Condense, Every>, Condensing, Collapse, Collapsing>>,
            Settled<Named>,
            Out
          >,
          Fill
        >
      >
    >
  >

  /** All data from the first bucket to the last, in bounded memory; by resolution bucket if the interval has a resolution and is not condensed. */
  iterate<
    I extends S['coarse'] | S['fine'],
    Row = Data<S>,
    Joined = Row,
    Condense extends boolean = false,
    Condensing = never,
    Every extends StepForm | undefined = undefined,
    const Named extends
      | NamedTransforms<S['transforms'], GetData<S, I, Joined, Merging<Condense, Every>, Condensing>>
      | undefined = NamedTransforms<S['transforms'], GetData<S, I, Joined, Merging<Condense, Every>, Condensing>>,
    Out = never,
    const Fill extends FillOption = undefined,
  >(
    name: ReadNames<S['labels']>,
    interval: I,
    options?: IterateOptions<
      Row,
      Joined,
      Condense,
      Condensing,
      GetData<S, I, Joined, Merging<Condense, Every>, Condensing>,
      Named | CountsTransforms<S>,
      Out,
      Every,
      Fill
    > &
      DriverRead<S>,
  ): AsyncIterableIterator<
    [
      number,
      Filled<
        Transformed<Settled<GetData<S, I, Joined, Merging<Condense, Every>, Condensing>>, Settled<Named>, Out>,
        Fill
      >,
    ]
  >

  /**
   * A range of time in at most `maxPoints` points, as a chart needs it: from the finest interval that keeps data from `start` on and costs at most
   * 50 stored buckets per point, in the smallest usual step that gives so few points, by the days of any zone.
   * @throws KAIROS_INVALID_CONFIG, KAIROS_INVALID_RANGE
   */
  query<
    Row = Data<S>,
    Joined = Row,
    Condensing = never,
    const Named extends
      | NamedTransforms<S['transforms'], Condensed<S, Joined, Condensing>>
      | undefined = NamedTransforms<S['transforms'], Condensed<S, Joined, Condensing>>,
    Out = never,
    Split extends boolean | readonly S['labels'][] = false,
    const Fill extends FillOption = undefined,
  >(
    name: ReadNames<S['labels']>,
    options: QueryOptions<
      Row,
      Joined,
      Condensing,
      Condensed<S, Joined, Condensing>,
      Named | CountsTransforms<S>,
      Out,
      Split,
      Fill
    > &
      DriverRead<S>,
  ): Promise<
    QueryResult<
      S['coarse'] | S['fine'],
      ByName<
        Split,
        Map<number, Filled<Transformed<Settled<Condensed<S, Joined, Condensing>>, Settled<Named>, Out>, Fill>>
      >
    >
  >

  /**
   * The names with the highest values in a range, highest first; those with equal values in the order of their code points. Reads many names together, in
   * bounded memory.
   * @throws KAIROS_INVALID_CONFIG, KAIROS_INVALID_RANGE, KAIROS_UNKNOWN_TRANSFORM
   */
  top<const By extends RankedBy<S> = never, Out extends number | bigint | null = never>(
    interval: S['coarse'] | S['fine'],
    options?: TopOptions<S, By, Out>,
  ): Promise<TopEntry<TopValue<S, By, Out>>[]>

  /**
   * Every cell as it is stored, in the order of interval, name and bucket, in bounded memory: to copy, to back up, to correct. Each has a `cursor`,
   * behind which another call continues.
   */
  cells(options?: CellsOptions<S>): AsyncIterableIterator<Cell<S>>
  /**
   * Writes cells: those of `cells`, of an error's `notApplied`, or your own. `mode: 'merge'` (default) adds them to what is there; `mode: 'replace'`
   * sets each cell to exactly its value, which can be repeated without harm, where the store can.
   */
  write(
    cells: readonly CellToWrite[] | Iterable<CellToWrite> | AsyncIterable<CellToWrite>,
    options?: CellWriteOptions<S>,
  ): Promise<CellWriteResult>
  /**
   * Recomputes an interval from a finer one: each bucket for which `from` has data becomes exactly what that adds up to. Repeating it is
   * harmless. It leaves these alone: buckets that have not ended, unless `current`; those that the source does not keep completely; and those for
   * which it has no data.
   * @throws KAIROS_UNSUPPORTED where the store cannot replace cells, KAIROS_INVALID_CONFIG for a source whose buckets cross those of the interval
   * @example await views.rebuild('day', { from: 'minute', start: new Date('2024-02-01'), end: new Date('2024-02-29') })
   */
  rebuild(interval: S['coarse'] | S['fine'], options: RebuildOptions<S>): Promise<RebuildResult>
  /**
   * Names that hold live data in a configured interval, in the order of their code points: all of them, or those that begin with `prefix`, come
   * after the name `after`, and not more than `limit`.
   */
  list(options?: ListOptions & ReadCall<S>): Promise<string[]>
  /** The same names in bounded memory, however many there are: a page at a time, and no snapshot of all of them. */
  names(options?: NamesOptions & ReadCall<S>): AsyncIterableIterator<string>
  /** The extent of a name's live data by interval; intervals without any are absent. */
  properties(name: Name<S['labels']>, options?: ReadCall<S>): Promise<{ [Name in S['coarse'] | S['fine']]?: Extent }>
  /**
   * Deletes a name in all configured intervals; or only in one `interval`, and only the buckets from that of `start` to that of `end`, both
   * whole.
   */
  delete(name: Name<S['labels']>, options?: DeleteOptions<S> & WriteCall<S>): Promise<void>
  /** Deletes everything in all configured intervals. */
  deleteAll(options?: WriteCall<S>): Promise<void>
  /** Deletes expired cells that the store still holds; resolves to how many, 0 if the store expires them itself. */
  expire(name?: Name<S['labels']>, options?: WriteCall<S>): Promise<number>
  /**
   * Removes the timeseries from the store: data, records, and the tables or collections that held nothing else. This object and those of other
   * processes are refused from then on. With `interval`, removes what is left of an interval that is not configured any more, and nothing else.
   * @throws KAIROS_UNSUPPORTED where the store cannot
   */
  drop(options?: { readonly interval?: string } & WriteCall<S>): Promise<void>
  /** Waits for calls in flight and releases what the timeseries opened itself. A `bulkInsert` of an iterable writes what has arrived and ends. */
  close(options?: CloseOptions): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Which names to list. */
export interface NamesOptions {
  /** Only names that begin with it. */
  readonly prefix?: string | undefined
  /** Only names after this one, by code points: the last one of the page before. */
  readonly after?: string | undefined
}
/** The options of `list`. */
export interface ListOptions extends NamesOptions {
  /** At most this many names. */
  readonly limit?: number | undefined
}
/** Which part of a name to delete. An option that is there and undefined is refused, since without it more would be deleted. */
export interface DeleteOptions<S extends TimeseriesShape> {
  /** Default: all configured intervals. */
  readonly interval?: S['coarse'] | S['fine']
  /** Default: from the first bucket on. */
  readonly start?: Timestamp
  /** Default: to the last bucket. */
  readonly end?: Timestamp
}

type ReadCall<S extends TimeseriesShape> = CallOptions & DriverOptionsOf<S, 'read'>
type WriteCall<S extends TimeseriesShape> = CallOptions & DriverOptionsOf<S, 'write'>
