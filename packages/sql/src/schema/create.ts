import { KairosError } from '@kairos/core'
import type { Session } from '../connection/session.ts'
import { rawQuery } from '../kysely/query.ts'
import type { Place } from './place.ts'

/** Creates the schema of the tables, if the database has schemas and this one is missing. */
export async function createSchema(
  session: Session,
  { dialect, schema, manageSchema }: Pick<Place, 'dialect' | 'schema' | 'manageSchema'>,
): Promise<void> {
  if (schema === null || !manageSchema || dialect.schemaExists === undefined) return
  const { rows } = await session.execute(dialect.schemaExists(schema))
  if (rows.length === 0) await session.execute(rawQuery(`create schema if not exists ${dialect.quote(schema)}`))
}

/**
 * Runs statements that create tables.
 * @throws KAIROS_INVALID_CONFIG if `manageSchema` is false
 */
export async function create(
  session: Session,
  { manageSchema }: Pick<Place, 'manageSchema'>,
  statements: readonly string[],
): Promise<void> {
  checkManaged(manageSchema, statements)
  for (const statement of statements) await session.execute(rawQuery(statement))
}

/** @throws KAIROS_INVALID_CONFIG if `manageSchema` is false */
export function checkManaged(manageSchema: boolean, statements: readonly string[]): void {
  if (manageSchema) return
  throw new KairosError(
    'KAIROS_INVALID_CONFIG',
    `manageSchema must be true, not false, while the database lacks what these statements make: ${statements.join('; ')}`,
    { path: 'manageSchema', driver: 'sql' },
  )
}
