import type { CellStore, StorageDriver } from '../contract/cells.ts'
import type { Retention } from '../retention.ts'
import type { Settings } from '../settings.ts'
import type { Normaliser } from './check-values.ts'

/** What every call of one timeseries works with, once its driver is there. */
export interface Context {
  readonly settings: Settings
  readonly retention: Retention
  readonly driver: StorageDriver
  readonly normalise: Normaliser
  /** Undefined until `open` has succeeded. */
  readonly opened: CellStore | undefined
  /** Connects on first use; a failure is tried again by the next call. */
  open(signal: AbortSignal | undefined): Promise<CellStore>
}
