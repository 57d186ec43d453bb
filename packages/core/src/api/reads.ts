import type { Timestamp } from '../time/timestamp.ts'
import type { Data, DriverOptionsOf, TimeseriesShape } from './shape.ts'

/**
 * A stage that makes one piece of data of several: `true` is the built-in, a function the caller's own. `On` is inferred from a boolean, `Made`
 * from what the function returns (never: none was given); apart, so that the compiler knows the function's parameter.
 */
type Stage<In, On, Made> = On | ((rows: ReadonlyMap<number, In>) => Made) | undefined
type Requested<On, Made> = [Made] extends [never] ? ([On] extends [false] ? false : true) : true
type Staged<Made, In> = [Made] extends [never] ? In : Made

export type PipelineOptions<S extends TimeseriesShape, Row, Joined, Condense, Condensing> = {
  /** Once for each cell that exists, instead of decoding and readFunc. */
  readonly processRow?: ((row: unknown) => Row) | undefined
  /** Joins the rows of the names that have data, in the order of the names. */
  readonly joinRows?: ((rows: readonly Row[]) => Joined) | undefined
  /** Makes one of an interval's resolution buckets. */
  readonly condense?: Stage<Joined, Condense, Condensing>
  /** The driver's own way to replace its read. */
  readonly fetch?: S['driver'] extends { readonly fetch: infer Fetch } ? Fetch : undefined
  readonly signal?: AbortSignal | undefined
} & DriverOptionsOf<S, 'read'>

export type GetRange = {
  /** Default: now. */
  readonly timestamp?: Timestamp | undefined
}
export type SeriesRange<In, Collapse, Collapsing> = {
  readonly start?: Timestamp | undefined
  readonly end?: Timestamp | undefined
  /** How many buckets from `start`, or up to `end` or now; default the interval's own, else 1. */
  readonly steps?: number | undefined
  /** Makes one of the whole range. */
  readonly collapse?: Stage<In, Collapse, Collapsing>
}

/** What a piece of data is when it reaches the transform: intervals without data give the type's empty value, whatever the functions make. */
export type Condensed<S extends TimeseriesShape, Joined, Condensing> = Staged<Condensing, Joined> | Data<S>

export type GetData<S extends TimeseriesShape, I, Joined, Condense, Condensing> = [I] extends [S['coarse']]
  ? Condensed<S, Joined, Condensing>
  : Requested<Condense, Condensing> extends true
    ? Condensed<S, Joined, Condensing>
    : Joined

export type SeriesData<S extends TimeseriesShape, I, Joined, Condense, Condensing, Collapse, Collapsing> =
  Requested<Collapse, Collapsing> extends true
    ? Staged<Collapsing, Condensed<S, Joined, Condensing>> | Data<S>
    : GetData<S, I, Joined, Condense, Condensing>

/** Nested where the interval has a resolution and nothing condenses it. */
export type SeriesResult<S extends TimeseriesShape, I, Condense, Condensing, Collapse, Collapsing, Out> =
  Requested<Condense, Condensing> extends true
    ? Map<number, Out>
    : Requested<Collapse, Collapsing> extends true
      ? Map<number, Out>
      : [I] extends [S['coarse']]
        ? [I] extends [S['fine']]
          ? Map<number, Out> | Map<number, Map<number, Out>>
          : Map<number, Out>
        : Map<number, Map<number, Out>>
