import type { StorageDriver } from '../contract/cells.ts'
import { part } from '../part.ts'
import { ownDriver } from './checked-store.ts'
import { schemeOf } from './schemes.ts'
import type { UrlDriver } from './url-driver.ts'

/** Where a timeseries or an event store gets its driver from, and what it must close itself. */
export interface Connection {
  /** For messages: the driver's id, or the URL's scheme. */
  readonly id: string
  /** The caller's driver; absent where a URL names it. */
  readonly given?: StorageDriver
  /** `ended` ends a making that nothing waits for any more. */
  driver(ended?: AbortSignal): Promise<StorageDriver>
  /** In at most this many milliseconds; default 10,000. */
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
  const driver = ownDriver(store, clientConfig)
  return {
    id: driver.id,
    given: driver,
    async driver() {
      const { checkCapabilities } = capable.loaded ?? (await capable.load())
      checkCapabilities(driver)
      return driver
    },
    close: async () => {},
  }
}

const capable = /* @__PURE__ */ part(() => import('./capabilities.ts'))
const urlDriving = /* @__PURE__ */ part(() => import('./url-driver.ts'))

function urlConnection(url: string, clientConfig: object | undefined): Connection {
  let made: UrlDriver | undefined
  let closed = false
  return {
    id: schemeOf(url),
    async driver(ended) {
      const { urlDriver } = await urlDriving.load()
      made ??= urlDriver(url, clientConfig, closed)
      return made.driver(ended)
    },
    async close(patience) {
      closed = true
      await made?.close(patience)
    },
  }
}
