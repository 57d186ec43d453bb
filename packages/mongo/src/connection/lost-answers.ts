import {
  codeOf,
  hasLabel,
  isStoreFailure,
  NO_SUCH_COMMAND,
  NO_SUCH_NAMESPACE,
  NO_TRANSACTION,
  UNAUTHORIZED,
  UnsentError,
} from './error-codes.ts'

/** What the client throws about its arguments, before it sends anything. */
const INVALID: ReadonlySet<string> = new Set([
  'BSONError',
  'BSONVersionError',
  'BSONOffsetError',
  'BSONRuntimeError',
  'MongoInvalidArgumentError',
])

/** Codes with which the server refuses a whole command before it changes anything. */
const REFUSED: ReadonlySet<number> = new Set([...UNAUTHORIZED, NO_SUCH_COMMAND, NO_SUCH_NAMESPACE, NO_TRANSACTION])

/** Whether the command that failed with this certainly changed nothing; otherwise its answer is lost, and it may have been applied. */
export function wasNotApplied(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  // A StoreFailure comes from a check before the request.
  if (isStoreFailure(error) || error instanceof UnsentError) return true
  return INVALID.has(error.name) || REFUSED.has(codeOf(error)) || hasLabel(error, 'NoWritesPerformed')
}

/**
 * Whether the answer to the last write was lost. Then the next write pings first: if the ping fails, that write was certainly not sent, which
 * the client's error for it would not say.
 */
export interface Health {
  doubtful: boolean
  /** Rejects unless the server answers. */
  ping(): Promise<void>
}
