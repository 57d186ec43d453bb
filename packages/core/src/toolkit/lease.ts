import { pause } from '../calls/pause.ts'
import { configChangedFailure, failedStore } from './failures.ts'

/** How long a process trusts the records that it saw last, in milliseconds; the default of a driver's option `lease`. */
export const LEASE_TIME = 5_000

/** The monotonic clock, captured when the module loads, so that a test's fake timers do not stop it. */
const monotonicNow: () => number = performance.now.bind(performance)

/**
 * The state of an opened store's records: as they were when it opened, marked by a process that is about to replace them, or replaced for good.
 */
export type RecordState = 'standing' | 'closing' | 'replaced'

/** Keeps a process from working with records that were replaced after it opened the store. */
export interface Lease {
  /**
   * Await this right before each request of a CellStore. Undefined while the last look is recent enough, so that the hot path costs a comparison.
   * @throws StoreFailure with `configChanged` once the records were replaced; with `retry: 'later'` while a process is
   * about to replace them; and what `look` throws
   */
  check(): Promise<void> | undefined
}

/**
 * For stores that cannot check a write against its record in one step. A process that writes reads its records again every `milliseconds`.
 * A process that replaces records marks them as closing, waits with `outlastLeases` until no process can still rely on an older look, checks
 * for live cells, and swaps. One gap remains: a process that is frozen between its look and its write for longer than the margin.
 *
 * @param look reads the state of the records. Its answer counts from the moment the request was made.
 * @example
 * const lease = createLease(() => readState(), options.lease)
 * await lease.check()
 */
export function createLease(look: () => Promise<RecordState>, milliseconds: number = LEASE_TIME): Lease {
  // The store has just opened, with these records.
  let until = monotonicNow() + milliseconds
  let looking: Promise<void> | undefined
  let replaced = false

  async function renew(): Promise<void> {
    const asked = monotonicNow()
    const state = await look()
    if (state === 'standing') until = asked + milliseconds
    else if (state === 'closing') throw failedStore('another process is replacing the configuration', 'later')
    else replaced = true
    if (replaced) throw configChangedFailure()
  }

  return {
    check() {
      if (replaced) return Promise.reject(configChangedFailure())
      if (monotonicNow() < until) return undefined
      // One look for all callers meanwhile.
      looking ??= renew().finally(() => {
        looking = undefined
      })
      return looking
    },
  }
}

/**
 * Waits until every process has either read the records since they were marked, or has lost its lease.
 * @example `await outlastLeases(options.lease, signal)`
 */
export function outlastLeases(milliseconds: number = LEASE_TIME, signal?: AbortSignal): Promise<void> {
  return pause(milliseconds + Math.min(MARGIN, milliseconds), signal)
}

/** For requests sent at the end of a lease, in milliseconds; tests with short leases need less. */
const MARGIN = 1_000
