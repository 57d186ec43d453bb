import { CONFLICT, LOST, REFUSED, UNAVAILABLE, type Verdict } from '../kysely/verdict.ts'

/** A deadlock, a lock wait timeout, a record or table changed since the last read, another member of the group was first, a lock that is not free. */
const CONFLICTS = [1213, 1205, 1020, 1412, 3101, 3572]
/**
 * Too many connections, transactions or locks; a member that is not ready; a server that is read-only or offline, such as a replica. Also a session
 * that was idle for too long, which the server ended before it looked at the statement.
 */
const UNAVAILABLES = [1040, 1047, 1203, 1206, 1226, 1290, 1637, 1792, 1836, 3032, 3100, 4031]
/** The connection or the statement was killed, the server is shutting down, or the commit failed: the statement may have been committed. */
const LOSSES = [1053, 1152, 1158, 1159, 1160, 1161, 1180, 1317, 1927, 2006, 2013, 3168]
/** mysql2's error for a query on a closed connection, which it does not send. */
const NOT_SENT = /in closed state$/

/** MySQL's number of an error; null if the error is not the server's, since only those have an SQL state. */
export function errnoOf(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('errno' in error) || !('sqlState' in error)) return null
  return Number(error.errno)
}

/** What an error of MySQL, MariaDB or mysql2 says about the statement. */
export function classify(error: unknown): Verdict {
  const code = errnoOf(error)
  // The client's own error: in doubt, unless it says that nothing was sent.
  if (code === null) return error instanceof Error && NOT_SENT.test(error.message) ? UNAVAILABLE : LOST
  if (CONFLICTS.includes(code)) return CONFLICT
  if (UNAVAILABLES.includes(code)) return UNAVAILABLE
  return LOSSES.includes(code) || (error as { readonly fatal?: unknown }).fatal === true ? LOST : REFUSED
}
