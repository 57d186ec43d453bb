import type { EventCapabilities } from './events.ts'
import type { MergeCapabilities } from './merging.ts'
import type { ReplaceCapabilities } from './replacing.ts'
import type { OriginalType, TimeseriesType } from './values.ts'

/** Plain data, read by core, the documentation and the test kit. */
export interface Capabilities {
  /** What deletes expired cells. native: the store, late but never early; sweep: `sweep`; none: nothing, core only hides them. */
  readonly expiry: Readonly<
    Record<OriginalType, 'native' | 'sweep' | 'none'> & Partial<Record<TimeseriesType, 'native' | 'sweep' | 'none'>>
  >
  /** Counts may be 0.5. */
  readonly fractionalCounts: boolean
  /**
   * A WriteBatch with an `id` that is written again adds nothing: always by the process that made it, and for `seconds` after it was stored
   * by any process, in which case `write` resolves to `{ repeated: true }`. 0: only by the process that made it.
   */
  readonly exactlyOnce: false | { readonly seconds: number }
  /** `write` can say what counts are after it: see WriteBatch.returning. Absent: it cannot. */
  readonly returning?: boolean
  /**
   * How many batches that inserts share may be on their way at once, of different names, where much is written and its order cannot be seen; absent: one. More
   * are for a store that works while the caller's process makes the next batch, and to which a smaller batch costs less.
   */
  readonly sharedBatches?: number
  /** The store has `replace`. Absent: it cannot set a cell to a value. */
  readonly replace?: ReplaceCapabilities
  /** The store has `merge`, for these types and results. Absent: core merges what `read` returns. */
  readonly merges?: MergeCapabilities
  /** The types that can be opened; absent: series, histogram, count, gauge and set. Core refuses others by name. */
  readonly types?: readonly TimeseriesType[]
  /** The store has `fetch`. */
  readonly customFetch: boolean
  /** The driver's own options of writes and of reads ('pipeline', 'session'); core passes these on and refuses any other unknown option. */
  readonly writeOptions: readonly string[]
  readonly readOptions: readonly string[]
  /** The driver has `openEvents`; absent: it does not support event streams. */
  readonly events?: EventCapabilities
  /** In code points; core refuses longer names, and longer values of valueType `string`, before any I/O. */
  readonly maxStringLength?: number
  /** In UTF-8; core refuses longer names, and longer values of histograms and sets, before any I/O. */
  readonly maxNameBytes?: number
  readonly maxKeyBytes?: number
  /** Of an interval's name, in UTF-8; core refuses longer ones before any I/O. */
  readonly maxIntervalBytes?: number
  /**
   * The largest absolute value of a count's change, or of a histogram's times; core refuses larger ones before any I/O. For a store that cannot
   * check whether a sum stays finite: 2^969, since no store ever adds up enough of these to overflow.
   */
  readonly maxChange?: number
}
