import type { Report } from '../harness.ts'
import { type AnyTimeseries, endOf, KINDS, type Kind, timeseriesOf } from './configs.ts'
import { minutesOf, type Range } from './minutes.ts'
import type { Store } from './stores.ts'

/** A day of minutes, of one name and of ten together: what is read is what the type keeps. */
export async function reading(report: Report, store: Store): Promise<void> {
  const names = Array.from({ length: 10 }, (_, index) => `series-${index}`)
  const opened: { kind: Kind; timeseries: AnyTimeseries; range: Range }[] = []
  for (const kind of Object.values<Kind>(KINDS)) {
    const timeseries = timeseriesOf(kind, store.driver(`reading_${kind.title}`), { minute: { step: 60, steps: 2_880 } })
    const { points, range } = minutesOf(kind, names, 10)
    for (const some of points) await timeseries.bulkInsert(some)
    opened.push({ kind, timeseries, range })
  }
  for (const [what, asked, options] of [
    ['1,440 minutes of a name', 'series-1', {}],
    ['1,440 minutes of 10 names, joined', names, {}],
    ['the same, as one', names, { collapse: true }],
  ] as const) {
    const variants = opened
      .filter(({ kind }) => kind !== KINDS.gauge || asked === 'series-1')
      .map(({ kind, timeseries, range }) => ({
        name: kind.title,
        run: () => timeseries.series(asked, 'minute', { ...range, ...options }),
      }))
    const [first, ...others] = variants
    const title = `${store.name}: ${what}, ten values a minute`
    await report.compare({ title, amount: 1_440, unit: 'buckets', rounds: 9, variants: [first!, ...others] })
  }
  for (const { timeseries } of opened) await endOf(timeseries)
}
