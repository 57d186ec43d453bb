import { KairosError } from '@kairos/core'
import { pathOfUrl } from '@kairos/core/driver'
import type { Dialect } from '../dialects/dialect.ts'
import { mysql } from '../dialects/mysql.ts'
import { postgres } from '../dialects/postgres.ts'
import { sqlite } from '../dialects/sqlite.ts'
import type { Connected, ConnectRequest, Scheme } from './connected.ts'

interface Target {
  readonly dialect: Dialect
  /** Throws for a URL that it cannot read. */
  check(url: string): void
  /** Imports the database's client: KAIROS_DRIVER_MISSING if it is not installed. */
  connect(request: ConnectRequest): Promise<Connected>
}

const POSTGRES: Target = {
  dialect: postgres,
  connect: async (request) => (await import('./postgres.ts')).connectPostgres(request),
  check: checkServerUrl,
}
const MYSQL: Target = {
  dialect: mysql,
  connect: async (request) => (await import('./mysql.ts')).connectMysql(request),
  check: checkServerUrl,
}

const targets: Readonly<Record<Scheme, Target>> = {
  sqlite: {
    dialect: sqlite,
    connect: async (request) => (await import('./sqlite.ts')).connectSqlite(request),
    check: pathOfUrl,
  },
  postgres: POSTGRES,
  postgresql: POSTGRES,
  mysql: MYSQL,
  mariadb: MYSQL,
  pglite: {
    dialect: postgres,
    connect: async (request) => (await import('./pglite.ts')).connectPglite(request),
    check: pathOfUrl,
  },
}

/** A URL's parts, and how to connect to it. */
export interface ParsedUrl extends Pick<ConnectRequest, 'url' | 'scheme' | 'rest'>, Target {}

/**
 * Parses a URL, without connecting.
 * @throws KAIROS_INVALID_CONFIG
 */
export function parseUrl(url: string): ParsedUrl {
  const [, scheme = '', rest = ''] = /^([a-z]+):(.*)$/is.exec(url) ?? []
  const known = scheme.toLowerCase()
  if (isScheme(known)) {
    targets[known].check(url)
    return { url, scheme: known, rest, ...targets[known] }
  }
  const schemes = Object.keys(targets)
  throw new KairosError(
    'KAIROS_INVALID_CONFIG',
    `store must be a URL that starts with ${schemes.map((name) => `${name}:`).join(', ')}, not with ${JSON.stringify(`${scheme}:`)}`,
    { path: 'store', known: schemes },
  )
}

/** @throws KAIROS_INVALID_CONFIG, without the URL in its message, since it may contain a password */
function checkServerUrl(url: string): void {
  try {
    decodeURIComponent(url)
    new URL(url)
  } catch {
    throw new KairosError(
      'KAIROS_INVALID_CONFIG',
      'store must be a URL like postgres://user:password@host:5432/database, percent-encoded; write "%" in a password as "%25", and "@" as "%40"',
      { path: 'store', driver: 'sql' },
    )
  }
}

function isScheme(scheme: string): scheme is Scheme {
  return Object.hasOwn(targets, scheme)
}
