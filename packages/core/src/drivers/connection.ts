import { callStore } from '../calls/retry.ts'
import type { StorageDriver } from '../contract/cells.ts'
import { KairosError } from '../errors.ts'
import { checkedDriver } from './checked-driver.ts'
import { driverFromUrl, schemeOf } from './driver-url.ts'

/** Where a timeseries or an event store gets its driver from, and what of it is its own to close. */
export interface Connection {
  /** For messages: the driver's id, or the URL's scheme. */
  readonly id: string
  driver(): Promise<StorageDriver>
  close(): Promise<void>
}

/**
 * A driver that the caller made, and closes; or the one that a URL names, made on first use and closed with the connection.
 * @throws KAIROS_INVALID_CONFIG, KAIROS_SPEC_MISMATCH
 */
export function connectionOf(store: unknown, clientConfig: object | undefined): Connection {
  return typeof store === 'string' ? urlConnection(store, clientConfig) : driverConnection(store, clientConfig)
}

function driverConnection(store: unknown, clientConfig: object | undefined): Connection {
  const driver = checkedDriver(store)
  if (clientConfig !== undefined) {
    throw new KairosError(
      'KAIROS_INVALID_CONFIG',
      'clientConfig is for the client that a URL creates; give the driver its options where you make it',
      { path: 'clientConfig' },
    )
  }
  return { id: driver.id, driver: async () => driver, close: async () => {} }
}

function urlConnection(url: string, clientConfig: object | undefined): Connection {
  let made: Promise<StorageDriver> | undefined
  return {
    id: schemeOf(url),
    driver() {
      made ??= driverFromUrl(url, clientConfig)
        .then(checkedDriver)
        .catch((error: unknown) => {
          made = undefined
          throw error
        })
      return made
    },
    async close() {
      const driver = await made
      if (driver !== undefined) await callStore(driver.id, 'close', () => driver.close(), undefined)
    },
  }
}
