/** The figures that the driver runs by; times in milliseconds. Tests shorten some. */
export interface Tuning {
  /** Requests in flight at once, of all calls of one driver together. */
  readonly concurrency: number
  /** Rows to a page of a read. */
  readonly pageRows: number
  /** A batch holds at most so many bytes: a server warns at 5 KiB. */
  readonly batchBytes: number
  /** Rows that one process writes into a partition of a series, histogram or set before it begins the next part. */
  readonly partRows: number
  /** Registration of a window is taken for granted so long. */
  readonly registered: number
  /** A registration that leads to no data is collected after so long; far above `registered`. */
  readonly collectAfter: number
  /** New deltas in a row that make its owner fold it. */
  readonly foldEntries: number
  /** A row with at least two deltas is folded when it has had no new one for so long. */
  readonly foldIdle: number
  /** An owner folds nothing younger. Above the longest time between a delete's timestamp and its answer. */
  readonly grace: number
  /** A delete whose answer took longer than this is made again. Far enough below `grace` for clocks that differ. */
  readonly promptly: number
  /** A write is not sent, nor sent again, later than this after its timestamp. */
  readonly settle: number
  /** Deltas older than this may be folded by anybody: above `settle` and everything that may still be under way then. */
  readonly adoptAfter: number
  /** A reader folds rows with so many old deltas. */
  readonly adoptEntries: number
  /** How long a writer's number is its own, unless it renews. */
  readonly lease: number
  /** A lapsed number is given to another only after this much more. */
  readonly leaseMargin: number
}

export const TUNING: Tuning = {
  concurrency: 128,
  pageRows: 5_000,
  batchBytes: 4_000,
  partRows: 100_000,
  registered: 3_600_000,
  collectAfter: 86_400_000,
  foldEntries: 32,
  foldIdle: 60_000,
  grace: 2_000,
  promptly: 1_500,
  settle: 120_000,
  adoptAfter: 600_000,
  adoptEntries: 8,
  lease: 60_000,
  leaseMargin: 60_000,
}
