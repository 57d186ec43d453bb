import type { Stretch } from '@kairos/core/calls'
import type { AnyTimeseries, CellSource } from '../cells/source.ts'
import type { CheckedOptions } from './options.ts'
import type { Routes } from './route.ts'
import type { MigrationPlan } from './types.ts'

/** A migration that is checked and planned. */
export interface Migration {
  readonly source: CellSource
  readonly target: AnyTimeseries
  readonly options: CheckedOptions
  readonly routes: Routes
  readonly plan: MigrationPlan
  readonly stretch: Stretch
}
