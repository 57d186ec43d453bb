import { checkKeys, checkMilliseconds, isRecord } from '@kairos/core/driver'
import type { SqliteModule } from './connection/connected.ts'
import type { Dialect, DialectId } from './dialects/dialect.ts'
import { brokenRule, type IdentifierRule } from './dialects/identifiers.ts'
import { invalid } from './invalid.ts'
import type { ExpireProgress } from './store/expiry.ts'

/** Options of `sqlDriver`, all optional. */
export interface SqlDriverOptions {
  /**
   * The table; default the type's name (`count`, `series`). Timeseries with different tables share nothing. At most 63 bytes of UTF-8, or 56 with
   * events; on MySQL and MariaDB without characters above U+FFFF, and without white space at the end.
   */
  readonly tableName?: string | undefined
  /** The longest name, and the longest value of valueType `string`, in characters; default 255. */
  readonly stringLength?: number | undefined
  /** The schema of the tables (PostgreSQL); default the connection's own. Created if it is missing. */
  readonly schema?: string | undefined
  /** With false, no table is created, altered or dropped: put the statements of `tableStatements` into your migrations. Default true. */
  readonly manageSchema?: boolean | undefined
  /** Called after each batch that `expire()` deletes. */
  readonly onExpire?: ((progress: ExpireProgress) => void) | undefined
  /** What a Kysely instance speaks, if its dialect is from another package and does not show it. */
  readonly dialect?: DialectId | undefined
  /** With a URL: passed to the client that the driver creates. */
  readonly clientConfig?: object | undefined
  /** With a `sqlite:` URL: the module to open it with; default better-sqlite3 if it is installed, otherwise node:sqlite. */
  readonly sqliteModule?: SqliteModule | undefined
  /**
   * The time limit for the answer to one statement, in milliseconds; default 10,000. A connection must be made, or become free, in half of it. A
   * statement that is not answered in time is in doubt, and its connection is not used again.
   */
  readonly timeout?: number | undefined
}

/** Checked options, with defaults. */
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

/**
 * Checks the options, and adds the defaults.
 * @throws KAIROS_INVALID_CONFIG
 */
export function parseOptions(options: SqlDriverOptions): Settings {
  checkKeys(options, KNOWN, { driver: 'sql' })
  const { tableName, stringLength = DEFAULT_STRING_LENGTH, schema, manageSchema = true, onExpire, dialect } = options
  if (!Number.isSafeInteger(stringLength) || stringLength < 1)
    throw invalid('stringLength', 'an integer of at least 1', stringLength)
  if (typeof manageSchema !== 'boolean') throw invalid('manageSchema', 'true or false', manageSchema)
  if (onExpire !== undefined && typeof onExpire !== 'function') throw invalid('onExpire', 'a function', onExpire)
  const { clientConfig, sqliteModule, timeout = DEFAULT_TIMEOUT } = options
  checkMilliseconds('sql', 'timeout', timeout)
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
 * Checks the options against the limits of a database.
 * @throws KAIROS_INVALID_CONFIG
 */
export function checkFits({ stringLength, tableName, schema }: Settings, dialect: Dialect): void {
  const { id, mostStringLength } = dialect
  if (stringLength > mostStringLength)
    throw invalid(
      'stringLength',
      `at most ${mostStringLength} on ${id}, whose indexes do not accept longer keys`,
      stringLength,
    )
  if (tableName !== undefined) checkIdentifier('tableName', tableName, dialect.tableNames)
  if (schema === null) return
  if (dialect.schemaNames === undefined) throw invalid('schema', 'left out, except on PostgreSQL', schema)
  checkIdentifier('schema', schema, dialect.schemaNames)
}

/** @throws KAIROS_INVALID_CONFIG with the rule that the name breaks */
function checkIdentifier(path: string, identifier: unknown, rules: readonly IdentifierRule[]): void {
  const expected = brokenRule(identifier, rules)
  if (expected !== undefined) throw invalid(path, expected, identifier)
}
