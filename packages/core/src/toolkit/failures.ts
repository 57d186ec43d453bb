import type { CellPosition, CellWrite, StoreFailure, WriteFailure } from '../contract/cells.ts'

/**
 * What any call but `write` and `replace` rejects with. `retry` tells core whether the same call may succeed: at once, after a pause, or never.
 * @example `throw failedStore('no connection', 'later', error)`
 */
export function failedStore(message: string, retry: StoreFailure['retry'], cause?: unknown): StoreFailure {
  return Object.assign(new Error(message, { cause }), { retry })
}

/**
 * What `write` and `replace` reject with. Cells in neither list count as stored, so list every cell that may not be.
 * @example `throw failedWrite(messageOf(error), { retry: 'later', notApplied: batch.cells, cause: error })`
 */
export function failedWrite<Cell extends CellPosition = CellWrite>(
  message: string,
  fault: {
    readonly retry: StoreFailure['retry']
    readonly notApplied?: readonly Cell[]
    readonly maybeApplied?: readonly Cell[]
    readonly cause?: unknown
    readonly transactionEnded?: boolean
  },
): WriteFailure<Cell> {
  return Object.assign(failedStore(message, fault.retry, fault.cause), {
    notApplied: fault.notApplied ?? [],
    maybeApplied: fault.maybeApplied ?? [],
    ...(fault.transactionEnded && { transactionEnded: true }),
  })
}

/**
 * What every call of a store rejects with once another process has replaced the record that it was opened with.
 * @example `if (record !== schema.record) throw configChangedFailure()`
 */
export function configChangedFailure(): StoreFailure {
  return Object.assign(failedStore('the configuration that this store was opened with was replaced', 'never'), {
    configChanged: true,
  })
}

/** From the least hopeful on. */
const RETRIES: readonly StoreFailure['retry'][] = ['never', 'later', 'now']

/**
 * What a failure says of trying again that has several causes: core takes one hint for all that is left, so the least hopeful one counts. `now`
 * without any.
 * @example `throw failedWrite(message, { retry: worstRetry(failed.map(({ retry }) => retry)), notApplied })`
 */
export function worstRetry(retries: readonly StoreFailure['retry'][]): StoreFailure['retry'] {
  return RETRIES.find((retry) => retries.includes(retry)) ?? 'now'
}
