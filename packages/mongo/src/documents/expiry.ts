import type { IntervalSchema } from '@kairos/core/driver'

/**
 * The expiry of documents that never expire. A date rather than nothing, so that `$max` keeps the later one of two timeseries that share cells
 * and keep them for different times.
 */
const NEVER = new Date('9999-12-31T23:59:59.999Z')

/** The `expireAt` of documents: when the last of the `pack` buckets that share this `i` expires. */
export function expiryOf(schema: Pick<IntervalSchema, 'expiresAt'>, i: number, pack: number): Date {
  const expiry = schema.expiresAt(i * pack + pack - 1)
  return expiry === null ? NEVER : new Date(expiry * 1000)
}
