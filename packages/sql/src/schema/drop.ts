import type { Session } from '../connection/session.ts'
import { RECEIPTS, RECORDS } from '../dialects/identifiers.ts'
import { rawQuery } from '../kysely/query.ts'
import { newGeneration, renameGeneration } from './generation.ts'
import { lockedTable } from './locked-table.ts'
import type { OpenedTable } from './opened-table.ts'
import type { Place } from './place.ts'
import { removeRecord, removeRecords } from './records.ts'
import { removeInterval } from './remove-interval.ts'
import { checkAltered } from './replace-records.ts'

/**
 * Drops the table, and then deletes its records and ids of batches. The table gets another generation first, so that the database refuses the statements of
 * other processes from then on; afterwards it refuses them since the table is gone. A process that dies in between leaves records without cells.
 * @throws KAIROS_INVALID_CONFIG if `manageSchema` is false
 */
export async function dropTable(session: Session, place: Place, opened: OpenedTable | null): Promise<void> {
  checkAltered(place)
  if (opened !== null) {
    const { table } = opened
    await lockedTable(session, place, table, () => session.execute(renameGeneration(table, newGeneration())))
    // Outside the lock: MySQL 8.0.15 would wait for itself.
    await session.execute(rawQuery(`drop table ${table.name}`))
  }
  await removeRecords(session, place, RECORDS)
  await removeRecords(session, place, RECEIPTS)
}

/**
 * Deletes an interval's cells and its record. The table gets another generation, so that the database refuses the statements of processes that have
 * the interval open.
 * @throws KAIROS_INVALID_CONFIG if `manageSchema` is false
 */
export async function dropInterval(
  session: Session,
  place: Place,
  opened: OpenedTable | null,
  interval: string,
): Promise<void> {
  if (opened === null) return removeRecord(session, place, interval)
  const { table, stored } = opened
  if (!stored.has(interval)) return
  checkAltered(place)
  await lockedTable(session, place, table, async () => {
    // First, so that a process that dies after it leaves nothing that others would misread.
    await session.execute(renameGeneration(table, newGeneration()))
    await removeInterval(session, place, table, interval)
  })
}
