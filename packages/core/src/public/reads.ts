import type { Timestamp } from '../time/timestamp.ts'
import type { Data, TimeseriesShape } from './shape.ts'

type Rows<In> = ReadonlyMap<number, In>
/** `true` is the built-in. */
export type Stage<In> = boolean | ((rows: Rows<In>) => unknown)
type Staged<C, In> = C extends (...parameters: never[]) => infer Out ? Out : In
type Requested<C> = [C] extends [undefined | false] ? false : true

export type PipelineOptions<S extends TimeseriesShape, Row, Joined, C> = {
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

export type GetRange = {
  /** Default: now. */
  readonly timestamp?: Timestamp | undefined
}
export type SeriesRange<L> = {
  readonly start?: Timestamp | undefined
  readonly end?: Timestamp | undefined
  /** How many buckets from `start`, or up to `end` or now; default the interval's own, else 1. */
  readonly steps?: number | undefined
  /** Makes one of the whole range. */
  readonly collapse?: L | undefined
}

/** What a piece of data is when it reaches the transform: intervals without data give the type's empty value, whatever the functions make. */
export type Condensed<S extends TimeseriesShape, Joined, C> = Staged<C, Joined> | Data<S>
type CollapsedBy<S extends TimeseriesShape, Joined, C, L> = L extends (...parameters: never[]) => infer Out
  ? Out | Data<S>
  : Condensed<S, Joined, C>

export type GetData<S extends TimeseriesShape, I, Joined, C> = [I] extends [S['coarse']]
  ? Condensed<S, Joined, C>
  : Requested<C> extends true
    ? Condensed<S, Joined, C>
    : Joined
export type SeriesData<S extends TimeseriesShape, I, Joined, C, L> =
  Requested<L> extends true ? CollapsedBy<S, Joined, C, L> : GetData<S, I, Joined, C>

/** Nested where the interval has a resolution and nothing condenses it. */
export type SeriesResult<S extends TimeseriesShape, I, C, L, Out> =
  Requested<C> extends true
    ? Map<number, Out>
    : Requested<L> extends true
      ? Map<number, Out>
      : [I] extends [S['coarse']]
        ? [I] extends [S['fine']]
          ? Map<number, Out> | Map<number, Map<number, Out>>
          : Map<number, Out>
        : Map<number, Map<number, Out>>
