import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTimeseries } from '@kairos/core'
import { type Served, startServed } from '../server/served.ts'
import type { Suite } from '../suite.ts'

const NAMES = 10_000
/** Names that have a value in each minute of the day. */
const FULL = 100
const MINUTES = 1_440
const REQUESTS = 500

const nameAt = (index: number): string => `app.host${index % 100}.metric${Math.floor(index / 100)}`

/** What Grafana asks for, of a day. */
const REQUESTS_OF: Readonly<Record<string, (index: number) => string>> = {
  'one name, every minute': (index) => `/render?from=-24h&target=${nameAt(index % FULL)}`,
  'one name, at most 700 points': (index) => `/render?from=-24h&maxDataPoints=700&target=${nameAt(index % FULL)}`,
  'a rate of one name': (index) => `/render?from=-24h&maxDataPoints=700&target=perSecond(${nameAt(index % FULL)})`,
  'the sum of a hundred names': (index) =>
    `/render?from=-24h&maxDataPoints=700&target=sumSeries(app.host${index % 100}.*)`,
  'the nodes below one': (index) => `/metrics/find?query=app.host${index % 100}.*`,
}

/** How long answers to reads take, and what they cost the server, with 10,000 names in SQLite. */
export const suite: Suite = {
  servers: [],
  async run(report) {
    const folder = mkdtempSync(join(tmpdir(), 'kairos-bench-'))
    const store = `sqlite:${join(folder, 'reads.db')}`
    await fill(store)
    const served = await startServed(store)
    try {
      for (const [title, path] of Object.entries(REQUESTS_OF)) {
        await ask(served, path, REQUESTS / 10)
        const cpu = await served.metric('process_cpu_seconds_total')
        const times = (await ask(served, path, REQUESTS)).sort((one, other) => one - other)
        const spent = (await served.metric('process_cpu_seconds_total')) - cpu
        report.figure(`${title}: processor time`, (spent / REQUESTS) * 1_000, 'ms')
        report.figure(`${title}: p50`, times[REQUESTS / 2]!, 'ms')
        report.figure(`${title}: p99`, times[Math.floor(REQUESTS * 0.99)]!, 'ms')
      }
    } finally {
      await served.stop()
      rmSync(folder, { recursive: true })
    }
  },
}

async function ask({ url }: Served, path: (index: number) => string, requests: number): Promise<number[]> {
  const times: number[] = []
  for (let index = 0; index < requests; index++) {
    const start = performance.now()
    const response = await fetch(url + path(index))
    await response.text()
    if (!response.ok) throw new Error(`${response.status} of ${path(index)}`)
    times.push(performance.now() - start)
  }
  return times
}

async function fill(store: string): Promise<void> {
  const intervals = { minute: { step: '1min', steps: 10_080 }, hour: { step: '1h', steps: 17_520 } } as const
  await using counts = createTimeseries(store, { name: 'counts', type: 'count', intervals })
  const now = Math.floor(Date.now() / 1_000)
  for (let first = 0; first < NAMES; first += FULL) {
    const every = first === 0 ? 1 : 120
    await counts.bulkInsert(
      Array.from({ length: FULL }, (_, index) => nameAt(first + index)).flatMap((name) =>
        Array.from({ length: MINUTES / every }, (_, back) => ({
          name,
          value: back % 50,
          timestamp: now - back * every * 60,
        })),
      ),
    )
  }
}
