import type { StorageDriver } from '../contract/cells.ts'
import { KairosError } from '../errors.ts'
import { describe } from '../internal/describe.ts'
import { isFunction, isObject } from '../internal/kinds.ts'

/** The versions of the contract that this core supports. */
export const SPECS: readonly number[] = [1]

/**
 * How to recognise a client that is passed instead of a driver: by its methods; and the package that has a driver for it. The first match counts.
 */
const CLIENTS: readonly (readonly [methods: string, store: string, hint?: string, argument?: string])[] = [
  ['selectFrom transaction', 'sql'],
  ['eachRow execute batch', 'cassandra'],
  ['sendCommand duplicate', 'redis'],
  ['startSession db', 'mongo'],
  ['collection listCollections', 'mongo', ', with the client of the database'],
  ['prepare exec', 'sql', ', which opens the file itself', "'sqlite:path'"],
  ['query connect', 'sql', ', with a Kysely on this client', 'kysely'],
]

/** @throws KAIROS_INVALID_CONFIG, KAIROS_SPEC_MISMATCH */
export function checkedDriver(store: unknown): StorageDriver {
  const remedy = isObject(store) && !('spec' in store) ? remedyOf(store) : undefined
  if (remedy !== undefined || !isDriver(store)) {
    throw new KairosError(
      'KAIROS_INVALID_CONFIG',
      `the store must be a driver or a URL, not ${describe(store)}${remedy === undefined ? '' : `; use ${remedy}`}`,
      { path: 'store' },
    )
  }
  const found: number | undefined = store.spec
  if (!SPECS.includes(found)) {
    throw new KairosError(
      'KAIROS_SPEC_MISMATCH',
      `spec of the driver must be ${SPECS.join(' or ')}, not ${describe(found)}; install matching versions of the driver and @kairos/core`,
      { found, accepted: SPECS },
    )
  }
  return store
}

/** Whether it is meant to be a driver; its `spec` says for which contract. */
function isDriver(store: unknown): store is StorageDriver {
  return isObject(store) && 'open' in store && isFunction(store.open)
}

function remedyOf(store: object): string | undefined {
  const has = (method: string): boolean => isFunction((store as Readonly<Record<string, unknown>>)[method])
  const found = CLIENTS.find(([methods]) => methods.split(' ').every(has))
  if (found === undefined) return undefined
  const [, client, hint = '', argument = 'client'] = found
  return `${client}Driver(${argument}) of @kairos/${client}${hint}`
}
