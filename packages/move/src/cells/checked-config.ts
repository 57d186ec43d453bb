import { createTimeseries } from '@kairos/core'
import { type CheckedConfig, configOf } from '@kairos/core/calls'

/**
 * A configuration, checked as that of a timeseries is.
 * @throws KAIROS_INVALID_CONFIG
 */
export function checkedConfig(config: object): CheckedConfig {
  return configOf(createTimeseries('memory:', config as never))
}
