/** A timeseries that `discover` found, as it is recorded in the store. */
export interface Discovered {
  /** Undefined: it was opened without a name. */
  readonly name: string | undefined
  /** Undefined where a later version recorded it. */
  readonly type: string | undefined
  /** Undefined for counts, and where a later version recorded it. */
  readonly valueType: string | undefined
  /** Of a distribution, as configured. */
  readonly accuracy: number | undefined
  /** Of a unique. */
  readonly precision: number | undefined
  /** The program that made it, and when, where that is known. */
  readonly program: string | undefined
  readonly made: Date | undefined
  /** By name. */
  readonly intervals: Readonly<Record<string, DiscoveredInterval>>
  /** The record as it is, where this version does not know all of it. */
  readonly unknown?: string
}

/** An interval that `discover` found. */
export interface DiscoveredInterval {
  /** As recorded: seconds, or a calendar word. Undefined where a later version recorded it. */
  readonly step: number | string | undefined
  readonly resolution: number | string | undefined
  readonly zone: string | undefined
  /** In seconds. */
  readonly offset: number | undefined
  /** How many buckets are kept, by the program that opened it last; null: all; undefined: not known. */
  readonly steps: number | null | undefined
  /** The record as it is, where this version does not know all of it. */
  readonly unknown?: string
}
