import { checkDriverOptions, isRecord } from '@kairos/core/driver'
import type { SqliteModule } from './connection/connected.ts'
import type { Dialect, DialectId } from './dialects/dialect.ts'
import { brokenRule, type IdentifierRule } from './dialects/identifiers.ts'
import { invalid } from './invalid.ts'
import type { ExpireProgress } from './store/delete.ts'

/** Options of `sqlDriver`, all optional. */
export interface SqlDriverOptions {
  /**
   * The table; default the type's name (`count`, `series`). Timeseries with different tables share nothing. At most 63 bytes of UTF-8, 56 where
   * it has events too; MySQL and MariaDB take no characters above U+FFFF, and no white space at the end.
   */
  readonly tableName?: string | undefined
  /** The longest name, and value of valueType `string`, in characters; default 255. */
  readonly stringLength?: number | undefined
  /** The schema that the tables stand in (PostgreSQL); default the connection's own. Made when it is not there. */
  readonly schema?: string | undefined
  /** With false no table is made or dropped: what `tableStatements` prints goes into your own migrations. Default true. */
  readonly manageSchema?: boolean | undefined
  /** Told after each batch that `expire()` deletes. */
  readonly onExpire?: ((progress: ExpireProgress) => void) | undefined
  /** With a Kysely instance whose dialect is not one of Kysely's own: what it speaks. */
  readonly dialect?: DialectId | undefined
  /** With a URL: handed to the client that it creates. */
  readonly clientConfig?: object | undefined
  /** With a `sqlite:` URL: what serves it; default better-sqlite3 where it is installed, else node:sqlite. */
  readonly sqliteModule?: SqliteModule | undefined
  /**
   * For the answer to one statement, in milliseconds; default 10,000. A connection may take half as long to be made or to come free. What is not
   * answered in time is in doubt, and its connection is not used again.
   */
  readonly timeout?: number | undefined
}

/** Options as they were checked. */
export interface Settings {
  readonly tableName: string | undefined
  readonly stringLength: number
  readonly schema: string | null
  readonly manageSchema: boolean
  readonly onExpire: ((progress: ExpireProgress) => void) | undefined
  readonly dialect: DialectId | undefined
  readonly clientConfig: object | undefined
  readonly sqliteModule: SqliteModule | undefined
  readonly timeout: number
}

const KNOWN = [
  'tableName',
  'stringLength',
  'schema',
  'manageSchema',
  'onExpire',
  'dialect',
  'clientConfig',
  'sqliteModule',
  'timeout',
]
const DEFAULT_STRING_LENGTH = 255
const DEFAULT_TIMEOUT = 10_000
/** What a timer of Node's takes. */
const LONGEST_TIMEOUT = 2 ** 31 - 1

/** @throws KAIROS_INVALID_CONFIG */
export function parseOptions(options: SqlDriverOptions): Settings {
  checkDriverOptions(options, KNOWN, 'sql')
  const { tableName, stringLength = DEFAULT_STRING_LENGTH, schema, manageSchema = true, onExpire, dialect } = options
  if (!Number.isSafeInteger(stringLength) || stringLength < 1)
    throw invalid('stringLength', 'an integer of at least 1', stringLength)
  if (typeof manageSchema !== 'boolean') throw invalid('manageSchema', 'true or false', manageSchema)
  if (onExpire !== undefined && typeof onExpire !== 'function') throw invalid('onExpire', 'a function', onExpire)
  const { clientConfig, sqliteModule, timeout = DEFAULT_TIMEOUT } = options
  if (!Number.isSafeInteger(timeout) || timeout < 1 || timeout > LONGEST_TIMEOUT)
    throw invalid('timeout', `an integer of milliseconds from 1 to ${LONGEST_TIMEOUT}`, timeout)
  if (clientConfig !== undefined && !isRecord(clientConfig)) throw invalid('clientConfig', 'an object', clientConfig)
  if (sqliteModule !== undefined && !['better-sqlite3', 'node:sqlite'].includes(sqliteModule))
    throw invalid('sqliteModule', "'better-sqlite3' or 'node:sqlite'", sqliteModule)
  return {
    tableName,
    stringLength,
    schema: schema ?? null,
    manageSchema,
    onExpire,
    dialect,
    clientConfig,
    sqliteModule,
    timeout,
  }
}

/**
 * What a database has room for.
 * @throws KAIROS_INVALID_CONFIG
 */
export function checkFits({ stringLength, tableName, schema }: Settings, dialect: Dialect): void {
  const { id, mostStringLength } = dialect
  if (stringLength > mostStringLength)
    throw invalid(
      'stringLength',
      `at most ${mostStringLength} on ${id}, whose indexes take no longer keys`,
      stringLength,
    )
  if (tableName !== undefined) checkIdentifier('tableName', tableName, dialect.tableNames)
  if (schema === null) return
  if (dialect.schemaNames === undefined) throw invalid('schema', 'left out where there is no PostgreSQL', schema)
  checkIdentifier('schema', schema, dialect.schemaNames)
}

/** @throws KAIROS_INVALID_CONFIG that says which rule the name breaks */
function checkIdentifier(path: string, identifier: unknown, rules: readonly IdentifierRule[]): void {
  const wanted = brokenRule(identifier, rules)
  if (wanted !== undefined) throw invalid(path, wanted, identifier)
}
