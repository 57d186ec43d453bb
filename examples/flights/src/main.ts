import { mkdirSync, statSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { isLoaded, load } from './load.ts'
import { ask } from './questions.ts'
import { openFlights } from './timeseries.ts'

// npm run demo [-- FILE]: loads 20,000 flights into a SQLite file and queries it. A second run finds the data and only queries it.
const [file = resolve(import.meta.dirname, '..', 'flights.db')] = process.argv.slice(2)
mkdirSync(dirname(resolve(file)), { recursive: true })

const flights = openFlights(`sqlite:${file}`)
if (await isLoaded(flights)) console.log(`The flights are in ${relative('.', file)} already.`)
else {
  console.log('Storing 20,000 flights of the first quarter of 2001 in eight timeseries:')
  await load(flights)
}
await ask(flights)
const routes = (await flights.latest.list()).length
const airports = (await flights.departures.list()).length
await flights.close()

console.log(`
What was stored
---------------
  counts, delays, destinations and distances of ${airports} airports and the last delay of ${routes} routes, by minute, day and month;
  summaries and percentiles of the airports and their numbers of routes, by month: ${(statSync(file).size / 2 ** 20).toFixed(1)} MiB in ${relative('.', file)}

Ask more: save these lines as question.ts in the checkout and run
\`node scripts/bootstrap.mjs node --conditions=@kairos/source question.ts\`

  import { openFlights } from './examples/flights/src/timeseries.ts'
  const { delays } = openFlights('sqlite:${relative('.', file)}')
  console.log(await delays.get('ORD', 'month', { timestamp: new Date('2001-02-01'), transform: 'mean' }))`)
