import { randomUUID } from 'node:crypto'
import type { Table } from '../dialects/table.ts'
import { type Query, rawQuery } from '../kysely/query.ts'

/**
 * Every table has one column that holds nothing: its name says which generation of the table's records it is. Each statement names it, and who
 * replaces a record renames it, in the step that deletes the cells left under that record. So a process that opened before is refused by the
 * database itself, before its statement does anything, and the name costs no statement any time: it is looked up and thrown away.
 */
const PREFIX = 'generation_'

// Names that need no quotes: SQLite would take one in quotes that it does not know for a text.

/** Of a table that is made for the first time. */
export const FIRST_GENERATION: string = `${PREFIX}0`

/** One that no table ever had. */
export function newGeneration(): string {
  return `${PREFIX}${randomUUID().replaceAll('-', '').slice(0, 12)}`
}

export function isGeneration(column: string): boolean {
  return column.startsWith(PREFIX)
}

/** A statement that does nothing but fail where the table has another generation by now. */
export function checkGeneration({ name, generation }: Table): Query {
  return rawQuery(`select ${generation} from ${name} limit 0`)
}

export function renameGeneration({ name, generation }: Table, next: string): Query {
  return rawQuery(`alter table ${name} rename column ${generation} to ${next}`)
}
