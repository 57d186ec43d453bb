import { importPeer } from '@kairos/core/driver'

type SqlRow = Readonly<Record<string, unknown>>

/** A database that is asked in SQL. */
export interface SqlDatabase {
  readonly quote: string
  /** What makes a text compare by its bytes. */
  byBytes(text: string): string
  readonly tieBreak: string
  placeholder(number: number): string
  /** All rows in order; absent: they are asked for in pages. */
  readonly stream?: (sql: string, values: readonly unknown[]) => Iterable<SqlRow>
  all(sql: string, values: readonly unknown[]): Promise<readonly SqlRow[]>
}

interface SyncStatement {
  iterate(...values: unknown[]): Iterable<SqlRow>
  setReadBigInts?(enabled: boolean): void
  safeIntegers?(enabled: boolean): unknown
}

/** Whether this is a database of `node:sqlite` or `better-sqlite3`, or a client of `pg` or `mysql2/promise`. */
export function isSqlClient(client: object): boolean {
  return 'prepare' in client || 'query' in client
}

/** The caller's database, if `isSqlClient`. */
export function sqlDatabase(client: object): SqlDatabase {
  if ('prepare' in client) return sqlite(client as { prepare(sql: string): SyncStatement })
  if ('execute' in client) return mysql(client as unknown as MysqlClient)
  return postgres(client as unknown as PostgresClient)
}

/** A file, opened for reading. */
export async function sqliteFile(path: string): Promise<{ database: SqlDatabase; close(): Promise<void> }> {
  const { DatabaseSync } = await import('node:sqlite')
  const client = new DatabaseSync(path, { readOnly: true })
  return { database: sqlDatabase(client), close: async () => client.close() }
}

/** A server that a URL names. */
export async function sqlServer(url: string): Promise<{ database: SqlDatabase; close(): Promise<void> }> {
  const scheme = new URL(url).protocol.slice(0, -1)
  if (scheme === 'postgres' || scheme === 'postgresql') {
    const module = (await importPeer({ package: 'pg', scheme, from: import.meta.url })) as {
      readonly default: PgModule
    }
    const client = new module.default.Client({ connectionString: url })
    await client.connect()
    return { database: postgres(client), close: () => client.end() }
  }
  const module = (await importPeer({ package: 'mysql2/promise', scheme, from: import.meta.url })) as MysqlModule
  const client = await module.createConnection({
    uri: url.replace(/^mariadb:/, 'mysql:'),
    supportBigNumbers: true,
    bigNumberStrings: true,
  })
  return { database: mysql(client), close: () => client.end() }
}

function sqlite(client: { prepare(sql: string): SyncStatement }): SqlDatabase {
  const stream = (sql: string, values: readonly unknown[]): Iterable<SqlRow> => {
    const statement = client.prepare(sql)
    statement.setReadBigInts?.(true)
    statement.safeIntegers?.(true)
    return statement.iterate(...values)
  }
  return {
    quote: '"',
    byBytes: (text) => text,
    tieBreak: 'rowid',
    placeholder: () => '?',
    stream,
    all: async (sql, values) => [...stream(sql, values)],
  }
}

interface PostgresClient {
  query(sql: string, values: readonly unknown[]): Promise<{ readonly rows: readonly SqlRow[] }>
}
interface PgModule {
  readonly Client: new (options: object) => PostgresClient & { connect(): Promise<void>; end(): Promise<void> }
}

function postgres(client: PostgresClient): SqlDatabase {
  return {
    quote: '"',
    byBytes: (text) => `${text} COLLATE "C"`,
    tieBreak: 'ctid',
    placeholder: (number) => `$${number}`,
    all: async (sql, values) => (await client.query(sql, values)).rows,
  }
}

interface MysqlClient {
  query(sql: string, values: readonly unknown[]): Promise<readonly [readonly SqlRow[], unknown]>
}
interface MysqlModule {
  createConnection(options: object): Promise<MysqlClient & { end(): Promise<void> }>
}

function mysql(client: MysqlClient): SqlDatabase {
  return {
    quote: '`',
    byBytes: (text) => `CAST(${text} AS BINARY)`,
    tieBreak: '1',
    placeholder: () => '?',
    all: async (sql, values) => (await client.query(sql, values))[0],
  }
}
