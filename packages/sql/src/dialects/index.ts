import { invalid } from '../invalid.ts'
import type { KyselyLike } from '../kysely/kysely-like.ts'
import type { Dialect, DialectId } from './dialect.ts'
import { mysql } from './mysql.ts'
import { postgres } from './postgres.ts'
import { sqlite } from './sqlite.ts'

/** Every dialect; the only list. */
export const dialects: Readonly<Record<DialectId, Dialect>> = { sqlite, postgres, mysql }

/** Kysely's own adapters; those of other packages extend them. Names, since another copy of Kysely has classes of its own. */
const ADAPTERS: Readonly<Record<string, DialectId>> = {
  SqliteAdapter: 'sqlite',
  PostgresAdapter: 'postgres',
  MysqlAdapter: 'mysql',
}

/**
 * What an instance of the caller's speaks.
 * @throws KAIROS_INVALID_CONFIG where it does not tell
 */
export function dialectOf(kysely: KyselyLike, stated: DialectId | undefined): Dialect {
  const id = stated ?? adapterOf(kysely)
  const dialect = id === undefined ? undefined : dialects[id]
  if (dialect !== undefined) return dialect
  throw invalid('dialect', `one of ${Object.keys(dialects).join(', ')}, where Kysely's adapter does not tell`, stated)
}

function adapterOf(kysely: KyselyLike): DialectId | undefined {
  let adapter: object | null = kysely.getExecutor().adapter
  for (; adapter !== null; adapter = Object.getPrototypeOf(adapter)) {
    const id = ADAPTERS[adapter.constructor.name]
    if (id !== undefined) return id
  }
  return undefined
}
