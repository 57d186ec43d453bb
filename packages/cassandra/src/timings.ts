/** The times and sizes the driver works by. Times are in milliseconds. Tests shorten some. */
export interface Timings {
  /** Maximum number of requests in flight, over all calls of one driver. */
  readonly concurrency: number
  /** Rows in a page of a read. */
  readonly pageRows: number
  /** Maximum size of a batch in bytes; a server warns at 5 KiB. */
  readonly batchBytes: number
  /** Rows one process writes into a partition of a series, histogram or set before it starts the next part. */
  readonly partRows: number
  /** How long a process trusts that a window it registered is still registered. */
  readonly trustRegistration: number
  /** Age at which a registration without data is collected; far above `trustRegistration`. */
  readonly collectAfter: number
  /** New deltas in a row that make its owner fold it. */
  readonly foldEntries: number
  /** A row with at least two deltas is folded when it has received none for this long. */
  readonly foldIdle: number
  /** An owner folds no younger delta. Longer than any time between a delete's timestamp and its answer. */
  readonly grace: number
  /** A delete that took longer to be answered is repeated. Below `grace` by more than clocks may differ. */
  readonly promptDelete: number
  /** A write is neither sent nor repeated later than this after its timestamp. */
  readonly sendWithin: number
  /** Any process may fold deltas older than this: above `sendWithin` plus whatever may still be in flight by then. */
  readonly staleAfter: number
  /** Stale deltas in a row that make a reader fold it. */
  readonly staleEntries: number
  /** How long a process owns its writer number without renewing it. */
  readonly writerLease: number
  /** How long after it lapsed a writer number may go to another process. */
  readonly writerLeaseMargin: number
}

/** What the driver uses outside of tests. */
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
