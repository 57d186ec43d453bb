import { KairosError } from '@kairos/core'
import type { Connected, ConnectRequest } from './connected.ts'
import { connectSqlite } from './sqlite.ts'

const connectors: Readonly<Record<string, (request: ConnectRequest) => Promise<Connected>>> = {
  sqlite: connectSqlite,
}

/**
 * The parts of a URL, checked before anything is connected.
 * @throws KAIROS_INVALID_CONFIG
 */
export function parseUrl(url: string): Pick<ConnectRequest, 'url' | 'scheme' | 'rest'> {
  const [, scheme = '', rest = ''] = /^([a-z]+):(.*)$/is.exec(url) ?? []
  if (Object.hasOwn(connectors, scheme.toLowerCase())) return { url, scheme: scheme.toLowerCase(), rest }
  throw new KairosError(
    'KAIROS_INVALID_CONFIG',
    `the sql driver takes URLs of ${Object.keys(connectors)
      .map((known) => `${known}:`)
      .join(', ')}, not ${JSON.stringify(url)}`,
    { path: 'store', known: Object.keys(connectors) },
  )
}

/** Connects by importing the database's client: KAIROS_DRIVER_MISSING where it is not installed. */
export function connect(request: ConnectRequest): Promise<Connected> {
  return connectors[request.scheme]!(request)
}
