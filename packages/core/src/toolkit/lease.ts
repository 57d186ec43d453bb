import { pause } from '../calls/pause.ts'
import { configChangedFailure, failedStore } from './failures.ts'

/** How long a process goes by the records it saw last, in milliseconds, unless a driver's option says otherwise. */
export const LEASE_TIME = 5_000

/** A clock that nobody sets; captured as the module loads, so that a test's fake timers do not stop it. */
const monotonicNow: () => number = performance.now.bind(performance)

/**
 * How the records of an opened store stand: as they were when it opened; marked by a process that is about to replace them; or replaced, which
 * is for good.
 */
export type RecordState = 'standing' | 'closing' | 'replaced'

/** What keeps the calls of a process that opened long ago off records that were replaced since. */
export interface Lease {
  /**
   * To be awaited right before each request of a CellStore. Undefined while the last look is recent enough, so that the hot path costs a comparison.
   * @throws StoreFailure with `configChanged` where the records were replaced, now and ever after; with `retry: 'later'` while a process is
   * about to replace them; and what `look` throws
   */
  check(): Promise<void> | undefined
}

/**
 * For stores that cannot hold a write against its record in the same step: a process that writes looks at its records again every
 * `milliseconds`; one that replaces records marks them as closing, waits with `outlastLeases` until no process can still go by an older look,
 * checks for live cells, and swaps. What stays open: a process that is frozen for longer than the margin between its look and its write.
 *
 * @param look how the records stand now: one small read. Its answer counts from the moment it was asked for.
 */
export function createLease(look: () => Promise<RecordState>, milliseconds: number = LEASE_TIME): Lease {
  // The store has just opened, with records that stood.
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
      // One look for all that ask meanwhile.
      looking ??= renew().finally(() => {
        looking = undefined
      })
      return looking
    },
  }
}

/** Waits until every process has either looked at the records since they were marked, or holds no lease any more. */
export function outlastLeases(milliseconds: number = LEASE_TIME, signal?: AbortSignal): Promise<void> {
  return pause(milliseconds + Math.min(MARGIN, milliseconds), signal)
}

/** For what was sent at the end of a lease, in milliseconds; tests, whose leases are short, need less. */
const MARGIN = 1_000
