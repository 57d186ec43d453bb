import type { StoreSchema } from '@kairos/core/driver'

/**
 * The bucket of the epoch, in each of the ways that integers read as time: elapsed steps, years, months, days. In its own interval it expires
 * exactly one retention after the epoch; in the others it lies thousands of years away from it.
 */
const EPOCHS = [0, 1970, 197_001, 19_700_101]
/** Whole files can be dropped only where what lies in them expires alike. */
const ALIKE = 8
const HOUR = 3_600
const MOST_WINDOWS = 30

/**
 * Compaction by time window for tables whose cells all expire, and alike: windows of a thirtieth of the longest retention. Undefined, the
 * server's default, for all others: there files would stay until the longest-lived cell in them expires.
 */
export function compactionOf(schema: StoreSchema): Readonly<Record<string, string>> | undefined {
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
    // Deletes and folded deltas are reclaimed too: without a threshold, this strategy never compacts for them.
    tombstone_threshold: '0.2',
    tombstone_compaction_interval: '86400',
  }
}
