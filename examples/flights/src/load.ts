import { type Flight, readFlights } from './flights.ts'
import { startProgress } from './progress.ts'
import type { FlightTimeseries } from './timeseries.ts'

/** The name under which `loaded` records the time. */
const EVERYTHING = 'flights'

/** Whether an earlier run has stored all flights. */
export async function isLoaded({ loaded }: FlightTimeseries): Promise<boolean> {
  return (await loaded.list()).includes(EVERYTHING)
}

/** Stores every flight in every timeseries. Leftovers of an interrupted run are deleted first, so that nothing counts twice. */
export async function load(timeseries: FlightTimeseries): Promise<void> {
  const { departures, delays, destinations, latest, distances, lengths, lateness, routes, loaded } = timeseries
  for (const each of [departures, delays, destinations, latest, distances, lengths, lateness, routes])
    await each.deleteAll()
  const flights = readFlights()

  await departures.bulkInsert(points('departures', flights, ({ origin, timestamp }) => ({ name: origin, timestamp })))
  await delays.bulkInsert(
    points('delays', flights, ({ origin, delay, timestamp }) => ({ name: origin, value: delay, timestamp })),
  )
  await destinations.bulkInsert(
    points('destinations', flights, ({ origin, destination, timestamp }) => ({
      name: origin,
      value: destination,
      timestamp,
    })),
  )
  await latest.bulkInsert(
    points('latest', flights, ({ origin, destination, delay, timestamp }) => ({
      name: `${origin}-${destination}`,
      value: delay,
      timestamp,
    })),
  )
  await distances.bulkInsert(
    points('distances', flights, ({ origin, distance, timestamp }) => ({ name: origin, value: distance, timestamp })),
  )
  await lengths.bulkInsert(
    points('lengths', flights, ({ origin, distance, timestamp }) => ({ name: origin, value: distance, timestamp })),
  )
  await lateness.bulkInsert(
    points('lateness', flights, ({ origin, delay, timestamp }) => ({ name: origin, value: delay, timestamp })),
  )
  await routes.bulkInsert(
    points('routes', flights, ({ origin, destination, timestamp }) => ({
      name: origin,
      value: `${origin}-${destination}`,
      timestamp,
    })),
  )
  await loaded.insert(EVERYTHING, new Date())
}

/** The flights as points, each made on request, so that the progress shown is that of writing. */
async function* points<P>(
  title: string,
  flights: readonly Flight[],
  pointOf: (flight: Flight) => P,
): AsyncGenerator<P> {
  const progress = startProgress(title, flights.length)
  for (const flight of flights) {
    yield pointOf(flight)
    progress.advance(1)
  }
  progress.finish()
}
