import { CONFLICT, LOST, REFUSED, UNAVAILABLE, type Verdict } from '../kysely/failures.ts'

/** A serialization failure, a deadlock, a lock that is not free. */
const CONFLICTS = ['40001', '40P01', '55P03', '55006']
/**
 * Too many connections or no memory, starting up, a standby: at another moment, or another server, it may work. And a session that was idle for
 * too long, alone or in a transaction: ended before the server looked at the statement.
 */
const UNAVAILABLES = /^(53...|57P0[35]|25006|25P0[34])$/
/** The connection, or the server itself, ended; or the server does not know whether the statement was carried out. */
const LOSSES = /^(08...|57P0[12]|40003)$/
/** How pg refuses a query on a client that has ended: it sends nothing. */
const NOT_SENT = / is not queryable$/

/** Only what the server answers has a severity. */
export function codeOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('severity' in error) || !('code' in error)) return null
  return String(error.code)
}

export function classify(error: unknown): Verdict {
  const code = codeOf(error)
  // It comes from the client: unless that says that it sent nothing, the answer is unknown.
  if (code === null) return error instanceof Error && NOT_SENT.test(error.message) ? UNAVAILABLE : LOST
  if (CONFLICTS.includes(code)) return CONFLICT
  if (UNAVAILABLES.test(code)) return UNAVAILABLE
  return LOSSES.test(code) ? LOST : REFUSED
}
