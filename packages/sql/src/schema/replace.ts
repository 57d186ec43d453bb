import { KairosError } from '@kairos/core'
import type { OldestLive, OpenOptions, Records, StoreSchema } from '@kairos/core/driver'
import type { Session } from '../connection/session.ts'
import { RECORDS } from '../dialects/identifiers.ts'
import { build } from '../dialects/sql-text.ts'
import type { Table } from '../dialects/table.ts'
import { rawQuery } from '../kysely/query.ts'
import { newGeneration, renameGeneration } from './generation.ts'
import { type Place, qualified } from './place.ts'
import { OWN, putRecord, removeRecord } from './records.ts'

/** A table that is there, and its records. */
export interface OpenedTable {
  readonly table: Table
  readonly records: Records
}

/** What `open` was asked to replace. */
export interface Replacement {
  readonly replace: Partial<Records>
  readonly oldestLive: OldestLive
}

export function replacementOf({ replace, oldestLive = {} }: OpenOptions): Replacement | null {
  const wanted = replace?.schema !== undefined || replace?.intervals !== undefined
  return wanted ? { replace, oldestLive } : null
}

/**
 * Replaces the records that still stand as `replace` says and cover no live cell. While it looks, nobody reads or writes the table; all other
 * statements wait, and those of a process that opened before are refused then: the table has another generation, or is gone. In this order a
 * process that dies half-way leaves records and a table that fit each other.
 */
export async function replaceRecords(
  session: Session,
  place: Place,
  opened: OpenedTable,
  schema: StoreSchema,
  replacement: Replacement,
): Promise<void> {
  const { dialect } = place
  const { name } = opened.table
  const { lock, unlock } = dialect.tableLock(name, qualified(place, RECORDS))
  let outdated: boolean
  try {
    for (const text of lock) await session.execute(rawQuery(text))
    outdated = await replaceLocked(session, place, opened, schema, replacement)
  } finally {
    for (const text of unlock) await session.execute(rawQuery(text)).catch(() => {})
  }
  if (!outdated) return
  await session.execute(rawQuery(`drop table ${name}`))
  await removeRecord(session, place, OWN)
}

/** Resolves to whether the table itself is to be made again. */
async function replaceLocked(
  session: Session,
  place: Place,
  { table, records }: OpenedTable,
  { intervals }: StoreSchema,
  { replace, oldestLive }: Replacement,
): Promise<boolean> {
  const { dialect } = place
  const coversNothing = async (names: readonly string[]): Promise<boolean> =>
    !(await holdsLiveCells(session, place, table, names, oldestLive))
  const recorded = Object.keys(records.intervals)
  const outdated = records.schema === replace.schema && (await coversNothing(recorded))
  const replaced: string[] = outdated ? recorded : []
  if (records.schema !== replace.schema) {
    for (const [interval, { record }] of Object.entries(intervals)) {
      const standing = records.intervals[interval]
      if (standing === undefined || standing === record || standing !== replace.intervals?.[interval]) continue
      if (await coversNothing([interval])) replaced.push(interval)
    }
  }
  if (!outdated && replaced.length === 0) return false
  checkManaged(place)
  // First, so that a process which dies behind it leaves nothing that others would misread.
  await session.execute(renameGeneration(table, newGeneration()))
  for (const interval of replaced) {
    const encoded = dialect.codec.encode(interval)
    await session.execute(
      build(dialect, (bind) => `delete from ${table.name} where ${dialect.quote('interval')} = ${bind(encoded)}`),
    )
    // Without its record an interval is open to nobody who does not wait for this.
    await removeRecord(session, place, interval)
    if (!outdated) await putRecord(session, place, interval, intervals[interval]!.record)
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

function checkManaged({ manageSchema, tableName }: Place): void {
  if (manageSchema) return
  throw new KairosError(
    'KAIROS_INVALID_CONFIG',
    `manageSchema is false, and the table ${tableName} was made for another configuration, which only altering it can replace; ` +
      'open it once with manageSchema: true',
    { path: 'manageSchema', driver: 'sql' },
  )
}
