import { failedStore, invalidOption, isRecord, type StoreFailure } from '@kairos/core/driver'
import type { MongoSessionLike } from './client.ts'

/** A caller's session, as one call uses it. */
export interface JoinedSession {
  readonly session: MongoSessionLike
  /** Whether it was in a transaction when the call began. */
  readonly inTransaction: boolean
  /**
   * Of each request: a session outlives its transactions, so what is sent after the end of one would be stored at once, or in the next one.
   * @throws StoreFailure
   */
  check(): void
}

/** What a client says of a transaction that was aborted, until the session is used again. */
const ABORTED = 'TRANSACTION_ABORTED'

/**
 * Begins a call in a session.
 * @throws KAIROS_INVALID_CONFIG unless it can be used with the client
 */
export function joinSession(session: unknown, client: object | undefined): JoinedSession {
  if (!isSession(session)) throw refused('a ClientSession of the package mongodb', session)
  if (session.hasEnded === true) throw refused('a session that has not ended', session)
  if (client !== undefined && session.client !== undefined && session.client !== client)
    throw refused("a session of the driver's own client", session, 'pass the driver the MongoClient that it is of')
  const begun = transactionOf(session)
  return {
    session,
    inTransaction: begun !== null,
    check() {
      const current = transactionOf(session)
      // A call that began after an abort is refused too: it may belong to what was aborted.
      if (current === begun && !(current === null && session.transaction?.state === ABORTED)) return
      const { state } = (begun ?? session.transaction ?? {}) as { readonly state?: string }
      throw state === ABORTED ? rolledBack() : failedStore(MEANWHILE, 'never')
    },
  }
}

const MEANWHILE =
  'the transaction of the session began or ended while this call was being made; await each call before you begin, commit or abort one'

function rolledBack(): StoreFailure {
  const failure = failedStore('the transaction of the session was aborted; begin a new one', 'never')
  return Object.assign(failure, { transactionEnded: true })
}

/** The same object for as long as the transaction lasts; null: there is none. */
function transactionOf(session: MongoSessionLike): object | null {
  return session.inTransaction() ? (session.transaction ?? session) : null
}

function isSession(value: unknown): value is MongoSessionLike {
  return isRecord(value) && typeof value.inTransaction === 'function'
}

function refused(expected: string, value: unknown, remedy?: string): Error {
  return invalidOption({ driver: 'mongo', path: 'session', expected, value, ...(remedy && { remedy }) })
}
