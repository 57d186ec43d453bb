import type { TimeseriesType } from '@kairos/core/driver'
import { type DriverTest, ofTypes } from '../driver-test.ts'
import { agree } from '../internal/agree.ts'
import { ALL_TYPES } from '../internal/types.ts'
import { NOW } from '../test-context.ts'

const DAY = 86_400
const INTERVALS = {
  'question minute': { step: 60, steps: 1_440 },
  'question hour': { step: 'daily', resolution: '1h', steps: 40 },
}
const NAMES = ['b', 'none', 'a', 'ä']

const RANKS: Readonly<Record<TimeseriesType, readonly unknown[]>> = {
  series: [undefined, 'mean'],
  histogram: [undefined, 'max'],
  count: [undefined],
  gauge: [(value: unknown) => value],
  set: [undefined],
  summary: [undefined, 'max'],
  distribution: [undefined, 'p90'],
  unique: [undefined],
}

/** Questions that core answers by itself, from what every store returns: some of one store's merges, some of another's cells. */
export const questionTests: readonly DriverTest[] = ofTypes(ALL_TYPES, (type) => ({
  title: `questions: ${type}: stretches in points, names by themselves, the names with most`,
  run: (context) =>
    agree(context, { type, intervals: INTERVALS }, async (timeseries, _clock, answers) => {
      const points = Array.from({ length: 60 }, (_, index) => ({
        name: ['a', 'b', 'ä'][index % 3]!,
        value: (index * 7) % 11,
        timestamp: NOW - index * index * 700,
      }))
      await timeseries.bulkInsert(points)
      const split = { split: true }
      for (const [what, options] of [
        ['an hour', { start: NOW - 3_600 }],
        ['half a day', { start: NOW - DAY / 2, maxPoints: 50 }],
        ['a month', { start: NOW - 30 * DAY, zone: 'Asia/Tokyo', maxPoints: 40 }],
        ['a year', { start: NOW - 365 * DAY, end: NOW - DAY, maxPoints: 60 }],
      ] as const) {
        answers.set(what, await timeseries.query(['a', 'b'], options))
        answers.set(`${what}, by name`, await timeseries.query(NAMES, { ...options, ...split }))
      }
      for (const interval of Object.keys(INTERVALS)) {
        answers.set(`get of ${interval} by name`, await timeseries.get(NAMES, interval, split))
        const range = { start: NOW - DAY, end: NOW }
        answers.set(`series of ${interval} by name`, await timeseries.series(NAMES, interval, { ...range, ...split }))
        const filled = { ...range, every: '6h', zone: 'Asia/Tokyo', fill: 'previous' }
        answers.set(`${interval} in quarters of days, filled`, await timeseries.series(NAMES, interval, filled))
        for (const by of RANKS[type]) {
          const ranked = { ...range, ...(by !== undefined && { by }) }
          answers.set(`top of ${interval} by ${by}`, await timeseries.top(interval, ranked))
          answers.set(
            `first of ${interval} by ${by}`,
            await timeseries.top(interval, { ...ranked, limit: 1, names: NAMES }),
          )
        }
      }
    }),
}))
