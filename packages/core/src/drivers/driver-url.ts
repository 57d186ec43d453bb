import type { StorageDriver } from '../contract/cells.ts'
import { KairosError } from '../errors.ts'
import { isFunction, isObject } from '../internal/kinds.ts'
import { describeUrl } from '../internal/message-of.ts'
import { nearMiss } from '../internal/near-miss.ts'
import { SPECS } from './checked-driver.ts'
import { importPeer } from './import-peer.ts'
import { memoryDriver } from './memory.ts'

const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  '@kairos/redis': ['redis', 'rediss', 'redis+cluster', 'redis+sentinel'],
  '@kairos/mongo': ['mongodb', 'mongodb+srv'],
  '@kairos/sql': ['sqlite', 'postgres', 'postgresql', 'mysql', 'mariadb', 'pglite'],
  '@kairos/cassandra': ['cassandra', 'cql'],
}
const SCHEMES: readonly string[] = ['memory', ...Object.values(PACKAGES).flat()]
/** Schemes that do not say which store is meant. */
const NO_STORES: readonly string[] = ['http', 'https', 'file', 'tcp', 'localhost']

/**
 * The scheme of a store's URL.
 * @throws KAIROS_INVALID_CONFIG
 */
export function schemeOf(url: string): string {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase()
  if (scheme === undefined) {
    throw new KairosError(
      'KAIROS_INVALID_CONFIG',
      `the store must be a URL like sqlite:data.db, redis://localhost or memory:, not ${describeUrl(url)}`,
      { path: 'store', known: SCHEMES },
    )
  }
  return scheme
}

/**
 * The driver that a URL's scheme names.
 * @throws KAIROS_DRIVER_MISSING where its package is not installed
 */
export async function driverFromUrl(url: string, clientConfig: object | undefined): Promise<StorageDriver> {
  const scheme = schemeOf(url)
  if (scheme === 'memory') return memoryDriver()
  const name = Object.keys(PACKAGES).find((key) => PACKAGES[key]!.includes(scheme)) ?? `kairos-driver-${scheme}`
  const module = await importPeer({ package: name, scheme, from: import.meta.url }).catch((error: unknown) => {
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
