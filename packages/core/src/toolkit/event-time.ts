/** From 1582-10-15, the origin of version-1 UUIDs, to 1970-01-01, in ticks of 100 ns. */
export const UUID_EPOCH: bigint = 0x01b21dd213814000n

/**
 * The time in an event's key, in ticks of 100 ns since 1970-01-01T00:00:00Z: for stores that group events by time.
 * @example `const seconds = Number(eventTime(key)) / 1e7`
 */
export function eventTime(key: string): bigint {
  return BigInt(`0x${key.slice(1, 16)}`) - UUID_EPOCH
}
