import { invalid } from '../invalid.ts'
import type { KyselyLike } from '../kysely/kysely-like.ts'
import type { Dialect, DialectId } from './dialect.ts'
import { mysql } from './mysql.ts'
import { postgres } from './postgres.ts'
import { sqlite } from './sqlite.ts'

/** Every dialect. */
export const dialects: Readonly<Record<DialectId, Dialect>> = { sqlite, postgres, mysql }

/** Kysely's own adapters, which those of other packages extend. By name, since another copy of Kysely has its own classes. */
const ADAPTERS: Readonly<Record<string, DialectId>> = {
  SqliteAdapter: 'sqlite',
  PostgresAdapter: 'postgres',
  MysqlAdapter: 'mysql',
}

/**
 * The dialect of the caller's Kysely instance.
 * @throws KAIROS_INVALID_CONFIG if neither the option nor the instance says which
 */
export function dialectOf(kysely: KyselyLike, stated: DialectId | undefined): Dialect {
  const id = stated ?? adapterOf(kysely)
  const dialect = id === undefined ? undefined : dialects[id]
  if (dialect !== undefined) return dialect
  const remedy = stated === undefined ? "Kysely's adapter does not say which" : undefined
  throw invalid('dialect', `one of ${Object.keys(dialects).join(', ')}`, stated, remedy)
}

function adapterOf(kysely: KyselyLike): DialectId | undefined {
  let adapter: object | null = kysely.getExecutor().adapter
  for (; adapter !== null; adapter = Object.getPrototypeOf(adapter)) {
    const id = ADAPTERS[adapter.constructor.name]
    if (id !== undefined) return id
  }
  return undefined
}
