import { createTimeseries, memoryDriver } from '@kairos/core'
import type { Report } from '../harness.ts'
import { generator } from '../workload.ts'

const POINTS = 100_000
const NAMES = 50
const DAYS = 366
/** A single read takes less than the clock can tell. */
const REPEATS = 50
const START = Date.UTC(2024, 0, 1) / 1_000
const ZONES = ['UTC', 'Europe/Berlin', 'Asia/Kathmandu'] as const

/** Days of a zone against those of UTC: edges are found once for each day, so neither writes nor reads should cost more. */
export async function zoned(report: Report): Promise<void> {
  const orders = [
    ['in the order of time', (index: number) => index / POINTS],
    ['in any order', generator(17)],
  ] as const
  for (const [order, shareOf] of orders) {
    const points = Array.from({ length: POINTS }, (_, index) => ({
      name: `name ${index % NAMES}`,
      value: 1,
      timestamp: START + Math.floor(shareOf(index) * DAYS * 86_400),
    }))
    await report.compare({
      title: `100,000 points of a year, ${order}, written into days of 50 names with hours`,
      amount: POINTS,
      unit: 'points',
      target: { speed: 0.9 },
      variants: variantsOf(async (zone) => void (await daily(zone).bulkInsert(points))),
    })
  }
  const hours = Array.from({ length: DAYS * 24 }, (_, hour) => ({ name: 'home', timestamp: START + hour * 3_600 }))
  const range = { start: START, end: START + DAYS * 86_400 - 1 }
  for (const [shown, more, condense] of [
    ['a year of days', {}, false],
    ['the hours of a year of days', { resolution: '1h' }, false],
    ['a year of days, condensed from hours', { resolution: '1h' }, true],
  ] as const) {
    const read = new Map(ZONES.map((zone) => [zone, daily(zone, more)]))
    for (const timeseries of read.values()) await timeseries.bulkInsert(hours)
    await report.compare({
      title: `${shown}, read from the memory driver`,
      amount: DAYS * REPEATS,
      unit: 'days',
      target: { speed: 0.9 },
      variants: variantsOf(async (zone) => {
        for (let repeat = 0; repeat < REPEATS; repeat++)
          await read.get(zone)!.series('home', 'day', { ...range, condense })
      }),
    })
  }
}

function daily(zone: string, more: { readonly resolution?: '1h' } = { resolution: '1h' }) {
  const day = { step: 'daily', zone, ...more } as const
  return createTimeseries(memoryDriver(), { type: 'count', intervals: { day } })
}

function variantsOf(run: (zone: (typeof ZONES)[number]) => Promise<void>) {
  const [utc, ...others] = ZONES
  const variant = (zone: (typeof ZONES)[number]) => ({ name: zone, run: () => run(zone) })
  return [variant(utc), ...others.map(variant)] as const
}
