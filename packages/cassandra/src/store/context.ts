import type { StoreSchema, TimeseriesType } from '@kairos/core/driver'
import type { ServerClock } from '../connection/server-clock.ts'
import type { Session } from '../connection/session.ts'
import type { Folding } from '../folding/folding.ts'
import type { WriterLease } from '../folding/writer-lease.ts'
import type { Registry } from '../registry/registry.ts'
import type { Windowing } from '../registry/windows.ts'
import type { Layout } from '../schema/table.ts'
import type { Timings } from '../timings.ts'

/** What all timeseries of a driver with one `tableName`, or of one type, share. */
export interface SharedContext {
  readonly session: Session
  readonly clock: ServerClock
  readonly lease: WriterLease
  readonly folding: Folding
  readonly timings: Timings
  /** This process folds only rows of writers in this data center. */
  readonly dataCenter: string
}

/** An opened timeseries: its table, and how its intervals are laid out in it. */
export interface StoreContext extends SharedContext {
  readonly registry: Registry
  readonly schema: StoreSchema<TimeseriesType>
  readonly layout: Layout
  /** False if another configuration is recorded whose table was never created: then there is no data. */
  readonly hasTable: boolean
  readonly windowings: Readonly<Record<string, Windowing>>
  /** The key that an interval's cells are stored under; a replaced record starts a new one. */
  intervalKey(interval: string): string
}
