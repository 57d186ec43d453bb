import { KairosError } from '../errors.ts'
import { isObject } from '../internal/kinds.ts'

/** Whether another process has replaced the record that the store was opened with. */
export function isConfigChanged(error: unknown): boolean {
  return isObject(error) && 'configChanged' in error && error.configChanged === true
}

/** Whether the database has ended the caller's transaction, with all that was written in it. */
export function isTransactionEnded(error: unknown): boolean {
  return isObject(error) && 'transactionEnded' in error && error.transactionEnded === true
}

/** Whether an error counts whatever ended the step that it came from. */
export function isFinal(error: unknown): boolean {
  return KairosError.is(error) || isConfigChanged(error) || isTransactionEnded(error)
}
