import { CONFLICT, LOST, REFUSED, UNAVAILABLE, type Verdict } from '../kysely/failures.ts'

/** Deadlock, lock wait timeout, record or table changed since last read; another member of a group was first; a lock that is not free. */
const CONFLICTS = [1213, 1205, 1020, 1412, 3101, 3572]
/**
 * Too many connections, transactions or locks; a member that is not ready; read-only or offline, as a replica is. And a session that was idle
 * for too long: ended before the server looked at the statement.
 */
const UNAVAILABLES = [1040, 1047, 1203, 1206, 1226, 1290, 1637, 1792, 1836, 3032, 3100, 4031]
/** The connection or the statement was killed, the server shuts down, or the commit met an error: the statement may have been committed. */
const LOSSES = [1053, 1152, 1158, 1159, 1160, 1161, 1180, 1317, 1927, 2006, 2013, 3168]
/** How mysql2 refuses a query on a connection that has ended: it sends nothing. */
const NOT_SENT = /in closed state$/

/** Only what the server answers has an SQL state. */
export function errnoOf(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('errno' in error) || !('sqlState' in error)) return null
  return Number(error.errno)
}

export function classify(error: unknown): Verdict {
  const code = errnoOf(error)
  // It comes from the client: unless that says that it sent nothing, the answer is unknown.
  if (code === null) return error instanceof Error && NOT_SENT.test(error.message) ? UNAVAILABLE : LOST
  if (CONFLICTS.includes(code)) return CONFLICT
  if (UNAVAILABLES.includes(code)) return UNAVAILABLE
  return LOSSES.includes(code) || (error as { readonly fatal?: unknown }).fatal === true ? LOST : REFUSED
}
