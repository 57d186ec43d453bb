import type { StoreFailure } from '@kairos/core/driver'

/**
 * What an error says about the statement that failed. Which error is which differs between databases: see `postgres-lost-answers.ts` and its siblings in
 * `dialects/`.
 */
export interface Verdict {
  readonly retry: StoreFailure['retry']
  /** Whether the statement may have been carried out: its answer was lost. */
  readonly inDoubt: boolean
}

/** The server answered with an error: nothing was carried out. */
export const REFUSED: Verdict = { retry: 'never', inDoubt: false }
/** Another session was in the way; nothing was carried out. Retried later, with jitter, since the two would collide again. */
export const CONFLICT: Verdict = { retry: 'later', inDoubt: false }
/** The server was not ready, or the connection ended before the statement was sent or before the server looked at it. */
export const UNAVAILABLE: Verdict = { retry: 'later', inDoubt: false }
/** The connection ended before the answer came. */
export const LOST: Verdict = { retry: 'later', inDoubt: true }
