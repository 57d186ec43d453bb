import type { CellWrite, StoreFailure, WriteFailure } from '../contract/cells.ts'

/** What a read, `open`, `delete` or `sweep` rejects with. `retry` tells core whether the same call may succeed: at once, after a pause, or never. */
export function failedStore(message: string, retry: StoreFailure['retry'], cause?: unknown): StoreFailure {
  return Object.assign(new Error(message, { cause }), { retry })
}

/** What `write` rejects with. Cells in neither list count as stored, so name all of which that is not certain. */
export function failedWrite(
  message: string,
  fault: {
    readonly retry: StoreFailure['retry']
    readonly notApplied?: readonly CellWrite[]
    readonly maybeApplied?: readonly CellWrite[]
    readonly cause?: unknown
  },
): WriteFailure {
  return Object.assign(failedStore(message, fault.retry, fault.cause), {
    notApplied: fault.notApplied ?? [],
    maybeApplied: fault.maybeApplied ?? [],
  })
}

/** What every call of a store rejects with whose record was replaced by another process since it opened. */
export function configChangedFailure(): StoreFailure {
  return Object.assign(failedStore('the configuration that this store was opened with was replaced', 'never'), {
    configChanged: true,
  })
}
