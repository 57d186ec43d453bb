import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bucketing, createTimeseries, type IntervalsConfig, memoryDriver } from '@kairos/core'
import type { Report } from '../harness.ts'
import type { Suite } from '../suite.ts'
import { events, intervals } from '../workload.ts'
import { mergeByHand } from './by-hand.ts'
import { grouped } from './grouped.ts'
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
    await buffering(report)
    await serving(report)
    await reading(report)
    await regrouping(report)
    await zoned(report)
    await ranking(report)
    await grouped(report, 'memory', memoryDriver())
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

async function buffering(report: Report): Promise<void> {
  const names = Array.from({ length: 50 }, (_, index) => `name ${index}`)
  const three: IntervalsConfig = { minute: { step: 60 }, hour: { step: 3600 }, day: { step: 86_400 } }
  const one: IntervalsConfig = { minute: { step: 60 } }
  for (const [title, steps] of [
    ['one interval', one],
    ['three intervals', three],
  ] as const) {
    const counts = await createTimeseries(memoryDriver(), { type: 'count', intervals: steps }).open()
    const buffer = counts.buffer()
    await report.compare({
      title: `1,000,000 values of 50 names added to a buffer, into ${title}`,
      amount: 1_000_000,
      unit: 'values',
      variants: [
        {
          name: 'one Map by hand',
          run() {
            const byName = new Map<string, number>()
            for (let index = 0; index < 1_000_000; index++) {
              const name = names[index % 50]!
              byName.set(name, (byName.get(name) ?? 0) + 1)
            }
          },
        },
        {
          name: 'add(), and flush() at the end',
          async run() {
            for (let index = 0; index < 1_000_000; index++) if (!buffer.add(names[index % 50]!)) await buffer.ready()
            await buffer.flush()
          },
        },
      ],
    })
    await counts.close()
  }
}

/** What a web service pays for its metrics: see docs/guide/counting-in-a-web-service.md. */
async function serving(report: Report): Promise<void> {
  const requests = 50_000
  const driver = memoryDriver()
  const intervals = { minute: { step: 60, steps: 1440 }, day: { step: 'daily', resolution: '1h' } } as const
  const count = { type: 'count', intervals } as const
  const histogram = { type: 'histogram', valueType: 'int', intervals } as const
  const views = await createTimeseries(driver, { name: 'views', ...count }).open()
  const bytes = await createTimeseries(driver, { name: 'bytes', ...count }).open()
  const statuses = await createTimeseries(driver, { name: 'statuses', ...histogram }).open()
  const times = await createTimeseries(driver, { name: 'milliseconds', ...histogram }).open()
  const visitors = await createTimeseries(driver, {
    name: 'visitors',
    type: 'set',
    valueType: 'inet',
    intervals,
  }).open()
  const buffers = {
    views: views.buffer(),
    bytes: bytes.buffer(),
    statuses: statuses.buffer(),
    times: times.buffer(),
    visitors: visitors.buffer(),
  }
  const before = process.cpuUsage()
  for (let request = 0; request < requests; request++) {
    const page = `/page/${request % 20}`
    buffers.views.add(page)
    buffers.bytes.add(page, 1_024)
    buffers.statuses.add(page, 200)
    buffers.times.add(page, request % 50)
    buffers.visitors.add(page, `192.0.2.${request % 100}`)
  }
  for (const timeseries of [views, bytes, statuses, times, visitors]) await timeseries.close()
  const { user, system } = process.cpuUsage(before)
  const title = 'five metrics of a web request, added to buffers and written'
  report.figure(title, (user + system) / requests, 'µs', 'processor time of a request')
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
