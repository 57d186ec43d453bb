import { callStore } from '../calls/retry.ts'
import type { StorageDriver } from '../contract/cells.ts'
import { KairosError } from '../errors.ts'
import { describeUrl } from '../internal/describe-url.ts'
import { isFunction, isObject } from '../internal/kinds.ts'
import { nearMiss } from '../internal/near-miss.ts'
import { checkCapabilities } from './capabilities.ts'
import { checkedDriver, SPECS } from './checked-driver.ts'
import { importPeer } from './import-peer.ts'
import { SCHEMES, schemeOf } from './schemes.ts'

/** Schemes that do not say which store is meant. */
const NO_STORES: readonly string[] = ['http', 'https', 'file', 'tcp', 'localhost']

/** The driver that a URL names, made on first use and closed with the connection. */
export interface UrlDriver {
  /** `ended` ends a making that nothing waits for any more. */
  driver(ended: AbortSignal | undefined): Promise<StorageDriver>
  /** In at most this many milliseconds; default 10,000. */
  close(patience: number | undefined): Promise<void>
}

/** `alreadyClosed`: the connection was closed while this was being loaded. */
export function urlDriver(url: string, clientConfig: object | undefined, alreadyClosed: boolean): UrlDriver {
  let making: Promise<StorageDriver> | undefined
  let made: StorageDriver | undefined
  let closed = alreadyClosed

  async function make(): Promise<StorageDriver> {
    const driver = checkedDriver(await driverFromUrl(url, clientConfig))
    checkCapabilities(driver)
    if (!closed) made = driver
    // Nothing waits for a driver that comes this late, and nothing else would close it.
    else await driver.close()
    return driver
  }

  return {
    driver(ended) {
      making ??= callStore(make, {
        driver: schemeOf(url),
        operation: 'open',
        signal: ended,
        unbounded: true,
        waits: true,
      }).catch((error: unknown) => {
        making = undefined
        throw error
      })
      return making
    },
    async close(patience) {
      closed = true
      const driver = made
      if (driver !== undefined)
        await callStore(() => driver.close(), { driver: driver.id, operation: 'close', patience })
    },
  }
}

/**
 * The driver that a URL's scheme names.
 * @throws KAIROS_DRIVER_MISSING where its package is not installed
 */
async function driverFromUrl(url: string, clientConfig: object | undefined): Promise<StorageDriver> {
  const scheme = schemeOf(url)
  if (scheme === 'memory') return (await import('./memory.ts')).createMemoryDriver()
  const install = packagesOf(scheme)
  const [name] = install.split(' ') as [string]
  const module = await importPeer({ package: name, install, scheme, from: import.meta.url }).catch((error: unknown) => {
    throw SCHEMES.includes(scheme) || !isMissing(error) ? error : unknownScheme(url, scheme, error)
  })
  const factory = isObject(module) && 'driverFromUrl' in module ? module.driverFromUrl : undefined
  if (!isFunction(factory)) {
    throw new KairosError(
      'KAIROS_SPEC_MISMATCH',
      `the package ${name} is not a kairos driver: it exports no driverFromUrl`,
      { driver: name, found: undefined, accepted: SPECS },
    )
  }
  const make = factory as (url: string, clientConfig?: object) => StorageDriver | Promise<StorageDriver>
  return make(url, clientConfig)
}

/** What to install for a scheme: its driver, and the clients that this needs. */
function packagesOf(scheme: string): string {
  if (!SCHEMES.includes(scheme)) return `kairos-driver-${scheme}`
  if (scheme.startsWith('redis')) return '@kairos/redis ioredis'
  if (scheme.startsWith('mongodb')) return '@kairos/mongo mongodb'
  if (scheme === 'cassandra' || scheme === 'cql') return '@kairos/cassandra cassandra-driver'
  return `@kairos/sql kysely${CLIENTS[scheme] ?? ''}`
}

/** Of SQL databases; for SQLite, Node's own will do. */
const CLIENTS: Readonly<Record<string, string>> = {
  postgres: ' pg',
  postgresql: ' pg',
  mysql: ' mysql2',
  mariadb: ' mysql2',
  pglite: ' @electric-sql/pglite',
}

function isMissing(error: unknown): error is KairosError {
  return KairosError.is(error) && error.code === 'KAIROS_DRIVER_MISSING'
}

/**
 * Never tells the user to install an unknown package: an unknown scheme is most likely a typo, and anyone may have published a package for it.
 */
function unknownScheme(url: string, scheme: string, missing: KairosError): KairosError {
  const known = `the store's scheme must be one of ${SCHEMES.map((each) => `${each}:`).join(', ')}`
  return new KairosError(
    'KAIROS_DRIVER_MISSING',
    `${known}, not ${describeUrl(url)}${remedyFor(url, scheme)}`,
    { scheme, package: missing.package!, known: SCHEMES },
    missing,
  )
}

function remedyFor(url: string, scheme: string): string {
  if (url.includes('@') && !url.includes('://'))
    return '; a user, a password and a host need a scheme before them: postgres://'
  if (/^[^:/]+:\d+(\/|$)/.test(url)) return `; a host and a port need a scheme: redis://${url}`
  if (NO_STORES.includes(scheme)) return ''
  const near = nearMiss(scheme, SCHEMES)
  if (near !== undefined) return `; did you mean ${near}:?`
  return `; a third-party driver would be the package kairos-driver-${scheme}, which is not installed`
}
