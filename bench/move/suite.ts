import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CellToWrite, createTimeseries } from '@kairos/core'
import { migrate } from '@kairos/move'
import type { Report } from '../harness.ts'
import type { Suite } from '../suite.ts'

const NAMES = 1_000
const BUCKETS = 1_000
const CELLS = NAMES * BUCKETS
const config = { name: 'moved', type: 'count', intervals: { minute: { step: 60 } } } as const

/** A million cells from SQLite to Redis, against writing them to either. */
export const suite: Suite = {
  servers: ['redis'],
  async run(report, urls) {
    const folder = mkdtempSync(join(tmpdir(), 'kairos-bench-move-'))
    try {
      await moving(report, `sqlite:${join(folder, 'moved.db')}`, urls.redis!)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

async function moving(report: Report, sqlite: string, redis: string): Promise<void> {
  const [source, target] = [createTimeseries(sqlite, config), createTimeseries(redis, config)]
  await Promise.all([source.open(), target.open()])
  await target.deleteAll()
  const rates: number[] = []
  for (const [store, timeseries] of [
    ['Redis', target],
    ['SQLite', source],
  ] as const) {
    const seconds = await secondsOf(() => timeseries.write(cells(), { mode: 'replace' }))
    rates.push(CELLS / seconds)
    report.figureOf(store, `write a million cells`, CELLS / seconds, 'cells/s')
  }
  await target.deleteAll()
  const memory: number[] = []
  const seconds = await secondsOf(async () => {
    let sampled = 0
    await migrate(source as never, target as never, {
      onProgress({ cells: done }) {
        if (done < sampled + CELLS / 10) return
        sampled = done
        globalThis.gc?.()
        memory.push(process.memoryUsage().heapUsed / 2 ** 20)
      },
    })
  })
  report.figureOf('SQLite to Redis', 'migrate a million cells', CELLS / seconds, 'cells/s')
  const ratio = CELLS / seconds / Math.min(...rates)
  report.figure('speed, against writing to the slower side', ratio, 'times', 'asked: at least 0.5')
  report.figure('heap after the first tenth', memory[0]!, 'MiB')
  report.figure('heap at most, after that', Math.max(...memory.slice(1)), 'MiB')
  await target.deleteAll()
  await Promise.all([source.close(), target.close()])
}

function* cells(): Generator<CellToWrite> {
  for (let name = 0; name < NAMES; name++)
    for (let bucket = 0; bucket < BUCKETS; bucket++)
      yield { name: `name ${name}`, interval: 'minute', start: bucket * 60, value: name + bucket }
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1_000
}
