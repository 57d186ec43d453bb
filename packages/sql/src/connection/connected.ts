import type { Kysely } from 'kysely'
import type { Shortcut } from './session.ts'

/** The tables of a database that a URL names: whatever it holds. */
export type AnyTables = Record<string, Record<string, unknown>>

/** A database that a URL named. */
export interface Connected {
  readonly kysely: Kysely<AnyTables>
  readonly shortcut: Shortcut | null
  /** The client ends what it does not answer in time by itself, and its connection. */
  readonly boundByClient: boolean
  /** Ends the client itself: Kysely ends only one that it has used. */
  close(): Promise<void>
}

/** What may stand before a URL's colon. */
export type Scheme = 'sqlite' | 'postgres' | 'postgresql' | 'mysql' | 'mariadb' | 'pglite'

/** How a URL is to be connected. */
export interface ConnectRequest {
  readonly url: string
  readonly scheme: Scheme
  /** What stands behind the scheme's colon. */
  readonly rest: string
  /** Handed to the client. */
  readonly clientConfig: object | undefined
  readonly sqliteModule: SqliteModule | undefined
  /** For connecting, and for the answer to one statement, in milliseconds. */
  readonly timeout: number
}

/** What may serve a `sqlite:` URL. */
export type SqliteModule = 'better-sqlite3' | 'node:sqlite'

/** An export of a package, wherever its module system put it. */
export function exported<T>(module: unknown, name: string): T {
  const own = module as Readonly<Record<string, unknown>> & { readonly default?: Readonly<Record<string, unknown>> }
  return (own[name] ?? own.default?.[name]) as T
}
