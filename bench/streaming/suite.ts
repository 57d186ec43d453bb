import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTimeseries } from '@kairos/core'
import type { Report } from '../harness.ts'
import type { Suite } from '../suite.ts'
import { FIRST_MOMENT, intervals } from '../workload.ts'

const MILLION = 1_000_000
const MILLIONS = 10

/** Memory while many points stream into a store: what a log of any length needs. */
export const suite: Suite = {
  servers: [],
  async run(report) {
    const folder = mkdtempSync(join(tmpdir(), 'kairos-bench-'))
    try {
      await stream(report, `sqlite:${join(folder, 'counts.db')}`)
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}

async function stream(report: Report, url: string): Promise<void> {
  const peaks = Array.from({ length: MILLIONS }, () => 0)
  async function* points(): AsyncGenerator<{ name: string; timestamp: number }> {
    for (let index = 0; index < MILLIONS * MILLION; index++) {
      const million = Math.floor(index / MILLION)
      if (index % 1000 === 0) peaks[million] = Math.max(peaks[million]!, process.memoryUsage().heapUsed)
      // A hundred points a second: 28 hours.
      yield { name: `series-${index % 50}`, timestamp: FIRST_MOMENT + Math.floor(index / 100) }
    }
  }
  await using timeseries = createTimeseries(url, { type: 'count', intervals })
  const start = performance.now()
  const { stored } = await timeseries.bulkInsert(points())
  const seconds = (performance.now() - start) / 1000
  report.figure(
    '10 million points from an async iterable into counts of three intervals on SQLite',
    stored / 3 / seconds,
    'points/s',
  )
  for (const million of [0, 4, 9]) {
    report.figure(`  highest heap in the ${million + 1}. million`, peaks[million]! / 2 ** 20, 'MiB')
  }
}
