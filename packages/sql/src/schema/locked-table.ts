import type { Session } from '../connection/session.ts'
import { RECORDS } from '../dialects/identifiers.ts'
import type { Table } from '../dialects/table.ts'
import { rawQuery } from '../kysely/query.ts'
import { type Place, qualified } from './place.ts'

/** Runs `work` while the table and the table of records are locked, against reads too. Used within `Database.exclusively`. */
export async function lockedTable<T>(
  session: Session,
  place: Place,
  { name }: Pick<Table, 'name'>,
  work: () => Promise<T>,
): Promise<T> {
  const { lock, unlock } = place.dialect.tableLock(name, qualified(place, RECORDS))
  try {
    for (const text of lock) await session.execute(rawQuery(text))
    return await work()
  } finally {
    for (const text of unlock) await session.execute(rawQuery(text)).catch(() => {})
  }
}
