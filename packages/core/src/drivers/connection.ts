import { callStore } from '../calls/retry.ts'
import type { StorageDriver } from '../contract/cells.ts'
import { KairosError } from '../errors.ts'
import { checkedDriver } from './checked-driver.ts'
import { driverFromUrl, schemeOf } from './driver-url.ts'

/** Where a timeseries or an event store gets its driver from, and what it must close itself. */
export interface Connection {
  /** For messages: the driver's id, or the URL's scheme. */
  readonly id: string
  /** The caller's driver; absent where a URL names it. */
  readonly given?: StorageDriver
  /** `ended` ends a making that nothing waits for any more. */
  driver(ended?: AbortSignal): Promise<StorageDriver>
  /** In at most so many milliseconds; default 10,000. */
  close(patience?: number): Promise<void>
}

/**
 * The caller's driver, which the caller closes; or the one that a URL names, created on first use and closed with the connection.
 * @example `const connection = connectionOf('redis://localhost', undefined)`
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
      'clientConfig must be used with a URL, not with a driver; pass the options to the driver instead',
      { path: 'clientConfig' },
    )
  }
  return { id: driver.id, given: driver, driver: async () => driver, close: async () => {} }
}

function urlConnection(url: string, clientConfig: object | undefined): Connection {
  const scheme = schemeOf(url)
  let making: Promise<StorageDriver> | undefined
  let made: StorageDriver | undefined
  let closed = false

  async function make(): Promise<StorageDriver> {
    const driver = checkedDriver(await driverFromUrl(url, clientConfig))
    if (!closed) made = driver
    // Nothing waits for a driver that comes this late, and nothing else would close it.
    else await driver.close()
    return driver
  }

  return {
    id: scheme,
    driver(ended) {
      making ??= callStore(make, { driver: scheme, operation: 'open', signal: ended, unbounded: true }).catch(
        (error: unknown) => {
          making = undefined
          throw error
        },
      )
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
