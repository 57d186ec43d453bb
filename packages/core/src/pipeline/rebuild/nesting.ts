import { createYielder } from '../../calls/yielder.ts'
import type { KairosError } from '../../errors.ts'
import { describe } from '../../internal/describe.ts'
import { invalidOption } from '../../internal/invalid-option.ts'
import { recordedInterval } from '../../recorded.ts'
import type { Retention } from '../../retention.ts'
import type { Interval } from '../../settings.ts'
import { fanOut } from '../../time/nesting.ts'
import { UTC } from '../../time/zone-names.ts'
import { type FinestBuckets, finestOf } from '../finest.ts'
import { bucketsWithin, type Stretch } from '../selected.ts'

/** 1973-01-01T00:00:00Z: since then, every zone is a whole number of minutes from UTC. */
const MODERN = 94_694_400
/** The most starts that are looked at before the first read: eleven years of days. */
const MOST = 4_000
const LOOK_EVERY = 500

/**
 * Every bucket of the target must begin where one of the source begins, so that none of the source lies in two. Seconds divide or do not; for
 * calendars and zones, the starts of the stretch are looked at, from the last one back. What is further back is checked cell by cell.
 * @throws KAIROS_INVALID_CONFIG
 * @example `await checkNesting(minute, day, { start: undefined, end: undefined }, createRetention(settings))`
 */
export async function checkNesting(
  source: Interval,
  target: Interval,
  stretch: Stretch,
  { now, oldestLive }: Pick<Retention, 'now' | 'oldestLive'>,
): Promise<void> {
  const moment = now()
  const end = stretch.end ?? moment
  const [part, whole] = [secondsOf(source), secondsOf(target)]
  if (part !== null && whole !== null) {
    if (whole % part !== 0) throw crossing(source, target, finestOf(source).bucketOf(end))
    return
  }
  if (areNestedWords(source, target)) return
  const { buckets, resolution } = target
  const oldest = buckets.startOf(Math.max(bucketsWithin(target, stretch).first, oldestLive(moment)[target.name]!))
  const from = stretch.start === undefined && end > MODERN ? Math.max(oldest, MODERN) : oldest
  await checkStarts(source, target, buckets, from, end)
  if (resolution !== null) await checkStarts(source, target, resolution, from, end)
}

async function checkStarts(
  source: Interval,
  target: Interval,
  units: FinestBuckets,
  from: number,
  end: number,
): Promise<void> {
  const parts = finestOf(source)
  const turn = createYielder()
  let start = units.endOf(units.bucketOf(end))
  for (let looked = 1; looked <= MOST && start >= from; looked++) {
    const part = parts.bucketOf(start)
    if (parts.startOf(part) !== start) throw crossing(source, target, part)
    start = units.startOf(units.bucketOf(start - 1))
    if (looked % LOOK_EVERY === 0) await turn()
  }
}

/** How long the cells of an interval are, if that is a number of seconds counted from the epoch. */
function secondsOf({ record }: Interval): number | null {
  const { step, resolution, zone, offset } = recordedInterval(record)!
  if (resolution === null) return typeof step === 'number' ? step : null
  const isCounted = typeof step === 'number' || (zone === UTC && offset === 0)
  return isCounted && typeof resolution === 'number' ? resolution : null
}

/** Whether both count in the same days, by words of the calendar that nest, such as days in months. */
function areNestedWords(source: Interval, target: Interval): boolean {
  if (source.zone !== target.zone || source.offset !== target.offset) return false
  const [part, whole] = [recordedInterval(source.record)!, recordedInterval(target.record)!]
  // Where each bucket of the source begins, one of its resolution buckets does.
  const word = typeof part.resolution === 'string' ? part.resolution : part.step
  const wanted = whole.resolution ?? whole.step
  if (typeof word !== 'string' || typeof wanted !== 'string') return false
  return word === wanted || fanOut(wanted, word) !== null
}

/**
 * The error for a bucket of the source that lies in two of the target.
 * @example `throw crossing(week, month, 202405)`
 */
export function crossing(source: Interval, target: Interval, part: number): KairosError {
  const { startOf, endOf } = finestOf(source)
  const [start, end] = [startOf(part), endOf(part)].map((seconds) => new Date(seconds * 1_000).toISOString())
  return invalidOption(
    'from',
    `from must be an interval whose buckets each lie in one of ${describe(target.name)}, not ${describe(source.name)}: ` +
      `that from ${start} to ${end} lies in two; if only old ones do, give a later start`,
  )
}
