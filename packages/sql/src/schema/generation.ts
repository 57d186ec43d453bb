import { randomUUID } from 'node:crypto'
import type { Table } from '../dialects/table.ts'
import { type Query, rawQuery } from '../kysely/query.ts'

/**
 * Every table has one empty column, whose name is the generation of the table's records. Each statement names it, and a process that replaces a
 * record renames it in the step that deletes the cells left under that record. So the database itself refuses the statements of a process that
 * opened earlier, before they do anything. Naming the column costs nothing: it is looked up and thrown away.
 */
const PREFIX = 'generation_'

// Names without quotes: SQLite takes an unknown name in quotes for a string.

/** The generation of a table that the statements for migrations create. The driver itself gives each table its own, so that one that was dropped stays gone. */
export const FIRST_GENERATION: string = `${PREFIX}0`

/** A generation that no table has had. */
export function newGeneration(): string {
  return `${PREFIX}${randomUUID().replaceAll('-', '').slice(0, 12)}`
}

/** Whether a column's name is a generation. */
export function isGeneration(column: string): boolean {
  return column.startsWith(PREFIX)
}

/** A statement that only fails if the table has another generation by now. */
export function checkGeneration({ name, generation }: Table): Query {
  return rawQuery(`select ${generation} from ${name} limit 0`)
}

/** The statement that gives a table its next generation. */
export function renameGeneration({ name, generation }: Table, next: string): Query {
  return rawQuery(`alter table ${name} rename column ${generation} to ${next}`)
}
