import type { Timestamp } from '../time/timestamp.ts'
import type { CallOptions } from './call-options.ts'
import type { Data, DriverOptionsOf, ReadNames, TimeseriesShape } from './shape.ts'
import type { OneTransformed } from './transforms.ts'

/** The built-in transforms that return numbers. */
export type RankedBy<S extends TimeseriesShape> = NumberTransforms<S['transforms'], Data<S>>
type NumberTransforms<Name, In> = Name extends unknown
  ? OneTransformed<In, Name> extends number | bigint | null
    ? Name
    : never
  : never

/** Which names to rank, and by what. */
export type TopOptions<S extends TimeseriesShape, By, Out> = {
  /** From the bucket that holds it; default: the interval's `steps` up to `end`, else one bucket. */
  readonly start?: Timestamp | undefined
  /** To the bucket that holds it; default: now. */
  readonly end?: Timestamp | undefined
  /** The most names; default 10. */
  readonly limit?: number | undefined
  /**
   * Applied to each name's whole range: a transform that returns numbers, or a function. Default: the count itself for counts, otherwise `'count'`; a gauge has
   * no default. Names for which it is null are left out.
   */
  readonly by?: By | ((data: Data<S>, seconds: number) => Out) | undefined
  /** Only names that begin with it. */
  readonly prefix?: string | undefined
  /** Only these; default: all that have live data. */
  readonly names?: ReadNames<S['labels']> | undefined
  /** How many names matchers may find: more are refused. Default 10,000. */
  readonly maxNames?: number | undefined
} & CallOptions &
  DriverOptionsOf<S, 'read'>

/** A name, and what it is ranked by. */
export interface TopEntry<Value = number | bigint> {
  name: string
  value: Value
}

/** By a transform, by a function or, without either, by counts. */
export type TopValue<S extends TimeseriesShape, By, Out> = [By] extends [never]
  ? [Out] extends [never]
    ? number
    : Exclude<Out, null>
  : Exclude<OneTransformed<Data<S>, By>, null>
