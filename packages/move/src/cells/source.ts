import type { CallOptions, Cell, CellsOptions, NamesOptions, Timeseries } from '@kairos/core'

/** What cells are read from: a timeseries, or what `openLegacy` opened. */
export interface CellSource {
  /** Every cell as it is stored, in the order of interval, name and bucket. */
  // biome-ignore lint/suspicious/noExplicitAny: cells and names of any timeseries
  cells(options?: CellsOptions<any>): AsyncIterable<AnyCell>
  /** The names that have cells, in the order of their code points. */
  names(options?: NamesOptions & CallOptions): AsyncIterable<string>
}

/** A cell of any timeseries. */
// biome-ignore lint/suspicious/noExplicitAny: of any shape
export type AnyCell = Cell<any>
/** Any timeseries. */
// biome-ignore lint/suspicious/noExplicitAny: of any shape
export type AnyTimeseries = Timeseries<any>

/** Which cells of a source are meant. */
export interface CellChoice extends CallOptions {
  /** Only these names; default: all. */
  readonly names?: string | readonly string[] | ReadonlySet<string> | undefined
  /** Only names that begin with it. */
  readonly prefix?: string | undefined
  /** Only these intervals; default: all that are configured. */
  readonly intervals?: readonly string[] | undefined
  /** From the bucket that holds it; default: the first. */
  readonly start?: Date | number | undefined
  /** To the bucket that holds it; default: the last. */
  readonly end?: Date | number | undefined
}

/** The options of `cells` among those of a call. */
export function choiceOf({ names, prefix, intervals, start, end, signal, patience }: CellChoice): CellChoice {
  return { names, prefix, intervals, start, end, signal, patience }
}
