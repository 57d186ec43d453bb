import { CONFLICT, LOST, REFUSED, type Verdict } from '../kysely/verdict.ts'

/** Primary result codes of SQLite: one client reports their names, the other their numbers. */
const CODES: Readonly<Record<string, number>> = {
  SQLITE_BUSY: 5,
  SQLITE_LOCKED: 6,
  SQLITE_IOERR: 10,
  SQLITE_PROTOCOL: 15,
  SQLITE_SCHEMA: 17,
}
/** Another connection is writing, or has just changed the tables. */
const CONFLICTS: readonly number[] = [
  CODES.SQLITE_BUSY!,
  CODES.SQLITE_LOCKED!,
  CODES.SQLITE_PROTOCOL!,
  CODES.SQLITE_SCHEMA!,
]

/** What an error of SQLite says about the statement. */
export function classify(error: unknown): Verdict {
  const code = primaryCode(error)
  if (code === null) return REFUSED
  if (CONFLICTS.includes(code)) return CONFLICT
  // It is unknown what reached the disk, and a retry will not repair it.
  return code === CODES.SQLITE_IOERR ? { ...LOST, retry: 'never' } : REFUSED
}

function primaryCode(error: unknown): number | null {
  if (typeof error !== 'object' || error === null) return null
  if ('errcode' in error && typeof error.errcode === 'number') return error.errcode & 0xff
  if (!('code' in error) || typeof error.code !== 'string') return null
  return CODES[error.code.split('_', 2).join('_')] ?? null
}
