import { KairosError } from '@kairos/core'
import type { Dialect } from '../dialects/dialect.ts'
import type { Database } from './session.ts'

/**
 * Refuses a session whose settings would lead to wrong answers, before anything is read or written.
 * @throws KAIROS_INVALID_CONFIG
 */
export async function checkSession({ probe }: Dialect, database: Database, tableName: string): Promise<void> {
  if (probe === undefined) return
  const { rows } = await database.execute(probe.query)
  const problem = probe.problemIn(rows[0] ?? {}, tableName)
  if (problem === null) return
  const { path, message } = problem
  throw new KairosError('KAIROS_INVALID_CONFIG', message, { path, driver: 'sql' })
}
