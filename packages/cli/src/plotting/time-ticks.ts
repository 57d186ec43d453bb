import { bucketing } from '@kairos/core'
import { showTime } from '../times/show-time.ts'

/** A place on the axis of time. */
export interface Tick {
  readonly at: number
  readonly label: string
}

const MINUTE = 60
const HOUR = 3_600
const DAY = 86_400

/** What may be between two ticks: seconds of a day, days, months or years, which are counted as the zone has them. */
const STEPS: readonly {
  readonly seconds: number
  readonly unit: 'clock' | 'daily' | 'monthly' | 'yearly'
  readonly count: number
}[] = [
  ...[1, 2, 5, 10, 15, 30].map((count) => ({ seconds: count, unit: 'clock', count }) as const),
  ...[1, 2, 5, 10, 15, 30].map((count) => ({ seconds: count * MINUTE, unit: 'clock', count: count * MINUTE }) as const),
  ...[1, 2, 3, 6, 12].map((count) => ({ seconds: count * HOUR, unit: 'clock', count: count * HOUR }) as const),
  ...[1, 2, 7, 14].map((count) => ({ seconds: count * DAY, unit: 'daily', count }) as const),
  ...[1, 3, 6].map((count) => ({ seconds: count * 30 * DAY, unit: 'monthly', count }) as const),
  ...[1, 2, 5, 10, 50, 100, 500].map((count) => ({ seconds: count * 365 * DAY, unit: 'yearly', count }) as const),
]

/** At most this many ticks between two moments, at round times by the clocks of a zone. */
export function timeTicks(first: number, last: number, zone: string, most: number): Tick[] {
  const step = STEPS.find(({ seconds }) => (last - first) / seconds <= Math.max(1, most - 1)) ?? STEPS.at(-1)!
  const { unit, count } = step
  const starts = unit === 'clock' ? clockTimes(first, last, zone, count) : calendarTimes(first, last, zone, unit, count)
  return starts
    .filter((at) => at >= first && at <= last)
    .map((at) => ({ at, label: labelOf(showTime(at, zone), unit === 'clock' && count < MINUTE, unit) }))
}

/** Times of the day, counted from each midnight. */
function clockTimes(first: number, last: number, zone: string, count: number): number[] {
  const days = bucketing('daily', { zone })
  return days.buckets(first, last).flatMap((day) => {
    const start = days.fromBucket(day)
    return Array.from({ length: Math.ceil(days.stepSize(start) / count) }, (_, index) => start + index * count)
  })
}

function calendarTimes(
  first: number,
  last: number,
  zone: string,
  unit: 'daily' | 'monthly' | 'yearly',
  count: number,
): number[] {
  const buckets = bucketing(unit, { zone })
  return buckets
    .buckets(first, last)
    .map((bucket) => buckets.fromBucket(bucket))
    .filter((start, index) => (unit === 'daily' ? index : numberOf(showTime(start, zone), unit)) % count === 0)
}

/** Of a month or a year, so that the same ones have ticks wherever the range begins. */
function numberOf(iso: string, unit: 'monthly' | 'yearly'): number {
  return unit === 'monthly' ? Number(iso.slice(5, 7)) - 1 : Number(iso.slice(0, 4))
}

function labelOf(iso: string, seconds: boolean, unit: string): string {
  const clock = iso.slice(11, seconds ? 19 : 16)
  if (unit === 'yearly') return iso.slice(0, 4)
  if (unit === 'monthly') return iso.slice(0, 7)
  return unit === 'daily' || clock.startsWith('00:00') ? iso.slice(5, 10) : clock
}
