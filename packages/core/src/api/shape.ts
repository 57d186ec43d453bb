import type { DriverOptionTypes, TimeseriesType } from '../contract/cells.ts'
import type { LabelledName, LabelValue } from '../internal/labels.ts'
import type { ShareTransform, TopTransform } from '../transforms/counts.ts'
import type {
  ArrivalTransform,
  CountedTransform,
  DistributionTransform,
  NumericTransform,
  OrderedTransform,
  SummaryTransform,
} from '../transforms/names.ts'
import type { ValueType } from '../values/value-types.ts'
import type { Distribution, Summary, UniqueSketch } from './sketches.ts'
import type { Nameable } from './transforms.ts'

/** Everything the compiler knows about a timeseries. */
export interface TimeseriesShape {
  readonly type: TimeseriesType
  /** What one value reads as. */
  readonly value: unknown
  /** What one value may be written as. */
  readonly input: unknown
  /** Names of the intervals without a resolution; one that may have it is in both. */
  readonly coarse: string
  /** Names of the intervals with one. */
  readonly fine: string
  readonly transforms: Nameable
  readonly driver: DriverOptionTypes
  /** The labels that names may have. */
  readonly labels: string
}

/** The shape of a configuration: named, so that the compiler prints it on one line. */
export interface Shape<
  Type extends TimeseriesType,
  Value,
  Input,
  Coarse extends string,
  Fine extends string,
  Transforms extends Nameable,
  Driver extends DriverOptionTypes,
  Label extends string = string,
> {
  readonly type: Type
  readonly value: Value
  readonly input: Input
  readonly coarse: Coarse
  readonly fine: Fine
  readonly transforms: Transforms
  readonly driver: Driver
  readonly labels: Label
}

/** The shape of a timeseries about which nothing is known: any timeseries fits. */
// biome-ignore lint/suspicious/noExplicitAny: the one type that fits both where a timeseries reads it and where it writes it
export type AnyShape = any

/** Of the resolutions by interval, the names of those that have none or may have none. */
export type CoarseNames<Resolutions> = string extends keyof Resolutions
  ? string
  : { [Name in keyof Resolutions]: undefined extends Resolutions[Name] ? Name : never }[keyof Resolutions] & string

/** And of those that have one or may have one. */
export type FineNames<Resolutions> = string extends keyof Resolutions
  ? string
  : {
      [Name in keyof Resolutions]: unknown extends Resolutions[Name]
        ? never
        : [Resolutions[Name]] extends [undefined]
          ? never
          : Name
    }[keyof Resolutions] &
      string

/** The built-in transforms of a type and its values. */
export type TransformsOf<Type extends TimeseriesType, Value, VT extends ValueType> = Type extends 'gauge'
  ? never
  : Type extends 'count'
    ? 'rate'
    : Type extends 'histogram'
      ? HistogramTransforms<TransformsOfValues<Value, VT>, Value>
      : Type extends 'series'
        ? SeriesTransforms<TransformsOfValues<Value, VT>>
        : Type extends 'set'
          ? TransformsOfValues<Value, VT>
          : Type extends 'summary'
            ? SummaryTransform
            : Type extends 'distribution'
              ? DistributionTransform
              : never
type HistogramTransforms<OfValues, Value> = OfValues | TopTransform | ShareTransform<Value>
type SeriesTransforms<OfValues> = OfValues | ArrivalTransform
type TransformsOfValues<Value, VT extends ValueType> = [Value] extends [number | bigint]
  ? NumericTransform
  : [Value] extends [string | Date]
    ? [VT] extends ['inet']
      ? CountedTransform
      : OrderedTransform
    : CountedTransform

interface DataOfTypes<Value> {
  series: Value[]
  histogram: Map<Value, number>
  count: number
  gauge: Value | null
  set: Set<Value>
  summary: Summary | null
  distribution: Distribution
  unique: UniqueSketch
}
/** What a read returns for one bucket, but for a `unique`, of which reads give the estimate and functions get the sketch. */
export type Data<S extends TimeseriesShape> = DataOfTypes<S['value']>[S['type']]

/** A name: a text, or an object of a name and labels, which is stored as one. */
export type Name<Label extends string = string> = string | LabelledName<Label>
/** One name, or several to be joined. */
export type Names<Label extends string = string> = Name<Label> | readonly Name<Label>[] | ReadonlySet<Name<Label>>

/**
 * What a label must be: this value, one of these, a text that a pattern matches, or one for which a function returns true. Only a function can match a name
 * without the label: it gets undefined.
 */
export type LabelMatch = LabelValue | readonly LabelValue[] | RegExp | ((value: string | undefined) => boolean)
/**
 * Names by their labels: those with this `name` whose labels match all of these, whatever other labels they have.
 * @example `const failed: Matcher = { name: 'requests', labels: { status: /^5/, route: ['/a', '/b'] } }`
 */
export interface Matcher<Label extends string = string> {
  readonly name: string
  readonly labels: { readonly [Key in Label]?: LabelMatch }
}
/** What reads take as names: also those that matchers find. */
export type ReadNames<Label extends string = string> =
  | Name<Label>
  | Matcher<Label>
  | readonly (Name<Label> | Matcher<Label>)[]
  | ReadonlySet<Name<Label> | Matcher<Label>>

/** What the driver adds to the options of its reads, or of its writes. */
export type DriverOptionsOf<S extends TimeseriesShape, Calls extends 'read' | 'write'> = S['driver'] extends {
  readonly [Call in Calls]: infer Own extends object
}
  ? Own
  : unknown
/** The type of `fetch`, if the driver has one. */
export type FetchOf<S extends TimeseriesShape> = S['driver'] extends { readonly fetch: infer Fetch }
  ? { readonly fetch?: Fetch | undefined }
  : unknown
