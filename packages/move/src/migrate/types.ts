import type { CallOptions } from '@kairos/core'
import type { Digest } from '../digest.ts'

/** What to move, and how. */
export interface MigrateOptions extends CallOptions {
  /** How long reading or writing a batch may take, in milliseconds, retries included; default 60,000, since batches are large. */
  readonly patience?: number | undefined
  /** Only these names; default: all. */
  readonly names?: string | readonly string[] | ReadonlySet<string> | undefined
  /** Only names that begin with it. */
  readonly prefix?: string | undefined
  /** Only names that match. */
  readonly match?: RegExp | ((name: string) => boolean) | undefined
  /** Only these intervals of the target; default: all. */
  readonly intervals?: readonly string[] | undefined
  /** By intervals of the target: the intervals of the source to fill them from; default: the same one, with or without its resolution, otherwise the finest that reaches back far enough. */
  readonly from?: Readonly<Record<string, string>> | undefined
  /** From the bucket that holds it; default: the first. */
  readonly start?: Date | number | undefined
  /** To the bucket that holds it; default: the last. */
  readonly end?: Date | number | undefined
  /** Only buckets that had not ended by then: those that may have changed since. Pass the `started` of an earlier result. */
  readonly since?: Date | number | undefined
  /** How many groups of 500 names are moved at once: 1 to 64, default 4. */
  readonly parallel?: number | undefined
  /** Only plan: nothing is written. */
  readonly dryRun?: boolean | undefined
  /** Afterwards read both sides, and compare their digests. */
  readonly verify?: boolean | undefined
  /** A file that records the progress; it stays when all is done. */
  readonly state?: string | undefined
  /** Continue where `state` left off, with the same `start`, `end` and `since`; begin if there is no such file. */
  readonly resume?: boolean | undefined
  /** Called with the plan before anything is written, and awaited; if it throws, the migration ends. */
  readonly onPlan?: ((plan: MigrationPlan) => unknown) | undefined
  /** Called after each batch. */
  readonly onProgress?: ((progress: MigrationProgress) => void) | undefined
}

/** What a migration will do. */
export interface MigrationPlan {
  /** How many names there are to move. */
  readonly names: number
  /** What each interval of the target is filled from. */
  readonly intervals: readonly PlannedInterval[]
  /** What is not carried over, or not exactly. */
  readonly notes: readonly MigrationNote[]
}

/** What an interval of the target is filled from. */
export interface PlannedInterval {
  readonly interval: string
  /** The interval of the source. */
  readonly from: string
  /** `'copied'` cell by cell, since both have the same buckets; `'rebuilt'` from those of the source. */
  readonly how: 'copied' | 'rebuilt'
}

/** Something that is not carried over, or not exactly. */
export interface MigrationNote {
  /**
   * `'type'`: the target's type holds less; `'left'`: an interval of the source is not carried over; `'retention'`: only one side keeps something older;
   * `'order'`: values are in the order of the buckets that they come from.
   */
  readonly reason: 'type' | 'left' | 'retention' | 'order'
  /** Of the target, but of the source for `'left'`; absent for `'type'`. */
  readonly interval?: string
  /** In words. */
  readonly text: string
}

/** How far a migration has come. */
export interface MigrationProgress {
  readonly phase: 'copy' | 'verify'
  /** Names that are done, of this many. */
  readonly names: number
  readonly of: number
  /** Cells written, or in `'verify'` those of the source read. */
  readonly cells: number
}

/** What a migration has done. */
export interface MigrationResult {
  readonly plan: MigrationPlan
  /** When it began, in Unix seconds; if it was resumed, when the first run began. What was written since may be missing: pass it as `since`. */
  readonly started: number
  /** Names moved, and cells written, with those of the runs before it was resumed. */
  readonly names: number
  readonly cells: number
  /** Cells whose buckets have expired under the target's retention, and were not carried over. */
  readonly expired: number
  /** With `verify`. */
  readonly verified?: Verification
}

/** The digests of both sides: of all cells that both keep. */
export interface Verification {
  readonly equal: boolean
  /** Of what the source has, as the target should have it. */
  readonly source: Digest
  readonly target: Digest
}
