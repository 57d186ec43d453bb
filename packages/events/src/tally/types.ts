import type { Point, TimeseriesShape } from '@kairos/core'

/** What an event counts for: a point of a timeseries. Its timestamp defaults to the event's time. */
export type TallyPoint<S extends TimeseriesShape> = S['type'] extends 'count'
  ? Omit<Point<S>, 'value'> & Partial<Pick<Point<S>, 'value'>>
  : Point<S>

/** Options of `tally`. */
export interface TallyOptions {
  /** Events per write; default 1,000. */
  readonly batch?: number
  /** `'once'`: a write whose response was lost is repeated without counting twice, if the timeseries' store supports it. */
  readonly delivery?: 'once'
  /**
   * How many seconds an event may take to reach its stream, since clocks differ and clients retry. Younger events wait for the next tally.
   * Default 30, which is how long a client of this package retries.
   */
  readonly settle?: number
  /** The result of the last tally of this stream, or the last that `onProgress` received. The tally then reports how many events were `late`. */
  readonly previous?: TallyResult | null | undefined
  /** How many seconds before the cursor to look for late events; default 3,600. 0 turns it off. */
  readonly watch?: number
  /**
   * Called after each write with the id of the last event that is counted, and with what the tally would resolve to. Keep that, and continue with
   * `after: cursor`.
   */
  readonly onProgress?: (cursor: string, progress: TallyResult) => void | Promise<void>
  /** Aborts the write in progress. */
  readonly signal?: AbortSignal
}

/** The result of a tally: plain data, which can be kept as JSON. */
export interface TallyResult {
  /** How many events were counted. */
  readonly events: number
  /** How many (value, bucket) pairs were written, as `bulkInsert` counts them. */
  readonly stored: number
  /** How many (value, bucket) pairs belonged to expired buckets. */
  readonly expired: number
  /** The id of the last counted event; without one, the id after which the tally began. null if there is neither. */
  readonly cursor: string | null
  /** The time up to which events were counted, as ISO text. */
  readonly settled: string
  /** Whether there are younger events, which wait for the next tally. */
  readonly waiting: boolean
  /**
   * How many events arrived behind the `previous` tally's cursor after it ended, so that neither tally counted them. Each is reported once. null if
   * unknown: there is no previous result, or the events do not come from a store's `get`.
   */
  readonly late: number | null
  /** The start of the time before the cursor that the next tally will compare. null if unknown. */
  readonly since: string | null
  /** How many events from `since` to the cursor are counted or were reported as late. null if unknown. */
  readonly count: number | null
}
