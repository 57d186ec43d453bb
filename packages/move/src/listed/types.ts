import type { CellSource } from '../cells/source.ts'

/** What a source could not give, for one reason. */
export interface SourceLoss {
  /** The reason in words. */
  readonly reason: string
  /** How many files, keys or values; from 10,000 on they are not counted. */
  readonly count: number
  /** Some of them, at most five. */
  readonly examples: readonly string[]
}

/** Data of another program, read as if it were a timeseries. */
export interface ForeignSource extends CellSource {
  /** What has been lost so far, in all calls. */
  report(): readonly SourceLoss[]
  /** Closes what a URL opened. */
  close(): Promise<void>
}
