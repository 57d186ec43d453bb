import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createTimeseries } from '@kairos/core'
import type { Report } from '../harness.ts'
import type { Suite } from '../suite.ts'
import { FIRST_MOMENT, intervals } from '../workload.ts'

const MILLION = 1_000_000
const MILLIONS = 10

/** Memory while many points stream into a store: how much a log of any length needs. */
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
  const held: number[] = []
  async function* points(): AsyncGenerator<{ name: string; timestamp: number }> {
    for (let index = 0; index < MILLIONS * MILLION; index++) {
      if (index % MILLION === MILLION - 1) held.push(heldHeap())
      // A hundred points per second: 28 hours.
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
    report.figure(`  heap that is held at the end of the ${million + 1}. million`, held[million]! / 2 ** 20, 'MiB')
  }
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Bytes in use after garbage collection: they would grow if points were kept. */
function heldHeap(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}
