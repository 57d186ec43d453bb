import { offsetIn } from '@kairos/core/calls'
import { RequestError } from '@kairos/events/http'
import { quoted } from '../http/quoted.ts'

/** Local dates and times of one time zone. Dates are those of `Date.UTC`: the local clock read as if it were UTC, in seconds. */
export interface ZoneClock {
  /** The local clock at an instant. */
  localOf(seconds: number): number
  /** The instant of a local time: the later one where it comes twice; by the offset of winter where it does not exist. */
  instantOf(local: number): number
}

const DAY = 86_400
/** Seconds of the last date. */
const LAST = 8_640_000_000_000

/**
 * The clock of an IANA zone.
 * @throws RequestError if the zone is unknown
 */
export function zoneClock(zone: string): ZoneClock {
  if (zone === 'UTC') return { localOf: (seconds) => seconds, instantOf: (local) => local }
  const offsetAt = checked(offsetOf(zone))
  const localOf = (seconds: number): number => {
    const whole = Math.floor(seconds)
    return whole + offsetAt(whole)
  }
  const instantOf = (local: number): number => {
    // The offsets around it: one of them unless the clock changed.
    const [before, after] = [-DAY, DAY].map((away) => localOf(local + away) - (local + away)) as [number, number]
    const fitting = [local - before, local - after].filter((instant) => localOf(instant) === local)
    return fitting.length > 0 ? Math.max(...fitting) : local - Math.min(before, after)
  }
  return { localOf, instantOf }
}

/** A function may be asked to look anywhere. @throws RequestError beyond what a date can be */
function checked(offsetAt: (seconds: number) => number): (seconds: number) => number {
  return (seconds) => {
    if (Math.abs(seconds) <= LAST) return offsetAt(seconds)
    throw new RequestError(400, `a time must be within 270,000 years of 1970, not ${seconds} seconds from it`)
  }
}

function offsetOf(zone: string): (seconds: number) => number {
  try {
    return offsetIn(zone)
  } catch {
    throw new RequestError(400, `tz must be a time zone such as Europe/Berlin, not ${quoted(zone)}`)
  }
}
