import type { Expression } from './expression.ts'
import type { Range, Series } from './series.ts'
import type { ZoneClock } from './zone-clock.ts'

/** What an expression evaluates to. */
export type Value = number | string | boolean | null | readonly Series[] | readonly (readonly Series[])[]

/** What a read asks for. */
export interface Reading extends Range {
  /** The most points of a series. */
  readonly maxPoints: number
}

/** Where series come from. */
export interface SeriesSource {
  /** Those whose names match a pattern, in the order of their names. */
  find(pattern: string, reading: Reading): Promise<readonly Series[]>
  /** Those whose tags match expressions such as `host=~web.*`. */
  tagged(expressions: readonly string[], reading: Reading): Promise<readonly Series[]>
}

/** A series list that is not evaluated yet, for functions that look at other times than asked for. */
export interface Source {
  at(range?: Range): Promise<readonly Series[]>
}

/** What functions may use. */
export interface Scope {
  /** What is evaluated. */
  readonly range: Range
  readonly now: number
  readonly clock: ZoneClock
  /** Of series that a function makes. */
  readonly xFilesFactor: number
  evaluate(expression: Expression): Promise<readonly Series[]>
  tagged(expressions: readonly string[]): Promise<readonly Series[]>
  /** Calls a function with lists of series. */
  call(name: string, lists: readonly (readonly Series[])[]): Promise<readonly Series[]>
  /** Counts this many numbers against what a request may work through. @throws RequestError */
  spend(numbers: number): void
  /** Counts the points of a series that is going to be made. @throws RequestError for more than an answer may have */
  make(points: number): void
  /** Between pieces of long work: lets the process do other things. */
  turn(): Promise<void>
}

/** All series of a value that is series. */
export function isSeriesValue(value: Value): value is readonly Series[] | readonly (readonly Series[])[] {
  return Array.isArray(value)
}

/** The series of a list, or of lists. */
export function flatSeries(value: readonly Series[] | readonly (readonly Series[])[]): readonly Series[] {
  return (value as readonly (Series | readonly Series[])[]).flat() as Series[]
}
