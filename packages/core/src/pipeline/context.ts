import type { CallMessage } from '../api/diagnostics.ts'
import type { StepOptions } from '../calls/attempts.ts'
import type { CallGate } from '../calls/call-gate.ts'
import type { DriverCallOptions } from '../contract/call-options.ts'
import type { CellStore, OldestLive, StorageDriver } from '../contract/cells.ts'
import type { KairosError } from '../errors.ts'
import type { Retention } from '../retention.ts'
import type { Settings } from '../settings.ts'
import type { Normaliser } from './check-values.ts'

/** How one call uses the store. */
export interface CallPlan {
  /** What is passed to the driver. */
  readonly callOptions: DriverCallOptions
  /** In milliseconds; undefined: that of the timeseries. */
  readonly patience: number | undefined
  /** For diagnostics: the calls that have this plan; undefined while nobody subscribes. */
  readonly messages?: readonly CallMessage[] | undefined
}

/** What every call of one timeseries works with, once its driver is there. */
export interface Context {
  readonly settings: Settings
  readonly retention: Retention
  readonly driver: StorageDriver
  readonly normalise: Normaliser
  readonly calls: CallGate
  /** Undefined until `open` has succeeded, and while a call that waited for it has not gone on: a later one must not overtake it. */
  readonly opened: CellStore | undefined
  /** Why there is no driver: then `driver` only stands in for it. */
  readonly failed: KairosError | undefined
  /**
   * Connects on first use; a failure is tried again by the next call. The call waits no longer than its plan allows,
   * but for one that has nothing else to wait for (`unbounded`).
   */
  open(plan: CallPlan, unbounded?: boolean): Promise<CellStore>
  /** To be called after `open` has resolved, as soon as the store was called. */
  resumed(): void
  /** Set by the writing part: sends at once what waits for an earlier batch, for a call that must not overtake it. */
  group: { sendWaiting(): void } | undefined
  /**
   * To be called when a batch is stored, with the buckets that were live: sweeps what has expired, beside the writes. Absent where
   * nothing has to be swept.
   */
  readonly sweepBeside?: ((oldestLive: OldestLive) => void) | undefined
  /** Ends the timeseries, because the configuration it was opened with was replaced. */
  refuse(error: KairosError): void
}

/** The limits of one step of a call, and what diagnostics say about it. A `single` step is never retried. */
export function stepOf(
  { driver, settings, calls }: Context,
  plan: CallPlan,
  operation: string,
  method: keyof CellStore | 'open',
  single = false,
): StepOptions {
  return {
    driver: driver.id,
    operation,
    method,
    timeseries: settings.name,
    callers: plan.messages,
    signal: plan.callOptions.signal,
    patience: plan.patience ?? settings.patience,
    single,
    onRetry: settings.onRetry,
    calls,
  }
}
