import { KairosError } from '@kairos/core'
import { failedStore, messageOf, type StoreFailure } from '@kairos/core/driver'

/** Of two who make the same document, the server refuses one. */
export const DUPLICATE_KEY = 11000
/** The update would add to what is no number: a closed chunk. */
export const NOT_A_NUMBER = 14

/** Servers that step down, shut down or are busy with another write: the same call may succeed a little later. */
const PASSING: ReadonlySet<number> = new Set([
  6, 7, 89, 91, 112, 134, 189, 262, 9001, 10107, 11600, 11602, 13388, 13435, 13436,
])
/** A whole command that the server refused before it began: not allowed, not logged in, unknown, no such namespace. */
const REFUSED: ReadonlySet<number> = new Set([13, 18, 59, 73])

const PASSING_NAMES: ReadonlySet<string> = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoPoolClearedError',
  'MongoPoolClosedError',
  'MongoServerSelectionError',
  'MongoWaitQueueTimeoutError',
  'MongoOperationTimeoutError',
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
  if (PASSING_NAMES.has(error.name)) return 'later'
  return retryAfter(codeOf(error))
}

/** Whether the failed command certainly changed nothing. */
export function changedNothing(error: unknown): boolean {
  if (!(error instanceof Error)) return false
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

/** A read, `open` or `delete`: what it throws says whether trying again may help. */
export async function asStoreCall<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    if (KairosError.is(error)) throw error
    throw failedStore(messageOf(error), retryOf(error), error)
  }
}

function hasLabel(error: Error, label: string): boolean {
  return 'hasErrorLabel' in error && typeof error.hasErrorLabel === 'function' && error.hasErrorLabel(label) === true
}
