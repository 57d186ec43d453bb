import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bucketing, createTimeseries, memoryDriver } from '@kairos/core'
import type { Report } from '../harness.ts'
import type { Suite } from '../suite.ts'
import { events, intervals } from '../workload.ts'
import { mergeByHand } from './by-hand.ts'
import { ranking } from './ranking.ts'
import { regrouping } from './regrouping.ts'
import { zoned } from './zoned.ts'

const EVENTS = 100_000

/** Core alone: merging, the memory driver, and the cost of loading it. */
export const suite: Suite = {
  servers: [],
  async run(report) {
    for (const [title, names] of [
      ['one interval', ['minute']],
      ['three intervals', ['minute', 'hour', 'day']],
    ] as const) {
      await merging(report, title, names)
    }
    await reading(report)
    await regrouping(report)
    await zoned(report)
    await ranking(report)
    importing(report)
  },
}

async function merging(report: Report, title: string, names: readonly (keyof typeof intervals)[]): Promise<void> {
  const points = events(EVENTS)
  const config = { type: 'count', intervals: Object.fromEntries(names.map((name) => [name, intervals[name]])) } as const
  await report.compare({
    title: `${EVENTS.toLocaleString('en')} events into ${title}: counts, merged into cells of 50 names`,
    amount: EVENTS,
    unit: 'events',
    variants: [
      { name: 'Maps by hand', run: () => mergeByHand(points, names) },
      {
        name: 'core, into the memory driver',
        run: () => createTimeseries(memoryDriver(), config).bulkInsert(points),
      },
    ],
  })
}

async function reading(report: Report): Promise<void> {
  const driver = memoryDriver()
  const timeseries = createTimeseries(driver, { type: 'count', intervals: { minute: { step: 60 } } })
  const buckets = bucketing(60)
  const first = buckets.toBucket(1_700_000_000)
  const byHand = new Map<number, number>()
  for (let bucket = first; bucket < first + 1440; bucket++) {
    byHand.set(bucket, bucket)
    await timeseries.insert('home', bucket, { timestamp: buckets.fromBucket(bucket) })
  }
  const range = { start: buckets.fromBucket(first), end: buckets.fromBucket(first + 1439) }
  const repeats = 50
  await report.compare({
    title: '1,440 buckets read from the memory driver',
    amount: 1440 * repeats,
    unit: 'buckets',
    variants: [
      {
        name: 'a Map by hand',
        run() {
          for (let repeat = 0; repeat < repeats; repeat++) {
            const result = new Map<number, number>()
            for (let bucket = first; bucket < first + 1440; bucket++) result.set(bucket * 60, byHand.get(bucket) ?? 0)
          }
        },
      },
      {
        name: 'series()',
        async run() {
          for (let repeat = 0; repeat < repeats; repeat++) await timeseries.series('home', 'minute', range)
        },
      },
    ],
  })
}

/** What the import costs an application: time in a separate process, and space in its node_modules. */
function importing(report: Report): void {
  const root = join(import.meta.dirname, '..', '..')
  const folder = mkdtempSync(join(tmpdir(), 'kairos-bench-'))
  try {
    const packages = join(root, 'packages')
    execFileSync('pnpm', ['exec', 'tsc', '-b'], { cwd: join(packages, 'core') })
    const built = join(packages, 'core', 'dist', 'index.js')
    const script = join(folder, 'import.mjs')
    writeFileSync(
      script,
      `const start = performance.now(); await import(${JSON.stringify(built)}); console.log(performance.now() - start)`,
    )
    const times = Array.from({ length: 11 }, () =>
      Number(execFileSync(process.execPath, [script], { encoding: 'utf8' })),
    )
    report.figure('importing @kairos/core', times.sort((a, b) => a - b)[5]!, 'ms', 'median of 11 processes')
    execFileSync('pnpm', ['pack', '--out', join(folder, 'core.tgz')], { cwd: join(packages, 'core') })
    report.figure(
      '@kairos/core, packed',
      statSync(join(folder, 'core.tgz')).size / 1024,
      'KiB',
      'sources and source maps included',
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}
