import type { CellReference, KairosError } from '../errors.ts'
import type { Timestamp } from '../time/timestamp.ts'
import type { Name, TimeseriesShape } from './shape.ts'
import type { Written } from './writes.ts'

/** The options of `buffer`. */
export interface BufferOptions {
  /** Milliseconds that a value waits at most before it is written; default 1,000. */
  readonly interval?: number | undefined
  /** Once values fill this many cells, they are written early; default 10,000. */
  readonly maxCells?: number | undefined
  /** While this many values wait, `add` returns false; default 1,000,000. A text counts as one more for every 256 characters, bytes for every 256. */
  readonly maxPending?: number | undefined
  /** `'drop'`: while `maxPending` values wait, `add` drops its value, and `stats` counts it. Default: it keeps it. */
  readonly overflow?: 'drop' | undefined
  /** Called for each write that failed; without it, a process warning gives the numbers. */
  readonly onError?: ((error: KairosError, cells: BufferFailure) => void) | undefined
  /** Also writes when the process has nothing left to do (`beforeExit`); not when `process.exit()`, a signal or a crash ends it. */
  readonly flushOnExit?: boolean | undefined
  /** Rolling: also writes each value into this many buckets after (> 0) or before (< 0) its own; at most 10,000. */
  readonly intervals?: number | undefined
}

/** What became of the cells of a failed write. Those in no list are stored. */
export interface BufferFailure {
  /** Not applied: they go with the next write. */
  readonly kept: readonly CellReference[]
  /** Not applied, and discarded: trying again would not help. */
  readonly refused: readonly CellReference[]
  /** May have been applied, and are not written again. */
  readonly inDoubt: readonly CellReference[]
}

/** What a buffer has done so far. */
export interface BufferStats {
  /** Values that wait or are on their way, long ones as `maxPending` counts them. */
  readonly pending: number
  /** (value, bucket) pairs that were stored. */
  readonly stored: number
  /** Pairs whose buckets had expired. */
  readonly expired: number
  /** Values that `overflow: 'drop'` dropped. */
  readonly dropped: number
  /** Pairs that were refused, or could not be written before the buffer was closed. */
  readonly failed: number
  /** Pairs that may have been stored. */
  readonly inDoubt: number
  readonly lastError: KairosError | undefined
}

/** Collects values in memory and writes them from time to time. Made by `buffer`. */
export interface WriteBuffer<in out S extends TimeseriesShape> {
  /**
   * Adds a value, or each value of a list or `Set`, at once; in counts, histograms and distributions each may count several `times`. Returns false while `maxPending` values wait: then await `ready`.
   * @throws KAIROS_INVALID_VALUE, KAIROS_CLOSED
   */
  add: Add<S>
  /** Resolves as soon as fewer than `maxPending` values wait. The first call also loads the buffer; until then, `add` takes what `onError` gets later. */
  ready(): Promise<void>
  /** Resolves when everything that was added has been written, or has failed as `onError` reported. */
  flush(): Promise<void>
  /** Writes what waits, and ends the buffer: what cannot be written now is refused. */
  close(): Promise<void>
  stats(): BufferStats
  [Symbol.asyncDispose](): Promise<void>
}

type Add<S extends TimeseriesShape> = S['type'] extends 'count'
  ? (name: Name<S['labels']>, value?: Written<S>, timestamp?: Timestamp | null, times?: number) => boolean
  : S['type'] extends 'histogram' | 'distribution'
    ? (name: Name<S['labels']>, value: Written<S>, timestamp?: Timestamp | null, times?: number) => boolean
    : (name: Name<S['labels']>, value: Written<S>, timestamp?: Timestamp | null) => boolean
