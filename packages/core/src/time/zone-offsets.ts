import { setBounded } from './bounded.ts'

/**
 * How far a zone's clocks are ahead of UTC, in seconds, at any moment. The engine is asked about ten times per calendar week, and the answers
 * are cached.
 */
export interface ZoneOffsets {
  /** At one moment; not cached. */
  at(seconds: number): number
  /** The stretches of constant offset that overlap [from, to], in order and without gaps. Whole seconds. */
  between(from: number, to: number): Iterable<Stretch>
}

interface Stretch {
  readonly from: number
  /** Exclusive. */
  readonly to: number
  readonly offset: number
}

const DAY = 86_400
const WEEK = 7 * DAY
/** Cached weeks, some 200 bytes each. */
const MOST_WEEKS = 1_024

const zones = new Map<string, ZoneOffsets>()

/**
 * Those of a zone, by its canonical name: one object for all intervals that are in it.
 * @throws RangeError if the engine does not know the zone
 */
export function zoneOffsets(zone: string): ZoneOffsets {
  const offsets = zones.get(zone) ?? offsetsOf(zone)
  zones.set(zone, offsets)
  return offsets
}

function offsetsOf(zone: string): ZoneOffsets {
  const askEngine = offsetIn(zone)
  const weeks = new Map<number, readonly Stretch[]>()

  function stretchesOf(week: number): readonly Stretch[] {
    const known = weeks.get(week)
    if (known !== undefined) return known
    const stretches = findStretches(week * WEEK, askEngine)
    setBounded(weeks, MOST_WEEKS, week, stretches)
    return stretches
  }

  return {
    at: askEngine,
    *between(from, to) {
      for (let week = Math.floor(from / WEEK); week * WEEK <= to; week++) {
        for (const stretch of stretchesOf(week)) if (stretch.to > from && stretch.from <= to) yield stretch
      }
    },
  }
}

/** The stretches of a week. Clocks have never changed twice within a day and back to where they were. */
function findStretches(start: number, offsetAt: (seconds: number) => number): Stretch[] {
  const stretches: Stretch[] = []
  let open = { from: start, offset: offsetAt(start) }

  function search(low: number, offsetLow: number, high: number, offsetHigh: number): void {
    if (offsetLow === offsetHigh) return
    if (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      const offset = offsetAt(middle)
      search(low, offsetLow, middle, offset)
      search(middle, offset, high, offsetHigh)
      return
    }
    stretches.push({ ...open, to: high })
    open = { from: high, offset: offsetHigh }
  }

  let before = open.offset
  for (let day = start; day < start + WEEK; day += DAY) {
    // The first second of the next week belongs to that week.
    const last = Math.min(day + DAY, start + WEEK - 1)
    const after = offsetAt(last)
    search(day, before, last, after)
    before = after
  }
  stretches.push({ ...open, to: start + WEEK })
  return stretches
}

/**
 * How far the clocks of a zone, by any name that the engine knows, are ahead of UTC at a whole Unix second, in seconds. From the fields that the
 * engine formats; each call takes microseconds.
 * @throws RangeError if the engine does not know the zone
 * @example `offsetIn('Europe/Berlin')(1_709_208_000) // 3600`
 */
export function offsetIn(zone: string): (seconds: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const local = new Date(0)
  return (seconds) => {
    // A year of days asks hundreds of times; the parts of `formatToParts` would be most of its garbage.
    const text = format.format(seconds * 1_000)
    const [month, day, year, hour, minute, second] = text.match(/\d+/g)!.map(Number)
    // The year before 1 is 1 BC.
    local.setUTCFullYear(text.includes('B') ? 1 - year! : year!, month! - 1, day)
    local.setUTCHours(hour!, minute, second, 0)
    return local.getTime() / 1_000 - seconds
  }
}
