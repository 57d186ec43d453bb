import type { TimeseriesShape } from './shape.ts'

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
