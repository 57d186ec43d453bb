import type { Interval } from '@kairos/core/calls'
import type { Conversion } from './conversion.ts'
import type { Side } from './sides.ts'
import type { MigrationNote, PlannedInterval } from './types.ts'

/** How an interval of the target is filled. */
export interface Route {
  readonly target: Interval
  /** Without its resolution, where only whole buckets of the source serve. */
  readonly source: Interval
  readonly how: PlannedInterval['how']
}

/** All that is known before anything is read. */
export interface Routes {
  readonly source: Side
  readonly target: Side
  readonly conversion: Conversion
  readonly routes: readonly Route[]
  readonly notes: readonly MigrationNote[]
}
