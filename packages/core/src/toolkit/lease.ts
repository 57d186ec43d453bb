import { pause } from '../calls/pause.ts'
import { configChangedFailure, failedStore } from './failures.ts'
import { monotonicNow } from './monotonic-now.ts'

/** How long a process trusts the records that it saw last, in milliseconds; the default of a driver's option `lease`. */
export const LEASE_TIME = 5_000

/** The clock on the wall: the monotonic one stops while the machine sleeps. Captured as the module loads, as that one is. */
const wallNow: () => number = Date.now

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
  /**
   * Await this right after the answer to a request: resolves, or is undefined, if the records were current when it came. Either the lease was not over by
   * then, or a look that began afterwards found them standing. So the process that replaces the records next sees what the request did.
   * @throws as `check` does
   */
  confirm(): Promise<void> | undefined
}

/**
 * For stores that cannot check a request against its record in one step. A process reads its records again every `milliseconds`. A process that
 * replaces records marks them as closing, waits with `outlastLeases` until no process can still rely on an older look, checks for live cells, and
 * swaps. `check` before a request keeps a stale process from working in vain; only `confirm` after the answer makes an acknowledgement true however
 * long the process, its connection or the request stalled in between: `leasedStore` does both. One gap remains: a process all of whose clocks
 * stopped, as those of a virtual machine that was paused.
 *
 * @param look reads the state of the records. Its answer counts from the moment the request was made. It rejects with a StoreFailure.
 * @example
 * const lease = createLease(() => readState(), options.lease)
 * return { store: leasedStore(store, lease, { timeout }), records }
 */
export function createLease(look: () => Promise<RecordState>, milliseconds: number = LEASE_TIME): Lease {
  // The store has just opened, with these records.
  let until = endOf(monotonicNow(), wallNow())
  let looking: { readonly asked: number; readonly answer: Promise<void> } | undefined
  let replaced = false

  /** By both clocks: whichever says first that it is over is right, or costs a look. */
  function endOf(monotonic: number, wall: number) {
    return { monotonic: monotonic + milliseconds, wall: wall + milliseconds }
  }

  const isOver = (): boolean => monotonicNow() >= until.monotonic || wallNow() >= until.wall

  async function renew(end: typeof until): Promise<void> {
    const state = await look()
    if (state === 'standing') until = end
    else if (state === 'closing') throw failedStore('another process is replacing the configuration', 'later')
    else replaced = true
    if (replaced) throw configChangedFailure()
  }

  /** One look for all callers meanwhile. */
  function lookNow(): Promise<void> {
    if (looking !== undefined) return looking.answer
    const asked = monotonicNow()
    const answer = renew(endOf(asked, wallNow())).finally(() => {
      looking = undefined
    })
    looking = { asked, answer }
    return answer
  }

  /** A look that began before the answer came says nothing of the time in between. */
  async function lookAfter(answered: number): Promise<void> {
    while (looking !== undefined && looking.asked < answered) await looking.answer.catch(() => {})
    if (replaced) throw configChangedFailure()
    if (isOver()) await lookNow()
  }

  return {
    check() {
      if (replaced) return Promise.reject(configChangedFailure())
      return isOver() ? lookNow() : undefined
    },
    confirm() {
      if (replaced) return Promise.reject(configChangedFailure())
      return isOver() ? lookAfter(monotonicNow()) : undefined
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
