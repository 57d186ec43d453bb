import { setBounded } from './bounded.ts'
import { UTC } from './zone-names.ts'
import { type ZoneOffsets, zoneOffsets } from './zone-offsets.ts'
import type { DayOptions } from './zone-option.ts'

/** The days that a calendar counts in: when each begins, and which one contains a moment. Local dates, counted from 1970-01-01. */
export interface LocalDays {
  /** In Unix seconds. */
  startOf(day: number): number
  /** Of a moment in Unix seconds. */
  dayOf(seconds: number): number
  /** Days that begin when the next one does, ascending: skipped when a zone crossed the date line. */
  readonly missing: readonly number[]
}

const SECONDS_IN_DAY = 86_400
/** More than any clock was ever away from UTC: 15:56 behind (Manila), 15:13 ahead (Metlakatla). */
const FARTHEST = 16 * 3_600

/** The days of a zone, by its canonical name. */
export function localDays({ zone, offset }: DayOptions): LocalDays {
  if (zone !== UTC) return zonedDays(zone, offset)
  return offset === 0 ? UTC_DAYS : utcDays(offset)
}

/** Days of UTC that begin `offset` seconds after midnight. */
function utcDays(offset: number): LocalDays {
  return {
    startOf: (day) => day * SECONDS_IN_DAY + offset,
    // The inner floor: a moment just below a whole second would round up otherwise.
    dayOf: (seconds) => Math.floor((Math.floor(seconds) - offset) / SECONDS_IN_DAY),
    missing: [],
  }
}

export const UTC_DAYS: LocalDays = utcDays(0)

/**
 * Days of a zone: each begins at the first instant whose local date and time are at or past its date and `offset` seconds. If that time
 * does not exist, it begins at the jump; if it occurs twice, at the first.
 * @throws RangeError if the engine does not know the zone
 */
function zonedDays(zone: string, offset: number): LocalDays {
  const offsets = zoneOffsets(zone)
  const starts = new Map<number, number>()

  function startOf(day: number): number {
    const known = starts.get(day)
    if (known !== undefined) return known
    const start = firstInstantAt(offsets, day * SECONDS_IN_DAY + offset)
    setBounded(starts, MOST_STARTS, day, start)
    return start
  }

  let missing: readonly number[] | undefined
  return {
    startOf,
    dayOf(seconds) {
      // A day is within a day and a half of the same day in UTC.
      let day = Math.floor((seconds - offset + FARTHEST) / SECONDS_IN_DAY)
      while (startOf(day) > seconds) day--
      return day
    },
    get missing() {
      missing ??= missingDays(offsets, startOf, offset)
      return missing
    },
  }
}

/** Days whose start is cached. */
const MOST_STARTS = 4_096

/** The first instant whose local time, as seconds of a date without zone, is at or past `local`. */
function firstInstantAt(offsets: ZoneOffsets, local: number): number {
  for (const { from, to, offset } of offsets.between(local - FARTHEST, local + FARTHEST)) {
    const instant = Math.max(from, local - offset)
    if (instant < to) return instant
  }
  throw new RangeError(`no clock shows the local second ${local}`)
}

/** All known crossings of the date line are between these Unix seconds, with a century to spare. */
const [FIRST_LOOK, LAST_LOOK] = [-5_000_000_000, 5_000_000_000]
/** No zone has crossed it twice within this time. The engine takes microseconds for each look. */
const FIVE_YEARS = 5 * 365 * SECONDS_IN_DAY
const HALF_YEAR = 182 * SECONDS_IN_DAY
/** Crossing the date line moves clocks by about a day; nothing else moves them by more than three hours. */
const CHANGE_OF_SIDE = 20 * 3_600

function missingDays(offsets: ZoneOffsets, startOf: (day: number) => number, offset: number): number[] {
  const days: number[] = []

  function search(low: number, offsetLow: number, high: number, offsetHigh: number): void {
    if (offsetHigh - offsetLow < CHANGE_OF_SIDE) return
    if (high - low > HALF_YEAR) {
      const middle = Math.floor((low + high) / 2)
      const offsetMiddle = offsets.at(middle)
      search(low, offsetLow, middle, offsetMiddle)
      search(middle, offsetMiddle, high, offsetHigh)
      return
    }
    const last = Math.floor((high + SECONDS_IN_DAY - offset) / SECONDS_IN_DAY)
    for (let day = Math.floor((low - SECONDS_IN_DAY - offset) / SECONDS_IN_DAY); day <= last; day++)
      if (startOf(day) === startOf(day + 1)) days.push(day)
  }

  let before = offsets.at(FIRST_LOOK)
  for (let look = FIRST_LOOK; look < LAST_LOOK; look += FIVE_YEARS) {
    const after = offsets.at(look + FIVE_YEARS)
    search(look, before, look + FIVE_YEARS, after)
    before = after
  }
  return days
}
