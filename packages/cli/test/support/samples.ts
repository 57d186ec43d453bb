import { createTimeseries, type Timeseries } from '@kairos/core'

const hour = { step: '1h' } as const
const day = { step: 'daily', zone: 'Europe/Berlin' } as const
const CONFIGS: Readonly<Record<string, object>> = {
  views: { name: 'views', type: 'count', intervals: { hour, day, hours: { ...day, resolution: '1h' } } },
  times: { name: 'times', type: 'distribution', accuracy: 0.02, intervals: { hour } },
  cities: { name: 'cities', type: 'histogram', valueType: 'string', intervals: { hour } },
  load: { type: 'summary', intervals: { hour } },
}

const at = (hours: number, days = 29): Date => new Date(Date.UTC(2024, 1, days, hours))

/** Writes a few timeseries into a store: counts with a calendar and a resolution, times, cities, and one without a name. */
export async function writeSamples(store: string): Promise<void> {
  await using(store, 'views', async (views) => {
    const points = Array.from({ length: 24 }, (_, hours) => ({
      name: 'home',
      value: (hours % 5) + 1,
      timestamp: at(hours, 28),
    }))
    await views.bulkInsert(points)
    await views.insert('home', 7, { timestamp: at(13) })
    await views.insert('shop', 5, { timestamp: at(13) })
  })
  await using(store, 'times', (times) => times.insert('checkout', [1, 2, 3, 50, 100], { timestamp: at(13) }))
  await using(store, 'cities', (cities) => cities.insert('home', ['Berlin', 'Berlin', 'Paris'], { timestamp: at(13) }))
  await using(store, 'load', (load) => load.insert('cpu', [0.5, 0.7], { timestamp: at(13) }))
}

/** Deletes their data: dropping them would wait until no process could use them any more. */
export async function deleteSamples(store: string): Promise<void> {
  for (const sample of Object.keys(CONFIGS)) await using(store, sample, (timeseries) => timeseries.deleteAll())
}

async function using(store: string, sample: string, use: (timeseries: Timeseries) => Promise<unknown>): Promise<void> {
  const timeseries = createTimeseries(store, CONFIGS[sample] as never) as Timeseries
  try {
    await use(timeseries)
  } finally {
    await timeseries.close()
  }
}
