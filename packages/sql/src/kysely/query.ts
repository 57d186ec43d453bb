import { CompiledQuery } from 'kysely'
import type { ResultLike } from './kysely-like.ts'

/** A statement for Kysely to execute: text with the database's own placeholders, and parameters. */
export type Query = CompiledQuery

/** The rows and counts of one statement; rows are objects by column name. */
export interface Result extends ResultLike {
  readonly rows: readonly Row[]
}
/** A row: an object by column name, or a list by position. */
export type Row = Readonly<Record<string | number, unknown>>

/**
 * Kysely requires a syntax tree and an id as well, for its plugins. These statements run without plugins, so they all share one of each:
 * making them for each statement cost a fifth of a single insert into SQLite.
 */
const { query, queryId } = CompiledQuery.raw('')

/** A statement from finished text. */
export function rawQuery(sql: string, parameters: readonly unknown[] = []): Query {
  return { sql, parameters, query, queryId }
}
