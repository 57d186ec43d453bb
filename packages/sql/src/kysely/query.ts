import { CompiledQuery } from 'kysely'
import type { ResultLike } from './kysely-like.ts'

/** A statement as Kysely executes it: text in the database's own placeholder syntax, and parameters. */
export type Query = CompiledQuery

/** Rows and counts of one statement; rows are objects by column name. */
export interface Result extends ResultLike {
  readonly rows: readonly Row[]
}
export type Row = Readonly<Record<string | number, unknown>>

/**
 * Kysely wants a syntax tree and an id beside the text, for its plugins. These statements run without plugins, so one of each serves all:
 * making them anew cost a fifth of a single insert into SQLite.
 */
const { query, queryId } = CompiledQuery.raw('')

export function rawQuery(sql: string, parameters: readonly unknown[] = []): Query {
  return { sql, parameters, query, queryId }
}
