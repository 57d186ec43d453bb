import { messageOf, type StoreFailure } from '@kairos/core/driver'

/** Another write inserted the same document first. */
export const DUPLICATE_KEY = 11000
/** The update would add to something that is not a number: to a closed chunk. */
export const NOT_A_NUMBER = 14
/** The document would exceed 16 MB: found before an update is stored, after it, or when the document is inserted. */
export const TOO_LARGE: ReadonlySet<number> = new Set([10334, 17419, 17420])
export const NO_SUCH_COMMAND = 59
export const NO_SUCH_COLLECTION = 26
/** Not allowed, and not logged in. */
export const UNAUTHORIZED: ReadonlySet<number> = new Set([13, 18])
export const NO_SUCH_NAMESPACE = 73
/** The transaction has ended, or never began. */
export const NO_TRANSACTION = 251

/** The same call may succeed a little later: the server ran out of time, or was busy with another write; */
const PASSING: ReadonlySet<number> = new Set([
  ...[24, 46, 50, 112, 202, 262],
  // it is stepping down, shutting down, or cannot be reached from the server that was asked;
  ...[6, 7, 89, 91, 133, 134, 189, 9001, 10107, 11600, 11601, 11602, 13388, 13435, 13436],
  // it has killed a cursor or a plan, or moved the data;
  ...[43, 63, 136, 150, 175, 237],
  // it is shedding load.
  ...[384, 462],
])
/** Labels of errors that may be gone when the call is made again. */
const PASSING_LABELS = ['RetryableWriteError', 'RetryableError', 'SystemOverloadedError']
const PASSING_NAMES: ReadonlySet<string> = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoPoolClearedError',
  'MongoPoolClosedError',
  'MongoServerSelectionError',
  'MongoWaitQueueTimeoutError',
  'MongoOperationTimeoutError',
  'NoAnswerError',
  'MongoWriteConcernError',
])
/** A request that was certainly not sent. */
export class UnsentError extends Error {
  override readonly name = 'UnsentError'
  override readonly cause: Error

  constructor(error: Error) {
    super(messageOf(error))
    this.cause = error
  }
}

/** What ended a bulk write: the client wraps it, and drops its name and its labels. */
export function unwrapped(error: unknown): unknown {
  return error instanceof Error && 'errorResponse' in error && error.errorResponse instanceof Error
    ? error.errorResponse
    : error
}

export function retryAfter(code: number): StoreFailure['retry'] {
  return PASSING.has(code) ? 'later' : 'never'
}

/** Whether a call that failed with this may succeed if it is repeated. */
export function retryOf(error: unknown): StoreFailure['retry'] {
  if (!(error instanceof Error)) return 'never'
  if (isStoreFailure(error)) return error.retry
  if (error instanceof UnsentError) return retryOf(error.cause)
  if (PASSING_NAMES.has(error.name) || PASSING_LABELS.some((label) => hasLabel(error, label))) return 'later'
  return retryAfter(codeOf(error))
}

/** The server's code; 0 if there is none. */
export function codeOf(error: unknown): number {
  if (error instanceof UnsentError) return codeOf(error.cause)
  return error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : 0
}

/** The server's code for each entry of a bulk write that it refused; null if the answer lists none. */
export function writeErrorsIn(error: unknown): ReadonlyMap<number, number> | null {
  if (!(error instanceof Error) || !('writeErrors' in error)) return null
  const errors = [error.writeErrors].flat() as { readonly index: number; readonly code: number }[]
  return errors.length === 0 ? null : new Map(errors.map(({ index, code }) => [index, Number(code)]))
}

/** The server's error about a write that too few members acknowledged in time; null if there is none. */
export function writeConcernErrorIn(error: unknown): unknown {
  if (!(error instanceof Error) || !('result' in error)) return null
  const result = error.result as { getWriteConcernError?: () => unknown } | undefined
  return result?.getWriteConcernError?.() ?? null
}

export function isStoreFailure(error: unknown): error is StoreFailure {
  return error instanceof Error && 'retry' in error
}

export function hasLabel(error: Error, label: string): boolean {
  return 'hasErrorLabel' in error && typeof error.hasErrorLabel === 'function' && error.hasErrorLabel(label) === true
}
