import type { OldestLive, OpenOptions, Records } from '@kairos/core/driver'
import type { Table } from '../dialects/table.ts'
import type { StoredRecord } from './records.ts'

/** An existing table, and its records. */
export interface OpenedTable {
  readonly table: Table
  readonly records: Records
  /** The same by item, with their facts. */
  readonly stored: ReadonlyMap<string, StoredRecord>
}

/** What `open` was asked to replace. */
export interface Replacement {
  readonly replace: Partial<Records>
  readonly oldestLive: OldestLive
}

/** What `open` was asked to replace; null if nothing. */
export function replacementOf({ replace, oldestLive = {} }: OpenOptions): Replacement | null {
  const wanted = replace?.schema !== undefined || replace?.intervals !== undefined
  return wanted ? { replace, oldestLive } : null
}
