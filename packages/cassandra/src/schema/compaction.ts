import type { StoreSchema, TimeseriesType } from '@kairos/core/driver'

/**
 * The bucket of 1970-01-01 in each of the ways that a bucket may number time: elapsed steps, years, months, days. In an interval that numbers it so,
 * it expires exactly one retention after the epoch; in the others it is thousands of years away.
 */
const EPOCHS = [0, 1970, 197_001, 19_700_101]
/** How many times the shortest retention the longest may be: whole files can be dropped only if their cells expire at a similar age. */
const ALIKE = 8
const HOUR = 3_600
const MOST_WINDOWS = 30

/**
 * Compaction by time window, each a thirtieth of the longest retention, for tables whose cells all expire at a similar age. Undefined, the server's
 * default, for others: with time windows, their files would stay until the longest-lived cell in them expires.
 */
export function compactionOf(schema: StoreSchema<TimeseriesType>): Readonly<Record<string, string>> | undefined {
  const retentions = Object.values(schema.intervals).map(({ expiresAt }) =>
    EPOCHS.map(expiresAt).find((seconds) => seconds !== null && seconds > 0),
  )
  const known = retentions.filter((seconds) => seconds !== undefined && seconds !== null)
  const longest = Math.max(...known)
  if (known.length < retentions.length || longest > ALIKE * Math.min(...known)) return undefined
  return {
    class: 'TimeWindowCompactionStrategy',
    compaction_window_unit: 'HOURS',
    compaction_window_size: String(Math.ceil(longest / MOST_WINDOWS / HOUR)),
    // To reclaim deletes and folded deltas: without a threshold this strategy never compacts for them.
    tombstone_threshold: '0.2',
    tombstone_compaction_interval: '86400',
  }
}
