import { type DriverTest, ofTypes } from '../driver-test.ts'
import { agree, outcome } from '../internal/agree.ts'
import { collect } from '../internal/any-timeseries.ts'
import { TYPES } from '../internal/types.ts'
import { NOW } from '../test-context.ts'

const INTERVALS = {
  'moments minute': { step: 60 },
  'moments week': { step: 'weekly', resolution: 'daily' },
  'moments year': { step: 'yearly', resolution: 'monthly' },
}

/** 0001-01-01 and the last second of 9999. */
const [FIRST, LAST] = [-62_135_596_800, 253_402_300_799]

export const momentTests: readonly DriverTest[] = ofTypes(TYPES, (type): DriverTest[] => [
  {
    title: `moments: ${type}: just before 1970 and just after`,
    run: (context) =>
      agree(context, { type, intervals: INTERVALS }, async (timeseries, _clock, answers) => {
        const moments = [-90_000, -3601, -61, -60.5, -60, -59.75, -1, -0.5, -0.001, 0, 0.5, 59.999, 60, 3600]
        for (const [index, timestamp] of moments.entries()) await timeseries.insert('a', index, { timestamp })
        for (const interval of Object.keys(INTERVALS)) {
          answers.set(`all of ${interval}`, await collect(timeseries.iterate('a', interval)))
          for (const timestamp of [-60.5, -0.5, 0]) {
            answers.set(`${interval} at ${timestamp}`, await timeseries.get('a', interval, { timestamp }))
            const range = { start: timestamp - 130, end: timestamp + 70 }
            answers.set(`${interval} around ${timestamp}`, await timeseries.series('a', interval, range))
          }
        }
        answers.set('properties', await timeseries.properties('a'))
      }),
  },
  {
    title: `moments: ${type}: the first and the last second of time`,
    run: (context) =>
      agree(context, { type, intervals: INTERVALS }, async (timeseries, _clock, answers) => {
        for (const [index, timestamp] of [FIRST, FIRST + 86_400, LAST - 86_400, LAST].entries())
          await timeseries.insert('a', index, { timestamp })
        for (const interval of Object.keys(INTERVALS)) {
          for (const timestamp of [FIRST, LAST])
            answers.set(`${interval} at ${timestamp}`, await timeseries.get('a', interval, { timestamp }))
        }
        answers.set('years', await collect(timeseries.iterate('a', 'moments year')))
        answers.set('weeks', await collect(timeseries.iterate('a', 'moments week')))
        answers.set('properties', await timeseries.properties('a'))
        for (const [timestamp, intervals] of [
          [FIRST, -1],
          [LAST, 1],
        ])
          answers.set(`copies beyond ${timestamp}`, await outcome(timeseries.insert('a', 1, { timestamp, intervals })))
      }),
  },
  {
    title: `moments: ${type}: rolling copies, forwards, backwards and across New Year`,
    run: (context) =>
      agree(context, { type, intervals: INTERVALS }, async (timeseries, _clock, answers) => {
        // 2023-12-31T23:59:30Z, a Sunday.
        const eve = 1_704_067_170
        for (const [index, intervals] of [3, -3, 1, -1, 0].entries()) {
          const written = await timeseries.insert('a', index, { timestamp: eve + index * 10, intervals })
          answers.set(`${intervals} copies`, written)
        }
        const points = new Map([[eve, { b: [1, 2, 2] }]])
        answers.set('a map with copies', await timeseries.bulkInsert(points, { intervals: -2 }))
        for (const name of ['a', 'b']) {
          for (const interval of Object.keys(INTERVALS))
            answers.set(`${name} in ${interval}`, await collect(timeseries.iterate(name, interval)))
        }
      }),
  },
  {
    title: `moments: ${type}: buckets in the future are kept for their full lifetimetime`,
    run: (context) =>
      agree(
        context,
        {
          type,
          intervals: {
            'moments kept': { step: 60, steps: 2 },
            'moments kept day': { step: 'daily', resolution: '1h', steps: 2 },
          },
        },
        async (timeseries, clock, answers) => {
          await timeseries.insert('a', 1, { timestamp: NOW + 600 })
          await timeseries.insert('a', 2, { timestamp: NOW })
          await timeseries.insert('a', 3, { timestamp: NOW + 3 * 86_400 })
          for (const later of [0, 59, 120, 600, 719, 720, 86_400, 3 * 86_400, 5 * 86_400, 6 * 86_400]) {
            clock.now = NOW + later
            answers.set(`names ${later} seconds later`, await timeseries.list())
            answers.set(`extent ${later} seconds later`, await timeseries.properties('a'))
            answers.set(`days ${later} seconds later`, await collect(timeseries.iterate('a', 'moments kept day')))
            const range = { start: NOW, end: NOW + 600 }
            answers.set(`minutes ${later} seconds later`, await timeseries.series('a', 'moments kept', range))
          }
        },
      ),
  },
])
