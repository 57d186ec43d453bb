import { FIRST_DAY, LAST_DAY } from './flights.ts'
import { printBars, printLine } from './plot.ts'
import type { FlightTimeseries } from './timeseries.ts'

const DAY = 86_400
const QUARTER = { start: FIRST_DAY, end: LAST_DAY + DAY - 1 }
const NEW_YORK = ['JFK', 'LGA', 'EWR']

function dateOf(seconds: number, length = 10): string {
  return new Date(seconds * 1000).toISOString().slice(0, length).replace('T', ' ')
}

function heading(question: string): void {
  console.log(`\n${question}\n${'-'.repeat(question.length)}`)
}

/** Typical questions, using every way to read a timeseries. */
export async function ask(flights: FlightTimeseries): Promise<void> {
  await busiestHours(flights)
  await delaysByDay(flights)
  await airportsOfAWeek(flights)
  await latestDelay(flights)
  await newYork(flights)
  await longHauls(flights)
  await nineOfTen(flights)
  await lengthsOfFlights(flights)
  await howManyRoutes(flights)
  await oneHourByMinute(flights)
  await everyWeek(flights)
}

/** series(): all airports joined, each hour's minutes condensed. */
async function busiestHours({ departures }: FlightTimeseries): Promise<void> {
  heading('When do people fly?')
  const airports = await departures.list()
  const hours = await departures.series(airports, 'hour', { ...QUARTER, condense: true })
  const byHourOfDay = new Map<number, number>(Array.from({ length: 24 }, (_, hour) => [hour, 0]))
  for (const [start, flights] of hours) {
    const hour = (start % DAY) / 3600
    byHourOfDay.set(hour, byHourOfDay.get(hour)! + flights)
  }
  const ticks = [0, 6, 12, 18, 23]
  printBars(byHourOfDay, {
    title: `Departures from ${airports.length} airports by hour of the day`,
    unit: 'flights',
    x: (hour) => `${hour}h`,
    ticks,
  })
  const busiest = [...hours].sort(([, a], [, b]) => b - a).slice(0, 3)
  console.log(
    '  the busiest hours:',
    busiest.map(([start, flights]) => `${dateOf(start, 16)} (${flights} flights)`).join(', '),
  )
}

/** series() with a built-in transform: a mean, weighted by how often each delay occurred. */
async function delaysByDay({ delays }: FlightTimeseries): Promise<void> {
  heading('Which days went badly?')
  const hours = await delays.series(await delays.list(), 'week', { ...QUARTER, transform: 'mean' })
  const days = new Map<number, number>()
  for (const week of hours.values()) {
    for (const [start, mean] of week) days.set(start, mean ?? 0)
  }
  const ticks = [FIRST_DAY, FIRST_DAY + 31 * DAY, FIRST_DAY + 59 * DAY, LAST_DAY]
  printLine(days, { title: 'Mean delay by day', unit: 'minutes', x: (day) => dateOf(day).slice(5), ticks })
  const [worst, mean] = [...days].reduce((a, b) => (b[1] > a[1] ? b : a))
  console.log(`  the worst day: ${dateOf(worst)}, ${mean.toFixed(1)} minutes late on average`)
}

/** get(): one bucket of a set, and its days condensed into one. */
async function airportsOfAWeek({ destinations }: FlightTimeseries): Promise<void> {
  heading('Where could one fly from Denver in the second week of February?')
  const week = await destinations.get('DEN', 'week', { timestamp: new Date('2001-02-12'), condense: true })
  for (const [start, airports] of week) {
    console.log(`  in the week of ${dateOf(start)} to ${airports.size} airports: ${[...airports].sort().join(' ')}`)
  }
}

/** A gauge: the last value of a bucket, and of a whole range. */
async function latestDelay({ latest }: FlightTimeseries): Promise<void> {
  heading('How late was the last flight from Los Angeles to Las Vegas?')
  const quarter = await latest.series('LAX-LAS', 'month', { ...QUARTER, collapse: true })
  for (const delay of quarter.values()) console.log(`  the last one of the quarter: ${delay} minutes`)
  const { month } = await latest.properties('LAX-LAS')
  console.log(`  months with such a flight: ${dateOf(month!.first, 7)} to ${dateOf(month!.last, 7)}`)
}

