import { KairosError } from '@kairos/core'
import type { OldestLive, StoreSchema, TimeseriesType } from '@kairos/core/driver'
import type { Session } from '../connection/session.ts'
import type { Table } from '../dialects/table.ts'
import { rawQuery } from '../kysely/query.ts'
import { newGeneration, renameGeneration } from './generation.ts'
import { lockedTable } from './locked-table.ts'
import type { OpenedTable, Replacement } from './opened-table.ts'
import type { Place } from './place.ts'
import { OWN, putRecord, removeRecord } from './records.ts'
import { removeInterval } from './remove-interval.ts'

/**
 * Replaces the records that are still as `replace` says and cover no live cell. The table is locked meanwhile, against reads too. All other
 * statements wait, and those of a process that opened earlier are then refused: the table has another generation, or is gone. The order of the steps
 * ensures that a process that dies midway leaves records and a table that match.
 * @throws KAIROS_INVALID_CONFIG if something is to be replaced, and `manageSchema` is false
 */
export async function replaceRecords(
  session: Session,
  place: Place,
  opened: OpenedTable,
  schema: StoreSchema<TimeseriesType>,
  replacement: Replacement,
): Promise<void> {
  const outdated = await lockedTable(session, place, opened.table, () =>
    replaceLocked(session, place, opened, schema, replacement),
  )
  if (!outdated) return
  await session.execute(rawQuery(`drop table ${opened.table.name}`))
  await removeRecord(session, place, OWN)
}

/** Resolves to whether the table itself must be created again. */
async function replaceLocked(
  session: Session,
  place: Place,
  { table, records }: OpenedTable,
  { intervals }: StoreSchema<TimeseriesType>,
  { replace, oldestLive }: Replacement,
): Promise<boolean> {
  const coversNothing = async (names: readonly string[]): Promise<boolean> =>
    !(await holdsLiveCells(session, place, table, names, oldestLive))
  const recorded = Object.keys(records.intervals)
  const outdated = records.schema === replace.schema && (await coversNothing(recorded))
  const replaced: string[] = outdated ? recorded : []
  if (records.schema !== replace.schema) {
    for (const [interval, { record }] of Object.entries(intervals)) {
      const current = records.intervals[interval]
      if (current === undefined || current === record || current !== replace.intervals?.[interval]) continue
      if (await coversNothing([interval])) replaced.push(interval)
    }
  }
  if (!outdated && replaced.length === 0) return false
  checkAltered(place)
  // First, so that a process that dies after it leaves nothing that others would misread.
  await session.execute(renameGeneration(table, newGeneration()))
  for (const interval of replaced) {
    await removeInterval(session, place, table, interval)
    if (outdated) continue
    const { record, facts } = intervals[interval]!
    await putRecord(session, place, interval, { document: record, facts })
  }
  return outdated
}

async function holdsLiveCells(
  session: Session,
  { dialect }: Place,
  { name }: Table,
  intervals: readonly string[],
  oldestLive: OldestLive,
): Promise<boolean> {
  const edges = intervals.map(
    (interval) => [dialect.codec.encode(interval), oldestLive[interval] ?? Number.MIN_SAFE_INTEGER] as const,
  )
  return edges.length > 0 && (await session.execute(dialect.names(name, edges))).rows.length > 0
}

/** @throws KAIROS_INVALID_CONFIG if `manageSchema` is false */
export function checkAltered({ manageSchema, tableName }: Place): void {
  if (manageSchema) return
  throw new KairosError(
    'KAIROS_INVALID_CONFIG',
    `manageSchema must be true, not false, to alter the table ${tableName}; open it once with manageSchema: true`,
    { path: 'manageSchema', driver: 'sql' },
  )
}
