import { RequestError } from '@kairos/events/http'

/** Local dates and times of one time zone. Dates are those of `Date.UTC`: the local clock read as if it were UTC, in seconds. */
export interface ZoneClock {
  /** The local clock at an instant. */
  localOf(seconds: number): number
  /** The instant of a local time: the later one where it comes twice; by the offset of winter where it does not exist. */
  instantOf(local: number): number
}

const DAY = 86_400
const FIELDS = ['year', 'month', 'day', 'hour', 'minute', 'second'] as const

/**
 * The clock of an IANA zone.
 * @throws RequestError if the zone is unknown
 */
export function zoneClock(zone: string): ZoneClock {
  if (zone === 'UTC') return { localOf: (seconds) => seconds, instantOf: (local) => local }
  const format = formatOf(zone)
  const localOf = (seconds: number): number => {
    const parts = format.formatToParts(Math.floor(seconds) * 1000)
    const [year, month, day, hour, minute, second] = FIELDS.map((field) =>
      Number(parts.find(({ type }) => type === field)!.value),
    ) as [number, number, number, number, number, number]
    return Date.UTC(year, month - 1, day, hour, minute, second) / 1000
  }
  const instantOf = (local: number): number => {
    // The offsets around it: one of them unless the clock changed.
    const [before, after] = [-DAY, DAY].map((away) => localOf(local + away) - (local + away)) as [number, number]
    const fitting = [local - before, local - after].filter((instant) => localOf(instant) === local)
    return fitting.length > 0 ? Math.max(...fitting) : local - Math.min(before, after)
  }
  return { localOf, instantOf }
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US-u-ca-gregory', {
      timeZone,
      hourCycle: 'h23',
      ...Object.fromEntries(FIELDS.map((field) => [field, 'numeric'])),
    })
  } catch {
    throw new RequestError(
      400,
      `tz must be a time zone such as Europe/Berlin, not ${JSON.stringify(timeZone.slice(0, 64))}`,
    )
  }
}
