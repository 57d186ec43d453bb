/** The latest moment at which a row can expire, in Unix seconds: Cassandra keeps deletion times in 32 bits. */
const LAST_SECOND = 0x7fff_fffe
/** The longest TTL that Cassandra takes: twenty years, in seconds. */
const LONGEST_TTL = 630_720_000

/**
 * The TTL, in seconds, of a row that expires at `expiresAt` (Unix seconds; null: never). Rounded up, so that no row expires early. 0, no TTL, if
 * Cassandra cannot represent the moment: core hides such a row in time, but it is never reclaimed.
 */
export function ttlOf(expiresAt: number | null, nowMilliseconds: number): number {
  if (expiresAt === null || expiresAt > LAST_SECOND) return 0
  const ttl = Math.max(1, Math.ceil(expiresAt - nowMilliseconds / 1000))
  return ttl > LONGEST_TTL ? 0 : ttl
}
