import type { TimeseriesType } from '../contract/cells.ts'

/** What became of a call or an attempt: `'timeout'` is the end of its patience, `'closed'` that of `close({ timeout })`. */
type Outcome = 'success' | 'failure' | 'aborted' | 'timeout' | 'closed'

/**
 * A message of the tracing channel `kairos:call`: a call of a timeseries, one object from its start to its end. An iteration is one call, from its first entry to
 * its last; each write of a buffer is a call `'flush'`.
 * @example tracingChannel<unknown, CallMessage>('kairos:call').subscribe(subscribers) // docs/guide/diagnostics.md
 */
export interface CallMessage {
  /** The timeseries' `name`. */
  readonly timeseries: string | undefined
  readonly type: TimeseriesType
  /** The method: `'insert'`, `'series'`, …; or `'flush'`. */
  readonly operation: string
  /** The names passed to the call, of objects the `name`; undefined: all, or those of its points or cells. */
  readonly names: readonly string[] | undefined
  /** How many cells it has written, read or deleted so far; deletions are only counted by `expire`. */
  readonly cells: number
  /** When it has ended. */
  readonly outcome?: Outcome
  /** What it resolved to, or was rejected with. */
  readonly result?: unknown
  readonly error?: unknown
}

/**
 * A message of the tracing channel `kairos:store`: one attempt at one call of a driver, one object from its start to its end.
 * @example tracingChannel<unknown, StoreMessage>('kairos:store').subscribe(subscribers) // docs/guide/diagnostics.md
 */
export interface StoreMessage {
  /** The driver's id: `'redis'`. */
  readonly driver: string
  /** The name of the timeseries that it is for. */
  readonly timeseries: string | undefined
  /** The method of the driver's contract: `'write'`, `'read'`, `'bounds'`, … */
  readonly operation: string
  /** 1 for the first. */
  readonly attempt: number
  /** How many cells it sends, or has returned; undefined for calls that have none. */
  readonly cells: number | undefined
  /** The calls that it serves: several if inserts share a batch; none if core itself sweeps, opens or closes. */
  readonly calls: readonly CallMessage[]
  /** When it has ended. After `'aborted'`, `'timeout'` or `'closed'` nothing waits for it any more, but the store may still execute it. */
  readonly outcome?: Outcome
  /** Of a failure: whether the driver says that trying again may help. */
  readonly retry?: 'now' | 'later' | 'never'
  /** What the driver resolved to, or was rejected with. */
  readonly result?: unknown
  readonly error?: unknown
}
