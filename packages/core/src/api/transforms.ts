import type { TopTransform } from '../transforms/counts.ts'
import type { TransformName } from '../transforms/names.ts'
import type { Percentile } from '../transforms/percentile-name.ts'
import type { CountsTransform } from '../transforms/planned.ts'
import type { Distribution, Summary, UniqueSketch } from './sketches.ts'

/** A value inside a piece of data; never if it is not data of a timeseries. */
type ValueIn<In> =
  In extends ReadonlyMap<infer Value, number>
    ? Value
    : In extends readonly (infer Value)[] | ReadonlySet<infer Value>
      ? Value
      : In extends Summary | Distribution
        ? number
        : never

/** What the built-in transforms return for such data. */
interface TransformResults<In> {
  count: number
  rate: In extends ReadonlyMap<infer Value, number> ? Map<Value, number> : number
  sum: In extends null ? never : ValueIn<In> extends bigint ? bigint : number
  mean: number | null
  min: ValueIn<In> | null
  max: ValueIn<In> | null
  range: (In extends null ? never : ValueIn<In> extends bigint ? bigint : number) | null
  stddev: number | null
  variance: number | null
  distinct: number
  first: ValueIn<In> | null
  last: ValueIn<In> | null
  [percentile: Percentile]: ValueIn<In> | null
}

type TransformFunction<In, Out> = (data: In, seconds: number) => Out
/** What can be named: the built-in transforms of a timeseries, those with parameters among them. */
export type Nameable = TransformName | CountsTransform
/** Those with parameters by themselves: where they are an option, the compiler then knows the parameters of their functions. */
export type CountsTransforms<S extends { readonly transforms: Nameable }> = Extract<S['transforms'], CountsTransform>
/** A name, a list of names, or an object of names and functions. */
export type NamedTransforms<Name extends Nameable, In> =
  | Name
  | readonly Extract<Name, string>[]
  | { readonly [key: string]: Name | TransformFunction<In, unknown> }
/** Any of these, or a function; apart from them, so that the compiler knows the function's parameters. */
export type TransformOption<In, Named, Out> = Named | TransformFunction<In, Out>

/** What one transform makes of such data. */
export type OneTransformed<In, T> = T extends (...parameters: never[]) => infer Out
  ? Out
  : T extends keyof TransformResults<In>
    ? TransformResults<In>[T]
    : T extends TopTransform
      ? [value: ValueIn<In>, times: number][]
      : T extends CountsTransform
        ? number | null
        : never
/**
 * What a transform makes of each piece of data. `Named` is everything that can be named if none was given, includes undefined if it is a
 * function, and is `any` if nothing is known about the timeseries.
 */
export type Transformed<In, Named, Out> = 0 extends 1 & Named
  ? Shown<In>
  : [Readonly<Record<string, never>>] extends [Named]
    ? undefined extends Named
      ? Out
      : Shown<In>
    : NamedTransformed<In, Named>

/** What a read without a transform shows. */
type Shown<In> = In extends UniqueSketch ? number : In

type NamedTransformed<In, Named> = Named extends undefined
  ? Shown<In>
  : Named extends string | CountsTransform
    ? OneTransformed<In, Named>
    : Named extends readonly (infer Name extends string)[]
      ? { [Key in Name]: OneTransformed<In, Key> }
      : { [Key in keyof Named]: OneTransformed<In, Named[Key]> }
