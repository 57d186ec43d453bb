import { type DriverTest, ofTypes } from '../driver-test.ts'
import { agree } from '../internal/agree.ts'
import { collect } from '../internal/any-timeseries.ts'
import { ALL_TYPES } from '../internal/types.ts'

const HOUR = 3_600
/** Two nights in which the clocks of Berlin change: that of 23 hours begins at the first moment, that of 25 at the second. */
const NIGHTS = [Date.UTC(2024, 2, 30, 23) / 1_000, Date.UTC(2024, 9, 26, 22) / 1_000]
const INTERVALS = {
  'local day': { step: 'daily', zone: 'Europe/Berlin', resolution: '1h', steps: 400 },
  'local week': { step: 'iso-weekly', zone: 'Europe/Berlin', resolution: 'daily' },
  'gas day': { step: 'daily', zone: 'Asia/Kathmandu', offset: '6h' },
}

/** Core does the arithmetic; what a store must bear is hours that count from 0 in each day, and days that are not all as long. */
export const zoneTests: readonly DriverTest[] = ofTypes(ALL_TYPES, (type) => ({
  title: `zones: ${type}: nights in which the clock changes`,
  run: (context) =>
    agree(context, { type, intervals: INTERVALS }, async (timeseries, clock, answers) => {
      for (const [night, midnight] of NIGHTS.entries()) {
        clock.now = midnight + 30 * HOUR
        const hours = Array.from({ length: 28 }, (_, hour) => midnight + (hour - 1) * HOUR + 59)
        await timeseries.bulkInsert(hours.map((timestamp, hour) => ({ name: `n${hour % 2}`, value: hour, timestamp })))
        await timeseries.insert('n0', 5, { timestamp: midnight + 24.5 * HOUR })
        const range = { start: midnight - HOUR, end: midnight + 26 * HOUR }
        for (const interval of Object.keys(INTERVALS)) {
          for (const names of ['n0', ['n0', 'n1']]) {
            const what = `night ${night}, ${interval} of ${names}`
            answers.set(`${what}: series`, await timeseries.series(names, interval, range))
            answers.set(`${what}: get`, await timeseries.get(names, interval, { timestamp: midnight + 3 * HOUR }))
            answers.set(`${what}: iterate`, await collect(timeseries.iterate(names, interval)))
          }
          answers.set(`${interval}: extent`, (await timeseries.properties('n1'))[interval])
        }
      }
    }),
}))
