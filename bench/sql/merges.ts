import type { CellQuery, CellStore, MergeQuery } from '@kairos/core/driver'
import { sqlDriver } from '@kairos/sql'
import type { Report } from '../harness.ts'

const NAMES = Array.from({ length: 1_000 }, (_, index) => `name ${String(index).padStart(4, '0')}`)
const FIRST = 29_000_000
const DAY = 1_440
const DAYS = 365

const minutes = {
  record: '{"version":1,"step":60}',
  facts: '{}',
  hasResolution: false,
  fanOut: 1,
  resolutionRange: () => ({ first: 0, last: 0 }),
  expiresAt: () => null,
}
const counts = { type: 'count', valueType: 'float', record: '{"version":1,"type":"count"}', facts: '{}' } as const

/** Where to merge, and the project's own targets. */
export interface MergeTarget {
  readonly database: string
  readonly url: string
  readonly joinSpeed: number
  readonly collapseSpeed: number
}

/** Merging in the database, compared with reading its cells and adding them here: the store's side of it, without core. */
export async function compareMerges(report: Report, target: MergeTarget): Promise<void> {
  const { database, url, joinSpeed, collapseSpeed } = target
  const driver = sqlDriver(url, { tableName: 'bench_merges' })
  const { store } = await driver.open({ ...counts, intervals: { minute: minutes } })
  try {
    for (const name of NAMES) await writeDay(store, name, 0)
    for (let day = 0; day < DAYS; day++) await writeDay(store, 'year', day)
    const day = { names: NAMES, interval: 'minute', range: { first: FIRST, last: FIRST + DAY - 1 } }
    await compare(report, store, day, 1, {
      title: `${database}: ${NAMES.length.toLocaleString('en')} names joined over a day of minutes`,
      speed: joinSpeed,
    })
    const year = { names: ['year'], interval: 'minute', range: { first: FIRST, last: FIRST + DAYS * DAY - 1 } }
    await compare(report, store, year, DAY, {
      title: `${database}: a year of minutes collapsed to days`,
      speed: collapseSpeed,
    })
  } finally {
    await store.drop!(null)
    await driver.close()
  }
}

async function writeDay(store: CellStore, name: string, day: number): Promise<void> {
  const cells = Array.from({ length: DAY }, (_, minute) => ({
    name,
    interval: 'minute',
    bucket: FIRST + day * DAY + minute,
    resolutionBucket: 0,
    change: minute % 7,
  }))
  await store.write({ cells, oldestLive: { minute: 0 } })
}

async function compare(
  report: Report,
  store: CellStore,
  query: CellQuery,
  size: number,
  { title, speed }: { readonly title: string; readonly speed: number },
): Promise<void> {
  const merged: MergeQuery = {
    ...query,
    result: 'value',
    groups: { size, from: FIRST },
    split: false,
    resolution: false,
  }
  await report.compare({
    title,
    amount: query.names.length * (query.range.last - query.range.first + 1),
    unit: 'cells',
    rounds: 5,
    target: { speed },
    variants: [
      {
        name: 'read(), added here',
        async run() {
          const sums = new Map<number, number>()
          for (const { bucket, value } of await store.read(query)) {
            const group = Math.floor((bucket - FIRST) / size)
            sums.set(group, (sums.get(group) ?? 0) + (value as number))
          }
        },
      },
      { name: 'merge()', run: () => store.merge!(merged) },
    ],
  })
}
