import type { TimeseriesShape } from './shape.ts'

/** What the built-in transforms give. */
interface TransformResults<S extends TimeseriesShape> {
  count: number
  rate: S['type'] extends 'histogram' ? Map<S['value'], number> : number
  sum: S['value'] extends bigint ? bigint : number
  mean: number | null
  min: S['value'] | null
  max: S['value'] | null
}

type TransformFunction<In, Out> = (data: In, seconds: number) => Out
/** A name, a list of names, or an object of names and functions. */
export type NamedTransforms<S extends TimeseriesShape, In> =
  | S['transforms']
  | readonly S['transforms'][]
  | { readonly [key: string]: S['transforms'] | TransformFunction<In, unknown> }
/** Any of these, or a function; apart from them, so that the compiler knows the function's parameters. */
export type TransformOption<In, Named, Out> = Named | TransformFunction<In, Out>

type OneTransformed<S extends TimeseriesShape, T> = T extends (...parameters: never[]) => infer Out
  ? Out
  : T extends keyof TransformResults<S>
    ? TransformResults<S>[T]
    : never
/** What a transform makes of each piece of data: what a function returns, where one was given. */
export type Transformed<S extends TimeseriesShape, Named, Out> = [Out] extends [never]
  ? Named extends string
    ? OneTransformed<S, Named>
    : Named extends readonly (infer Name extends string)[]
      ? { [Key in Name]: OneTransformed<S, Key> }
      : { [Key in keyof Named]: OneTransformed<S, Named[Key]> }
  : Out
