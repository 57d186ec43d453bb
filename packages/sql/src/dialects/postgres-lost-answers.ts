import { CONFLICT, LOST, REFUSED, UNAVAILABLE, type Verdict } from '../kysely/verdict.ts'

/** A serialization failure, a deadlock, a lock that is not free. */
const CONFLICTS = ['40001', '40P01', '55P03', '55006']
/**
 * Too many connections, not enough memory, a server that is starting or a standby: it may work later, or on another server. Also a session that was
 * idle for too long, in a transaction or not, which the server ended before it looked at the statement.
 */
const UNAVAILABLES = /^(53...|57P0[35]|25006|25P0[34])$/
/** The connection or the server ended, or the server does not know whether the statement was carried out. */
const LOSSES = /^(08...|57P0[12]|40003)$/
/** pg's error for a query on a closed client, which it does not send. */
const NOT_SENT = / is not queryable$/

/** The SQL state of an error; null if the error is not the server's, since only those have a severity. */
export function codeOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('severity' in error) || !('code' in error)) return null
  return String(error.code)
}

/** What an error of PostgreSQL, PGlite or pg says about the statement. */
export function classify(error: unknown): Verdict {
  const code = codeOf(error)
  // The client's own error: in doubt, unless it says that nothing was sent.
  if (code === null) return error instanceof Error && NOT_SENT.test(error.message) ? UNAVAILABLE : LOST
  if (CONFLICTS.includes(code)) return CONFLICT
  if (UNAVAILABLES.test(code)) return UNAVAILABLE
  return LOSSES.test(code) ? LOST : REFUSED
}
