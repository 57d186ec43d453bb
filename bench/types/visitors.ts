import type { Report } from '../harness.ts'
import { type AnyTimeseries, endOf, KINDS, type Point, timeseriesOf } from './configs.ts'
import type { Store } from './stores.ts'

const HOURS = 24
const DISTINCT = 20_000

/** Visitors of a day from its hours, each of which had 20,000: as a set, all of them are sent. */
export async function visitors(report: Report, store: Store): Promise<void> {
  const end = Math.floor(Date.now() / 3_600_000) * 3_600
  const range = { start: end - (HOURS - 1) * 3_600, end }
  const counted: {
    name: string
    timeseries: AnyTimeseries
    read: () => Promise<Map<number, unknown>>
    number: number
  }[] = []
  for (const kind of [KINDS.unique, KINDS.set]) {
    const place = `visitors_${kind.title}`
    const timeseries = timeseriesOf(kind, store.driver(place), { hour: { step: 3_600, steps: 48 } })
    await timeseries.open()
    const before = await store.bytes(place)
    for (let hour = 0; hour < HOURS; hour++) {
      await timeseries.bulkInsert(
        Array.from(
          { length: DISTINCT },
          (_, index): Point => ({
            name: 'home',
            // Half of them are those of the hour before.
            value: `visitor-${hour * (DISTINCT / 2) + index}`,
            timestamp: range.start + hour * 3_600,
          }),
        ),
      )
    }
    const bytes = (await store.bytes(place)) - before
    report.figureOf(kind.title, `${store.name}: ${HOURS} hours of 20,000 visitors`, bytes / 2 ** 20, 'MiB')
    const transform = kind === KINDS.set ? { transform: (members: unknown) => (members as Set<string>).size } : {}
    const read = () => timeseries.series('home', 'hour', { ...range, collapse: true, ...transform })
    counted.push({ name: kind.title, timeseries, read, number: [...(await read()).values()][0] as number })
  }
  const [unique, set] = [counted[0]!, counted[1]!]
  const off = Math.abs(unique.number / set.number - 1) * 100
  report.figure(`${store.name}: visitors of the day, off by`, off, '%', `${unique.number} of ${set.number}`)
  await report.compare({
    title: `${store.name}: visitors of a day from ${HOURS} hours with 20,000 each`,
    amount: HOURS * DISTINCT,
    unit: 'visitors',
    rounds: 9,
    variants: [
      { name: 'set', run: set.read },
      { name: 'unique', run: unique.read },
    ],
  })
  for (const { timeseries } of counted) await endOf(timeseries)
}