/** Several names joined into one, with several transforms at once. */
async function newYork({ delays }: FlightTimeseries): Promise<void> {
  heading("How punctual were New York's three airports together?")
  const months = await delays.series(NEW_YORK, 'month', { ...QUARTER, transform: ['count', 'mean', 'min', 'max'] })
  for (const [start, { count, mean, min, max }] of months) {
    console.log(
      `  ${dateOf(start, 7)}: ${count} flights, ${mean?.toFixed(1)} minutes late on average, from ${min} to ${max}`,
    )
  }
}

/** A custom transform, typed by its argument. */
async function longHauls({ distances }: FlightTimeseries): Promise<void> {
  heading('How far did one fly from Honolulu?')
  const months = await distances.series('HNL', 'month', {
    ...QUARTER,
    transform: (miles) => ({ flights: miles.length, between: miles.filter((each) => each < 500).length }),
  })
  for (const [start, { flights, between }] of months) {
    console.log(`  ${dateOf(start, 7)}: ${flights} flights, ${between} of them to another island`)
  }
}

/** A distribution: percentiles of all airports and months together, from a few hundred counts for each. */
async function nineOfTen({ lateness }: FlightTimeseries): Promise<void> {
  heading('How late were nine of ten flights, and ninety-nine of a hundred?')
  const transform = ['p50', 'p90', 'p99'] as const
  const quarter = await lateness.series(await lateness.list(), 'month', { ...QUARTER, collapse: true, transform })
  for (const { p50, p90, p99 } of quarter.values()) {
    console.log(
      `  half of them at most ${minutes(p50)}, nine of ten ${minutes(p90)}, ninety-nine of a hundred ${minutes(p99)}`,
    )
  }
}

/** A distribution's numbers are within 1 %. */
function minutes(delay: number | null): string {
  return `${Math.round(delay!)} minutes`
}

/** A summary: six numbers about any number of values. */
async function lengthsOfFlights({ lengths }: FlightTimeseries): Promise<void> {
  heading('How far did flights from Chicago go?')
  for (const [start, summary] of await lengths.series('ORD', 'month', QUARTER)) {
    const { count, min, max, sum } = summary!
    console.log(`  ${dateOf(start, 7)}: from ${min} to ${max} miles, ${Math.round(sum / count)} on average`)
  }
}

/** A unique: what is different in all months and airports counts once, as if all values had come at once. */
async function howManyRoutes({ routes, latest }: FlightTimeseries): Promise<void> {
  heading('How many routes were there?')
  const quarter = await routes.series(await routes.list(), 'month', { ...QUARTER, collapse: true })
  const exactly = (await latest.list()).length
  for (const estimate of quarter.values())
    console.log(`  about ${estimate}; ${exactly} exactly, which takes a list of them`)
}

/** get() of an interval with a resolution: the minutes that have data, in the busiest hour. */
async function oneHourByMinute({ departures }: FlightTimeseries): Promise<void> {
  heading("What was Chicago's busiest hour, minute by minute?")
  const hours = await departures.series('ORD', 'hour', { ...QUARTER, condense: true })
  const [busiest] = [...hours].reduce((a, b) => (b[1] > a[1] ? b : a))
  const minutes = await departures.get('ORD', 'hour', { timestamp: busiest })
  for (const [start, flights] of minutes) console.log(`  ${dateOf(start, 16)}  ${'✈ '.repeat(flights)}`)
}

/** iterate(): everything, in bounded memory. */
async function everyWeek({ departures }: FlightTimeseries): Promise<void> {
  heading('How many flights left Atlanta, week by week?')
  for await (const [start, flights] of departures.iterate('ATL', 'week', { condense: true })) {
    console.log(`  from ${dateOf(start)}  ${'▇'.repeat(Math.ceil(flights / 4))} ${flights}`)
  }
}
