import { checkedZone } from './checked-zone.ts'
import type { Clock } from './parse-time.ts'

/**
 * Now, in a zone.
 * @throws KAIROS_INVALID_CONFIG for one that is not known
 */
export function clockIn(zone = 'UTC'): Clock {
  return { now: Date.now() / 1000, zone: checkedZone(zone) }
}
