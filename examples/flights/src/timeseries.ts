import { createTimeseries } from '@kairos/core'
import { sqlDriver } from '@kairos/sql'
import { LAST_DAY } from './flights.ts'

/** Hours by minute, for the 90 days of the quarter; weeks by day; calendar months. */
const intervals = {
  hour: { step: '1h', resolution: 60, steps: 90 * 24 },
  week: { step: 'weekly', resolution: 'daily' },
  month: { step: 'monthly' },
} as const

const monthly = { month: intervals.month }

/** The data is from 2001: for these timeseries, it is still the evening of the last day, so that nothing has expired. */
const now = (): number => LAST_DAY + 86_399

/**
 * What the demo keeps of the flights: one timeseries of each type, in the file that the URL names.
 * Names are airports (`'ORD'`), for `latest` routes (`'ORD-LAX'`).
 */
export function openFlights(url: string) {
  const driver = sqlDriver(url)
  return {
    /** How many flights left an airport. */
    departures: createTimeseries(driver, { type: 'count', intervals, now }),
    /** How often each delay, in minutes, occurred. */
    delays: createTimeseries(driver, { type: 'histogram', valueType: 'int', intervals, now }),
    /** Where an airport's flights went. */
    destinations: createTimeseries(driver, { type: 'set', valueType: 'string', intervals, now }),
    /** The delay of a route's latest flight. */
    latest: createTimeseries(driver, { type: 'gauge', valueType: 'int', intervals, now }),
    /** How far an airport's flights went, in miles, in order of departure. */
    distances: createTimeseries(driver, { type: 'series', valueType: 'int', intervals, now }),
    /** The shortest, longest, mean and last distance of an airport's flights, whatever their number. */
    lengths: createTimeseries(driver, { type: 'summary', intervals: monthly, now }),
    /** Percentiles of delays, each within 1 %. */
    lateness: createTimeseries(driver, { type: 'distribution', intervals: monthly, now }),
    /** About how many routes began at an airport: unlike `destinations`, it keeps no list of them. */
    routes: createTimeseries(driver, { type: 'unique', valueType: 'string', intervals: monthly, now }),
    /** When the loading of all of the above was complete; in a separate table, as a second gauge. */
    loaded: createTimeseries(sqlDriver(url, { tableName: 'loaded' }), {
      type: 'gauge',
      valueType: 'datetime',
      intervals: { ever: { step: 'yearly' } },
      now,
    }),
    close: () => driver.close(),
  }
}

export type FlightTimeseries = ReturnType<typeof openFlights>
