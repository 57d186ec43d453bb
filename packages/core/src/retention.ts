import type { BucketRange, OldestLive } from './contract/cells.ts'
import { KairosError } from './errors.ts'
import { describe } from './internal/describe.ts'
import { warn } from './internal/warn.ts'
import type { Interval, Settings } from './settings.ts'
import { shiftBucket } from './time/calculator.ts'
import { END_OF_TIME, FIRST_MOMENT, inRange } from './time/timestamp.ts'
import { dictionary } from './toolkit/dictionary.ts'

/** Before every bucket: where nothing expires. Finite, so that stores can bind it. */
export const ALWAYS: number = Number.MIN_SAFE_INTEGER

/** In seconds: smaller differences between clocks are ignored, larger ones are reported. */
const NEGLIGIBLE = 2
const REMARKABLE = 5

function systemNow(): number {
  return Date.now() / 1000
}

/** Decides by one clock what is live. */
export interface Retention {
  /** The clock, Unix seconds. */
  now(): number
  /** The oldest live bucket of every interval at `now`. */
  oldestLive(now: number): OldestLive
  /** When a bucket expires, in whole seconds of the store's clock; null: never, or after the year 9999. */
  expiresAt(interval: Interval, bucket: number): number | null
  /** Sets the clock of a store that expires by its own clock, in Unix seconds, as read when it opened. */
  meet(driver: string, clock: number): void
}

/**
 * By the clock of a configuration, or the system's.
 * @example `createRetention(settings).oldestLive(Date.now() / 1000).minute // 28324512`
 */
export function createRetention(settings: Settings): Retention {
  const now = checkedClock(settings.now)
  const kept = settings.intervals.filter((interval) => interval.steps !== null)

  let storeNow = (system: number): number => system

  /** The clock that decides what is live is not the store's: a replay of 1977 must not expire as it is written. */
  function aheadOfStore(): number {
    // Read first, so that `now: () => Date.now() / 1000` is never behind: every expiry would be a second off.
    const system = systemNow()
    return (settings.now === undefined ? system : now()) - storeNow(system)
  }

  let cached = { from: Number.POSITIVE_INFINITY, until: Number.NEGATIVE_INFINITY, oldest: {} as OldestLive }
  return {
    now,
    oldestLive(moment) {
      // Cached until a bucket of some interval ends: every single insert needs it.
      if (moment < cached.from || moment >= cached.until) {
        cached = {
          from: Math.max(...kept.map(({ buckets }) => buckets.startOf(buckets.bucketOf(moment)))),
          until: Math.min(...kept.map(({ buckets }) => buckets.endOf(buckets.bucketOf(moment)))),
          oldest: dictionary(settings.intervals.map((interval) => [interval.name, oldestLiveBucket(interval, moment)])),
        }
      }
      return cached.oldest
    },
    expiresAt({ buckets, steps }, bucket) {
      if (steps === null) return null
      const end = buckets.startOf(shiftBucket(buckets, bucket, steps))
      if (!(end < END_OF_TIME)) return null
      return Math.ceil(end - aheadOfStore())
    },
    meet(driver, clock) {
      const skew = clock - systemNow()
      storeNow = storeClock(clock, skew)
      if (settings.now !== undefined || Math.abs(skew) <= REMARKABLE) return
      warn(
        `the clock of the ${driver} store is ${Math.abs(skew).toFixed(0)} s ${skew > 0 ? 'ahead of' : 'behind'} this process's: ` +
          'this process decides by its own clock what is live; synchronise both by NTP, or configure `now`',
        'KAIROS_CLOCK_SKEW',
      )
    },
  }
}

/**
 * The store's clock from now on, derived from the system's: the later of the time passed since, and the system's clock plus the difference it
 * had. A machine may sleep, and its clock may be set. An expiry may be late, never early.
 */
function storeClock(clock: number, skew: number): (system: number) => number {
  const met = performance.now()
  return (system) => {
    const store = Math.max(clock + (performance.now() - met) / 1_000, system + skew)
    return Math.abs(store - system) < NEGLIGIBLE ? system : store
  }
}

export function oldestLiveBucket({ buckets, steps }: Interval, now: number): number {
  if (steps === null) return ALWAYS
  const oldest = buckets.ordinalOf(buckets.bucketOf(now)) - (steps - 1)
  return oldest <= buckets.ordinalOf(buckets.bucketOf(FIRST_MOMENT)) ? ALWAYS : buckets.bucketAt(oldest)
}

/** The part of a range that is live; null: none. */
export function livePart(range: BucketRange, oldestLive: number): BucketRange | null {
  return range.last < oldestLive ? null : { first: Math.max(range.first, oldestLive), last: range.last }
}

/** Every bucket that can hold data and is live. */
export function liveRange(interval: Interval, oldestLive: number): BucketRange {
  const first = interval.buckets.bucketOf(FIRST_MOMENT)
  return { first: Math.max(first, oldestLive), last: interval.buckets.bucketOf(END_OF_TIME - 1) }
}

function checkedClock(clock: (() => number) | undefined): () => number {
  if (clock === undefined) return systemNow
  return () => {
    const moment = clock()
    if (typeof moment === 'number' && inRange(moment)) return moment
    throw new KairosError(
      'KAIROS_INVALID_CONFIG',
      `now() must return Unix seconds in the years 0001 to 9999, not ${describe(moment)}`,
      { path: 'now', value: moment },
    )
  }
}
