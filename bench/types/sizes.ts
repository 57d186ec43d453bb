import type { Report } from '../harness.ts'
import { endOf, KINDS, type Kind, timeseriesOf } from './configs.ts'
import { minutesOf } from './minutes.ts'
import type { Store } from './stores.ts'

const NAMES = Array.from({ length: 10 }, (_, index) => `host-${index}.requests`)

/** What a minute of a name takes, kept for a day, with few values in it and with many. */
export async function sizes(report: Report, store: Store): Promise<void> {
  for (const perMinute of [1, 100]) {
    const names = perMinute === 1 ? NAMES : NAMES.slice(0, 1)
    for (const kind of Object.values<Kind>(KINDS)) {
      const place = `size_${perMinute}_${kind.title}`
      const timeseries = timeseriesOf(kind, store.driver(place), { minute: { step: 60, steps: 2_880 } })
      await timeseries.open()
      const before = await store.bytes(place)
      for (const points of minutesOf(kind, names, perMinute).points) await timeseries.bulkInsert(points)
      const title = `${store.name}: a minute into which ${perMinute === 1 ? 'one value' : `${perMinute} values`} came`
      const bytes = ((await store.bytes(place)) - before) / (names.length * 1_440)
      report.figureOf(kind.title, title, bytes, 'bytes a cell')
      await endOf(timeseries)
    }
  }
}
