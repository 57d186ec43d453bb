import type { StorageDriver } from '../contract/cells.ts'
import { KairosError } from '../errors.ts'
import { describe } from '../internal/describe.ts'
import { isFunction, isObject } from '../internal/kinds.ts'
import { SPECS } from './checked-driver.ts'
import { importPeer } from './import-peer.ts'
import { memoryDriver } from './memory.ts'

const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  '@kairos/redis': ['redis', 'rediss', 'redis+cluster', 'redis+sentinel'],
  '@kairos/mongo': ['mongodb', 'mongodb+srv'],
  '@kairos/sql': ['sqlite', 'postgres', 'postgresql', 'mysql', 'mariadb', 'pglite'],
  '@kairos/cassandra': ['cassandra', 'cql'],
}

/**
 * The scheme of a store's URL.
 * @throws KAIROS_INVALID_CONFIG
 */
export function schemeOf(url: string): string {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase()
  if (scheme === undefined) {
    throw new KairosError(
      'KAIROS_INVALID_CONFIG',
      `${describe(url)} is not a store's URL; want one like sqlite:data.db, redis://localhost or memory:`,
      {
        path: 'store',
      },
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
  const module = await importPeer({ package: name, scheme, from: import.meta.url })
  const factory = isObject(module) && 'driverFromUrl' in module ? module.driverFromUrl : undefined
  if (!isFunction(factory)) {
    throw new KairosError(
      'KAIROS_SPEC_MISMATCH',
      `the package ${name} exports no driverFromUrl, so it is no kairos driver`,
      { driver: name, found: undefined, accepted: SPECS },
    )
  }
  const make = factory as (url: string, clientConfig?: object) => StorageDriver | Promise<StorageDriver>
  return make(url, clientConfig)
}
