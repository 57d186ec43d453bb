import { type CheckedConfig, type Interval, offsetIn, settingsOf } from '@kairos/core/calls'
import { checkedConfig } from '../cells/checked-config.ts'

/** By the finest part of a key: the interval that its counters are in. */
const INTERVALS = {
  yyyy: { name: 'year', step: 'yearly' },
  MM: { name: 'month', step: 'monthly' },
  dd: { name: 'day', step: 'daily' },
  HH: { name: 'hour', step: 3_600 },
  mm: { name: 'minute', step: 60 },
} as const

const DAY = 86_400

/** The moments of keys. */
export interface Moments {
  readonly config: CheckedConfig
  /** Where the bucket begins that digits (2026112810) stand for, in Unix seconds; undefined: there is none. */
  startOf(digits: number): number | undefined
}

/** @throws KAIROS_INVALID_CONFIG for a zone that the engine does not know */
export async function momentsOf(finest: keyof typeof INTERVALS, zone: string): Promise<Moments> {
  const { name, step } = INTERVALS[finest]
  const days = await intervalOf('daily', zone)
  if (typeof step === 'string') {
    const { config, buckets } = await intervalOf(step, zone, name)
    return { config, startOf: (digits) => (buckets.isBucket(digits) ? buckets.startOf(digits) : undefined) }
  }
  const { config } = await intervalOf(step, undefined, name)
  const clock = localClock(zone)
  return {
    config,
    startOf(digits) {
      const perHour = step === 60 ? 100 : 1
      const [minute, hour] = [perHour === 1 ? 0 : digits % 100, Math.floor(digits / perHour) % 100]
      const day = Math.floor(digits / perHour / 100)
      if (!days.buckets.isBucket(day) || hour > 23 || minute > 59) return undefined
      const start = days.buckets.startOf(day)
      const usual = start + hour * 3_600 + minute * 60
      if (days.buckets.endOf(day) - start === DAY) return usual % step === 0 ? usual : undefined
      // On days with other hours than usual: of two that are called the same, the first.
      for (const shift of [-3_600, -1_800, 0, 1_800, 3_600]) {
        const seconds = usual + shift
        if (seconds % step === 0 && clock(seconds) === day * 10_000 + hour * 100 + minute) return seconds
      }
      return undefined
    },
  }
}

async function intervalOf(
  step: string | number,
  zone: string | undefined,
  name = 'day',
): Promise<{ readonly config: CheckedConfig; readonly buckets: Interval['buckets'] }> {
  const intervals = { [name]: { step, ...(zone !== undefined && { zone }) } }
  const config = checkedConfig({ type: 'count', intervals })
  const [interval] = (await settingsOf(config)).intervals
  return { config, buckets: interval!.buckets }
}

/** What clocks show in a zone, as digits: 202611281059. */
function localClock(zone: string): (seconds: number) => number {
  const offsetAt = offsetIn(zone)
  return (seconds) => {
    const local = new Date((seconds + offsetAt(seconds)) * 1_000).toISOString()
    return Number(local.slice(0, 'yyyy-MM-ddTHH:mm'.length).replaceAll(/\D/g, ''))
  }
}
