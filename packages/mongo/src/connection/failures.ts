import { KairosError } from '@kairos/core'
import { failedStore, messageOf, type StoreFailure } from '@kairos/core/driver'
import type { MongoModule } from './client.ts'
import type { Requests } from './requests.ts'

/** Of two who make the same document, the server refuses one. */
export const DUPLICATE_KEY = 11000
/** The update would add to what is no number: a closed chunk. */
export const NOT_A_NUMBER = 14
/** The document would be larger than 16 MB: found when it is written, after an update, or after one that makes it. */
export const TOO_LARGE: ReadonlySet<number> = new Set([10334, 17419, 17420])
/** The transaction has ended, or never began: what it was asked for changed nothing. */
const NO_TRANSACTION = 251

/** The same call may succeed a little later: the server had no time, or was busy with another write; */
const PASSING: ReadonlySet<number> = new Set([
  ...[24, 46, 50, 112, 202, 262],
  // it steps down, shuts down, or cannot be reached from the one that was asked;
  ...[6, 7, 89, 91, 133, 134, 189, 9001, 10107, 11600, 11601, 11602, 13388, 13435, 13436],
  // it has ended a cursor or a plan, or moved the data;
  ...[43, 63, 136, 150, 175, 237],
  // it sheds load.
  ...[384, 462],
])
/** What servers and the client say of an error that has passed when the call is made again. */
const PASSING_LABELS = ['RetryableWriteError', 'RetryableError', 'SystemOverloadedError']
export const NO_SUCH_COMMAND = 59
/** Not allowed, and not logged in. */
const UNAUTHORIZED: ReadonlySet<number> = new Set([13, 18])
const LOGIN =
  'log in by the URL, mongodb://user:password@host/database?authSource=admin, as a user with the role readWrite on the database'
/** A whole command that the server refused before it began: not allowed, not logged in, unknown, no such namespace. */
const REFUSED: ReadonlySet<number> = new Set([...UNAUTHORIZED, NO_SUCH_COMMAND, 73, NO_TRANSACTION])

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
/** What the client throws about its parameters, before it sends anything. */
const UNSENT_NAMES: ReadonlySet<string> = new Set([
  'BSONError',
  'BSONVersionError',
  'BSONOffsetError',
  'BSONRuntimeError',
  'MongoInvalidArgumentError',
])

export function retryAfter(code: number): StoreFailure['retry'] {
  return PASSING.has(code) ? 'later' : 'never'
}

/** Whether a call that failed with this may succeed when it is made again. */
export function retryOf(error: unknown): StoreFailure['retry'] {
  if (!(error instanceof Error)) return 'never'
  if (isStoreFailure(error)) return error.retry
  if (PASSING_NAMES.has(error.name) || PASSING_LABELS.some((label) => hasLabel(error, label))) return 'later'
  return retryAfter(codeOf(error))
}

/** Whether the failed command certainly changed nothing. */
export function changedNothing(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  // What a check throws before anything is sent.
  if (isStoreFailure(error)) return true
  return UNSENT_NAMES.has(error.name) || REFUSED.has(codeOf(error)) || hasLabel(error, 'NoWritesPerformed')
}

export function codeOf(error: unknown): number {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : 0
}

/** The server's code for each entry of a bulk write that it refused; null where the answer lists none. */
export function writeErrorsIn(error: unknown): ReadonlyMap<number, number> | null {
  if (!(error instanceof Error) || !('writeErrors' in error)) return null
  const errors = [error.writeErrors].flat() as { readonly index: number; readonly code: number }[]
  return errors.length === 0 ? null : new Map(errors.map(({ index, code }) => [index, Number(code)]))
}

/** What the server says of a write that not enough members have acknowledged in time; null: nothing. */
export function writeConcernErrorIn(error: unknown): unknown {
  if (!(error instanceof Error) || !('result' in error)) return null
  const result = error.result as { getWriteConcernError?: () => unknown } | undefined
  return result?.getWriteConcernError?.() ?? null
}

/** A failed read, `open` or `delete`, with whether trying again may help. */
export function storeFailure(error: unknown): Error {
  if (KairosError.is(error) || isStoreFailure(error)) return error
  return failedStore(reasonOf(error), retryOf(error), error)
}

/** What went wrong, and what to do about it where the server's own words do not say. */
export function reasonOf(error: unknown): string {
  return UNAUTHORIZED.has(codeOf(error)) ? `${messageOf(error)}; ${LOGIN}` : messageOf(error)
}

/** A call whose error says whether trying again may help. In a transaction that is for the transaction as a whole, which its caller repeats. */
export async function asStoreCall<T>(call: () => Promise<T>, requests?: Requests, module?: MongoModule): Promise<T> {
  try {
    return await call()
  } catch (error) {
    const failure = storeFailure(error)
    if (!requests?.inTransaction || module === undefined || !isStoreFailure(failure)) throw failure
    throw Object.assign(failure, transient(module, error))
  }
}

/** What lets the client's `withTransaction` see that the transaction may be repeated; nothing where that would not help. */
export function transient(module: Pick<MongoModule, 'MongoError'>, error: unknown): Pick<StoreFailure, 'clientError'> {
  const repeatable = error instanceof Error && (hasLabel(error, TRANSIENT) || retryOf(error) !== 'never')
  if (!repeatable) return {}
  const clientError = new module.MongoError(messageOf(error))
  clientError.addErrorLabel(TRANSIENT)
  return { clientError }
}

const TRANSIENT = 'TransientTransactionError'

export function isStoreFailure(error: unknown): error is StoreFailure {
  return error instanceof Error && 'retry' in error
}

function hasLabel(error: Error, label: string): boolean {
  return 'hasErrorLabel' in error && typeof error.hasErrorLabel === 'function' && error.hasErrorLabel(label) === true
}
