/** The figures that the driver runs by; times in milliseconds. Tests shorten some. */
export interface Timings {
  /** Requests in flight at once, of all calls of one driver together. */
  readonly concurrency: number
  /** Rows to a page of a read. */
  readonly pageRows: number
  /** A batch holds at most so many bytes: a server warns at 5 KiB. */
  readonly batchBytes: number
  /** Rows that one process writes into a partition of a series, histogram or set before it begins the next part. */
  readonly partRows: number
  /** WindowCache of a window is taken for granted so long. */
  readonly trustRegistration: number
  /** A registration that leads to no data is collected after so long; far above `registered`. */
  readonly collectAfter: number
  /** New deltas in a row that make its owner fold it. */
  readonly foldEntries: number
  /** A row with at least two deltas is folded when it has had no new one for so long. */
  readonly foldIdle: number
  /** An owner folds nothing younger. Above the longest time between a delete's timestamp and its answer. */
  readonly grace: number
  /** A delete whose answer took longer than this is made again. Far enough below `grace` for clocks that differ. */
  readonly promptDelete: number
  /** A write is not sent, nor sent again, later than this after its timestamp. */
  readonly sendWithin: number
  /** Deltas older than this may be folded by anybody: above `settle` and everything that may still be under way then. */
  readonly staleAfter: number
  /** A reader folds rows with so many old deltas. */
  readonly staleEntries: number
  /** How long a writer's number is its own, unless it renews. */
  readonly writerLease: number
  /** A lapsed number is given to another only after this much more. */
  readonly writerLeaseMargin: number
}

export const TIMINGS: Timings = {
  concurrency: 128,
  pageRows: 5_000,
  batchBytes: 4_000,
  partRows: 100_000,
  trustRegistration: 3_600_000,
  collectAfter: 86_400_000,
  foldEntries: 32,
  foldIdle: 60_000,
  grace: 2_000,
  promptDelete: 1_500,
  sendWithin: 120_000,
  staleAfter: 600_000,
  staleEntries: 8,
  writerLease: 60_000,
  writerLeaseMargin: 60_000,
}
