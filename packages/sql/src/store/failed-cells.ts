import { type CellPosition, failedWrite, type WriteFailure } from '@kairos/core/driver'
import { hasEndedTransaction, type SqlFailure } from '../kysely/failures.ts'

/** What a write of these cells rejects with: all of them have the same fate. */
export function failedCells<Cell extends CellPosition>(error: SqlFailure, cells: readonly Cell[]): WriteFailure<Cell> {
  return failedWrite(error.message, {
    retry: error.retry,
    cause: error.cause,
    transactionEnded: hasEndedTransaction(error),
    ...(error.inDoubt ? { maybeApplied: cells } : { notApplied: cells }),
  })
}
