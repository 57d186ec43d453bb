/** No row may outlive this by a TTL of its own, in Unix seconds: Cassandra counts local deletion times in 32 bits. */
const LAST_SECOND = 0x7fff_fffe
/** Twenty years: the longest TTL that Cassandra takes. */
const LONGEST_TTL = 630_720_000

/**
 * The TTL of a row that expires at `expiresAt`, Unix seconds, null for never: rounded up, so that a row is never gone early. 0, no TTL, where
 * Cassandra cannot hold the instant: core hides such a row in time, and nobody reclaims it.
 */
export function ttlOf(expiresAt: number | null, nowMilliseconds: number): number {
  if (expiresAt === null || expiresAt > LAST_SECOND) return 0
  const ttl = Math.max(1, Math.ceil(expiresAt - nowMilliseconds / 1000))
  return ttl > LONGEST_TTL ? 0 : ttl
}
