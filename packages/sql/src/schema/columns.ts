import { KairosError } from '@kairos/core'
import type { Session } from '../connection/session.ts'
import type { Table } from '../dialects/table.ts'
import { SEQUENCE } from '../dialects/table.ts'
import { invalid } from '../invalid.ts'
import { isGeneration } from './generation.ts'
import type { Place } from './place.ts'

/** The columns of a table, each with its type. */
export type Columns = ReadonlyMap<string, string>

/**
 * The columns of those of the tables that exist.
 * @throws KAIROS_INVALID_CONFIG if one exists with another case in its name, on a database that ignores case
 */
export async function columnsOf(
  session: Session,
  { dialect, schema }: Pick<Place, 'dialect' | 'schema'>,
  tables: readonly string[],
): Promise<Map<string, Map<string, string>>> {
  const columns = new Map<string, Map<string, string>>()
  for (const row of (await session.execute(dialect.columnsOf(schema, tables))).rows) {
    const table = dialect.decodeText(row.table_name)
    if (dialect.ignoresCase && !tables.includes(table)) {
      const wanted = tables.find((name) => name.toLowerCase() === table.toLowerCase())
      throw invalid('tableName', `spelled ${table}, like the existing table, since ${dialect.id} ignores case`, wanted)
    }
    const types = columns.get(table) ?? new Map<string, string>()
    columns.set(table, types.set(dialect.decodeText(row.column_name), dialect.decodeText(row.data_type)))
  }
  return columns
}

/** The generation among a table's columns. */
export function generationIn(columns: Columns | undefined): string | undefined {
  return [...(columns?.keys() ?? [])].find(isGeneration)
}

/**
 * Checks an existing table against the expected one: a migration may have created it, or it may be a table of something else.
 * @throws KAIROS_CONFIG_CHANGED
 */
export function checkColumns({ tableName }: Place, { layout, generation }: Table, existing: Columns): void {
  const wanted = new Map(layout.columns.map(({ name, type }) => [name, type]))
  if (layout.appends) wanted.set(SEQUENCE, wanted.get('i_time')!)
  const found = new Map([...existing].filter(([name]) => !isGeneration(name)))
  const same = wanted.size === found.size && [...wanted].every(([name, type]) => isOfType(type, found.get(name)))
  if (same && generationIn(existing) !== undefined) return
  const list = (columns: Columns): string => [...columns].map(([name, type]) => `${name} ${type}`).join(', ')
  throw new KairosError(
    'KAIROS_CONFIG_CHANGED',
    `the table ${tableName} must have the columns ${list(wanted)}, ${generation}, not ${list(existing) || 'none'}; ` +
      'choose another tableName, or move that table away',
    { driver: 'sql', recorded: Object.fromEntries(existing), configured: Object.fromEntries(wanted) },
  )
}

/**
 * Checks that a write can only meet the row of its own cell. MySQL merges a row with whatever row has one of its unique keys, and appends it if
 * there is no such key.
 * @throws KAIROS_CONFIG_CHANGED
 */
export async function checkKeys(session: Session, { dialect, tableName }: Place, { layout }: Table): Promise<void> {
  if (dialect.uniqueKeys === undefined) return
  const found = new Map<string, string[]>()
  for (const row of (await session.execute(dialect.uniqueKeys(tableName))).rows) {
    const index = dialect.decodeText(row.index_name)
    const column = `${dialect.decodeText(row.column_name)}${row.prefix === null ? '' : `(${row.prefix})`}`
    found.set(index, [...(found.get(index) ?? []), column])
  }
  const spelled = [...found.values()].map((columns) => `(${columns.join(', ')})`)
  const wanted = `(${layout.key.join(', ')})`
  if (spelled.join() === wanted) return
  throw new KairosError(
    'KAIROS_CONFIG_CHANGED',
    `the table ${tableName} must have the primary key ${wanted} and no other unique key, not ${spelled.join(' and ') || 'none'}; ` +
      'drop the other keys, or choose another tableName',
    { driver: 'sql', recorded: spelled, configured: [wanted] },
  )
}

/** `varbinary(1020)` and `text collate "C"` are reported as `varbinary` and `text`. */
function isOfType(wanted: string, existing: string | undefined): boolean {
  if (existing === undefined || existing === '' || !wanted.startsWith(existing)) return false
  return /^($|[( ])/.test(wanted.slice(existing.length))
}
