import type { CellPosition, CellWrite, StoreFailure, WriteFailure } from '../contract/cells.ts'

/**
 * Whether the driver says that trying again may help; `'never'` for what is not a StoreFailure.
 * @example `if (retryOf(error) !== 'never') await again()`
 */
export function retryOf(error: unknown): StoreFailure['retry'] {
  const retry = error instanceof Error && 'retry' in error ? error.retry : 'never'
  return retry === 'now' || retry === 'later' ? retry : 'never'
}

/**
 * Whether a write says which cells are not known to be stored.
 * @example `const lost = isWriteFailure(error) ? error.maybeApplied : batch.cells`
 */
export function isWriteFailure<Cell extends CellPosition = CellWrite>(error: unknown): error is WriteFailure<Cell> {
  return (
    error instanceof Error &&
    'notApplied' in error &&
    Array.isArray(error.notApplied) &&
    'maybeApplied' in error &&
    Array.isArray(error.maybeApplied)
  )
}
