import type { Kysely } from 'kysely'
import type { Shortcut } from './session.ts'

/** The tables of a database that a URL names: any. */
export type AnyTables = Record<string, Record<string, unknown>>

/** A connected database, for a URL. */
export interface Connected {
  readonly kysely: Kysely<AnyTables>
  readonly shortcut: Shortcut | null
  /** Whether the client itself ends a late statement, and its connection. */
  readonly boundByClient: boolean
  /** Closes the client itself: Kysely closes only one that it has used. */
  close(): Promise<void>
}

/** The schemes of URLs, without the colon. */
export type Scheme = 'sqlite' | 'postgres' | 'postgresql' | 'mysql' | 'mariadb' | 'pglite'

/** A URL to connect to, with the options for it. */
export interface ConnectRequest {
  readonly url: string
  readonly scheme: Scheme
  /** What follows the scheme's colon. */
  readonly rest: string
  /** Passed to the client. */
  readonly clientConfig: object | undefined
  readonly sqliteModule: SqliteModule | undefined
  /** For connecting, and for the answer to one statement, in milliseconds. */
  readonly timeout: number
}

/** The modules that can open a `sqlite:` URL. */
export type SqliteModule = 'better-sqlite3' | 'node:sqlite'

/** A named export of a package, whether it is an ES or a CommonJS module. */
export function exported<T>(module: unknown, name: string): T {
  const own = module as Readonly<Record<string, unknown>> & { readonly default?: Readonly<Record<string, unknown>> }
  return (own[name] ?? own.default?.[name]) as T
}
