import { bucketing } from '@kairos/core'

/**
 * A time zone as it was given.
 * @throws KAIROS_INVALID_CONFIG for one that is not known
 */
export function checkedZone(zone: string): string {
  bucketing('daily', { zone })
  return zone
}
