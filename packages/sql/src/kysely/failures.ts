import { failedStore, messageOf, type StoreFailure } from '@kairos/core/driver'

/** What a database's error says of the statement that met it. */
export interface Verdict {
  readonly retry: StoreFailure['retry']
  /** The statement may have been carried out all the same: its answer was lost. */
  readonly inDoubt: boolean
}

/** The statement was answered, with an error: nothing of it was carried out. */
export const REFUSED: Verdict = { retry: 'never', inDoubt: false }
/** Somebody else was in the way; nothing was carried out. Later, with jitter, since both would meet again. */
export const CONFLICT: Verdict = { retry: 'later', inDoubt: false }
/** The server cannot serve now, and said so; or the connection ended before the statement was sent, or before the server looked at it. */
export const UNAVAILABLE: Verdict = { retry: 'later', inDoubt: false }
/** The connection ended before the answer came. */
export const LOST: Verdict = { retry: 'later', inDoubt: true }

/** What statements reject with. */
export interface SqlFailure extends StoreFailure, Verdict {
  readonly retry: StoreFailure['retry']
}

export function sqlFailure(cause: unknown, { retry, inDoubt }: Verdict): SqlFailure {
  return Object.assign(failedStore(messageOf(cause), retry, cause), { inDoubt })
}

export function isSqlFailure(error: unknown): error is SqlFailure {
  return error instanceof Error && 'inDoubt' in error && 'retry' in error
}
