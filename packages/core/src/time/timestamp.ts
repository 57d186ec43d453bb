import { KairosError } from '../errors.ts'
import { describe } from '../internal/describe.ts'
import { isDate } from '../internal/kinds.ts'

/** A moment: a `Date`, or a number of seconds since the Unix epoch, fractions and negatives allowed, in the years 0001 to 9999. */
export type Timestamp = Date | number

/** 0001-01-01T00:00:00Z in Unix seconds. */
export const FIRST_MOMENT = -62_135_596_800
/** 10000-01-01T00:00:00Z in Unix seconds: the first moment that is too late. */
export const END_OF_TIME = 253_402_300_800

export function inRange(seconds: number): boolean {
  return seconds >= FIRST_MOMENT && seconds < END_OF_TIME
}

/**
 * The moment in Unix seconds.
 * @throws KAIROS_INVALID_VALUE
 */
export function toSeconds(timestamp: unknown, name?: string): number {
  const seconds =
    typeof timestamp === 'number' ? timestamp : isDate(timestamp) ? timestamp.getTime() / 1000 : Number.NaN
  if (inRange(seconds)) return seconds + 0 // -0 is 0
  const hint = seconds >= END_OF_TIME ? '; this looks like milliseconds, and timestamps are seconds' : ''
  throw new KairosError(
    'KAIROS_INVALID_VALUE',
    `the timestamp must be a Date, or seconds since the epoch, in the years 0001 to 9999, not ${describe(timestamp)}${hint}`,
    { value: timestamp, ...(name === undefined ? {} : { series: name }) },
  )
}
