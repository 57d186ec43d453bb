import { existsSync } from 'node:fs'
import { KairosError } from '@kairos/core'
import { once, pathOfUrl } from '@kairos/core/driver'
import type { Dialect, DialectId } from '../dialects/dialect.ts'
import { dialectOf } from '../dialects/index.ts'
import { invalid } from '../invalid.ts'
import { isSqlFailure, sqlFailure } from '../kysely/failures.ts'
import type { KyselyLike } from '../kysely/kysely-like.ts'
import type { ConnectRequest } from './connected.ts'
import type { Database } from './session.ts'
import { parseUrl } from './urls.ts'

/** Checked options for the connection. */
interface ConnectionOptions extends Pick<ConnectRequest, 'clientConfig' | 'sqliteModule' | 'timeout'> {
  readonly dialect: DialectId | undefined
}

/** An open connection. */
interface Connection {
  readonly kysely: KyselyLike
  readonly database: Database
}

/** Where a driver gets its connection. `close` closes only what the driver itself opened. */
export interface ConnectionSource {
  readonly dialect: Dialect
  /** Whether connecting creates nothing: not the file or folder of a URL. */
  isThere(): boolean
  open(): Promise<Connection>
  close(): Promise<void>
}

/**
 * A client that is created on first use, and closed with the driver.
 * @throws KAIROS_INVALID_CONFIG
 */
export function urlSource(store: string, settings: ConnectionOptions): ConnectionSource {
  const { dialect, connect, ...parts } = parseUrl(store)
  if (settings.dialect !== undefined) throw invalid('dialect', 'left out with a URL', settings.dialect)
  const files = filesOf(parts)
  const connection = once(async () => {
    try {
      const { createDatabase } = await import('./database.ts')
      const { kysely, shortcut, boundByClient, close } = await connect({ ...parts, ...settings })
      const patience = { timeout: settings.timeout, boundByClient, shared: false }
      return { kysely, database: createDatabase({ kysely, dialect, shortcut, patience }), close }
    } catch (error) {
      // A connector that knows more has said already whether to try again.
      throw KairosError.is(error) || isSqlFailure(error) ? error : sqlFailure(error, dialect.classify(error))
    }
  })

  return {
    dialect,
    isThere: () => files.every((file) => existsSync(file)),
    open: connection,
    async close() {
      const closing = connection.made
      connection.forget()
      const made = await closing?.catch(() => undefined)
      await made?.close()
    },
  }
}

/**
 * The caller's own instance, which the caller closes.
 * @throws KAIROS_INVALID_CONFIG
 */
export function callerSource(kysely: unknown, settings: ConnectionOptions): ConnectionSource {
  if (!isKysely(kysely)) {
    throw invalid(
      'store',
      'the URL of a database, or a Kysely instance (around a pool or a client: new Kysely({ dialect: new PostgresDialect({ pool }) }))',
      kysely,
    )
  }
  if (kysely.isTransaction)
    throw invalid('store', 'a Kysely instance', 'a transaction', 'pass a transaction to each call that is to join it')
  for (const path of ['clientConfig', 'sqliteModule'] as const) {
    if (settings[path] !== undefined) throw invalid(path, 'left out with your own Kysely instance', settings[path])
  }
  const dialect = dialectOf(kysely, settings.dialect)
  const patience = { timeout: settings.timeout, boundByClient: false, shared: true }
  const open = once(async () => {
    const { createDatabase } = await import('./database.ts')
    return { kysely, database: createDatabase({ kysely, dialect, shortcut: null, patience }) }
  })
  return { dialect, isThere: () => true, open, close: async () => {} }
}

/** The file or folder that a URL names. */
function filesOf({ scheme, url }: Pick<ConnectRequest, 'scheme' | 'url'>): string[] {
  if (scheme !== 'sqlite' && scheme !== 'pglite') return []
  return [pathOfUrl(url)].filter((path) => path !== '' && path !== ':memory:')
}

function isKysely(value: unknown): value is KyselyLike {
  return typeof value === 'object' && value !== null && 'isTransaction' in value && 'getExecutor' in value
}
