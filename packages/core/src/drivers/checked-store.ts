import type { StorageDriver } from '../contract/cells.ts'
import { invalidOption } from '../internal/invalid-option.ts'
import type { CheckedConfig } from '../settings.ts'
import { checkFits } from './check-fits.ts'
import { checkedDriver } from './checked-driver.ts'
import { schemeOf } from './schemes.ts'

/**
 * Checks the store of a timeseries as far as that is possible without loading or connecting anything. Returns what messages call it: the driver's id, or
 * the URL's scheme.
 * @throws KAIROS_INVALID_CONFIG, KAIROS_SPEC_MISMATCH, KAIROS_UNSUPPORTED
 */
export function checkedStore(store: unknown, config: CheckedConfig): string {
  if (typeof store === 'string') return schemeOf(store)
  const driver = ownDriver(store, config.clientConfig)
  checkFits(config, driver)
  return driver.id
}

/**
 * The caller's driver.
 * @throws KAIROS_INVALID_CONFIG, KAIROS_SPEC_MISMATCH
 */
export function ownDriver(store: unknown, clientConfig: object | undefined): StorageDriver {
  const driver = checkedDriver(store)
  if (clientConfig !== undefined)
    throw invalidOption(
      'clientConfig',
      'clientConfig must be used with a URL, not with a driver; pass the options to the driver instead',
    )
  return driver
}
