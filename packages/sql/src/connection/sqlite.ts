import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { KairosError } from '@kairos/core'
import { importPeer, messageOf, pathOfUrl } from '@kairos/core/driver'
import { Kysely, SqliteDialect } from 'kysely'
import { sqlite } from '../dialects/sqlite.ts'
import { sqlFailure } from '../kysely/failures.ts'
import type { AnyTables, Connected, ConnectRequest } from './connected.ts'
import { exported } from './connected.ts'
import { share } from './shared-clients.ts'
import { type SqliteConnection, SqliteHandle, type SqliteStatement } from './sqlite-handle.ts'

/**
 * How long SQLite waits for another process's transaction, in milliseconds. It blocks this process's event loop meanwhile, so core does the longer
 * waiting, without blocking.
 */
const BUSY_TIMEOUT = 100

/** Opens `sqlite:path`, `sqlite:///path` or `sqlite::memory:`, with better-sqlite3 if it is installed, otherwise with Node's own module. */
export async function connectSqlite(request: ConnectRequest): Promise<Connected> {
  const path = pathOfUrl(request.url)
  if (path === '') {
    throw new KairosError('KAIROS_INVALID_CONFIG', 'store must be sqlite:path or sqlite::memory:, not "sqlite:"', {
      path: 'store',
    })
  }
  const { clientConfig, sqliteModule } = request
  if (path === ':memory:' || clientConfig !== undefined) return openHandle(path, request)
  return share(`sqlite ${sqliteModule} ${resolve(path)}`, () => openHandle(path, request))
}

async function openHandle(path: string, request: ConnectRequest): Promise<Connected> {
  let connection: SqliteConnection | undefined
  try {
    connection = await open(path, request)
    // Reading and writing at the same time. A commit survives a crash of the process, not always one of the machine.
    connection.exec(`pragma busy_timeout = ${BUSY_TIMEOUT}; pragma journal_mode = wal; pragma synchronous = normal`)
  } catch (error) {
    connection?.close()
    throw KairosError.is(error) ? error : sqlFailure(openingError(path, error), sqlite.classify(error))
  }
  const handle = new SqliteHandle(connection)
  const kysely = new Kysely<AnyTables>({ dialect: new SqliteDialect({ database: handle }) })
  return {
    kysely,
    shortcut: handle,
    boundByClient: false,
    close: async () => handle.close(),
  }
}

/** The modules' own errors do not name the file. */
function openingError(path: string, cause: unknown): unknown {
  if (path === ':memory:') return cause
  const file = resolve(path)
  const reason = existsSync(dirname(file))
    ? messageOf(cause)
    : `the folder ${dirname(file)} does not exist; create it first`
  return new Error(`cannot open ${file}: ${reason}`, { cause })
}

async function open(path: string, { sqliteModule, scheme, clientConfig }: ConnectRequest): Promise<SqliteConnection> {
  if (sqliteModule === 'node:sqlite') return openNodeSqlite(path, clientConfig)
  try {
    const module = await importPeer({ package: 'better-sqlite3', scheme, from: import.meta.url })
    const BetterSqlite = exported<new (path: string, options?: object) => BetterSqlite>(module, 'default')
    const database = new BetterSqlite(path, clientConfig ?? {})
    return {
      prepare: (sql) => database.prepare(sql),
      prepareLists: (sql) => database.prepare(sql).raw(),
      exec: (sql) => database.exec(sql),
      close: () => database.close(),
      get inTransaction() {
        return database.inTransaction
      },
    }
  } catch (error) {
    if (sqliteModule === undefined && isAbsent(error)) return openNodeSqlite(path, clientConfig)
    throw error
  }
}

/**
 * Whether the module is not installed, or has no binary that this Node can load: package managers may skip the scripts that fetch or build it.
 * Before version 13, only the message says so.
 */
function isAbsent(error: unknown): boolean {
  if (KairosError.is(error)) return error.code === 'KAIROS_DRIVER_MISSING'
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? error.code : undefined
  return (
    code === 'ERR_DLOPEN_FAILED' ||
    code === 'MODULE_NOT_FOUND' ||
    error.message.startsWith('Could not locate the bindings file')
  )
}

/** What is used of better-sqlite3. */
interface BetterSqlite extends Omit<SqliteConnection, 'prepare' | 'prepareLists'> {
  prepare(sql: string): SqliteStatement & { raw(): SqliteStatement }
}

/** What is used of node:sqlite. */
interface NodeStatement {
  all(...parameters: never[]): unknown[]
  run(...parameters: never[]): ReturnType<SqliteStatement['run']>
  iterate(...parameters: never[]): IterableIterator<unknown>
  /** Both since Node 22.16. */
  columns?(): unknown[]
  setReturnArrays?(enabled: boolean): void
}
interface NodeSqlite {
  prepare(sql: string): NodeStatement
  exec(sql: string): void
  close(): void
  /** Since Node 22.16. */
  readonly isTransaction?: boolean
}

async function openNodeSqlite(path: string, clientConfig: object | undefined): Promise<SqliteConnection> {
  const { DatabaseSync } = await import('node:sqlite')
  const database: NodeSqlite = new DatabaseSync(path, clientConfig ?? {})
  return {
    prepare(sql) {
      const statement = database.prepare(sql)
      return {
        reader: statement.columns === undefined ? looksLikeReader(sql) : statement.columns().length > 0,
        all: (parameters) => statement.all(...(parameters as never[])),
        run: (parameters) => statement.run(...(parameters as never[])),
        iterate: (parameters) => statement.iterate(...(parameters as never[])),
      }
    },
    prepareLists(sql) {
      const statement = database.prepare(sql)
      if (statement.setReturnArrays === undefined) return null
      statement.setReturnArrays(true)
      return { all: (parameters) => statement.all(...(parameters as never[])) }
    },
    exec: (sql) => database.exec(sql),
    close: () => database.close(),
    get inTransaction() {
      return database.isTransaction ?? true
    },
  }
}

function looksLikeReader(sql: string): boolean {
  return /^\s*(select|with|values|pragma|explain)\b/i.test(sql) || /\breturning\b/i.test(sql)
}
