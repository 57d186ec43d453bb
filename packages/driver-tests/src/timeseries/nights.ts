import type { DriverTest } from '../driver-test.ts'
import { same } from '../internal/same.ts'

const HOUR = 3_600
/** Midnights of Berlin, and how long the days are that they begin. */
const NIGHTS = [
  { midnight: Date.UTC(2024, 2, 30, 23) / 1_000, hours: 23 },
  { midnight: Date.UTC(2024, 9, 26, 22) / 1_000, hours: 25 },
]
const INTERVALS = {
  'night day': { step: 'daily', zone: 'Europe/Berlin', resolution: '1h', steps: 2 },
  'night gas day': { step: 'daily', zone: 'Europe/Berlin', offset: '6h' },
}

/** The clock continues while two instances write; what they find says which hours and days the values are in, and which days have expired. */
export const nightTests: readonly DriverTest[] = [
  {
    types: ['count'],
    title: 'zones: writers in a night in which the clock changes',
    async run(context) {
      const config = { type: 'count', intervals: INTERVALS } as const
      const { timeseries: one, clock } = await context.emptied(config)
      const { timeseries: other } = await context.timeseries(config, 1)
      for (const { midnight, hours } of NIGHTS) {
        const next = midnight + hours * HOUR
        const morning = next - 18 * HOUR
        // From the gas day before to the day after, each hour in which the clock may change.
        const written = [-19, -1, 0, 1, 2, 3, 4, 5, 6, hours - 1, hours, hours + 1].map(
          (hour) => midnight + hour * HOUR,
        )
        for (const moment of written) {
          clock.now = moment + 1_799
          await Promise.all([one, other, one].map((writer) => writer.insert('n')))
        }
        const hoursOf = (from: number, until: number): Map<number, number> =>
          new Map(written.filter((moment) => moment >= from && moment < until).map((moment) => [moment, 3]))
        const valuesOf = (from: number, until: number): number => 3 * hoursOf(from, until).size
        const kept = await other.properties('n')
        same(kept['night day'], { first: midnight, last: next }, `days kept after that of ${hours} hours`)
        same(
          await one.series('n', 'night day', { start: midnight - 1, end: next }),
          new Map([
            [midnight - 24 * HOUR, new Map()],
            [midnight, hoursOf(midnight, next)],
            [next, hoursOf(next, next + 24 * HOUR)],
          ]),
          `hours of a day of ${hours}`,
        )
        same(
          await other.series('n', 'night gas day', { start: midnight, end: morning }),
          new Map([
            [midnight - 18 * HOUR, valuesOf(midnight - 18 * HOUR, morning)],
            [morning, valuesOf(morning, morning + 24 * HOUR)],
          ]),
          `gas days around a day of ${hours} hours`,
        )
      }
    },
  },
]
