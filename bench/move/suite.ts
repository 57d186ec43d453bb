import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type CellToWrite, createTimeseries } from '@kairos/core'
import { type MigrateOptions, type MigrationResult, migrate } from '@kairos/move'
import { Redis } from 'ioredis'
import type { Report } from '../harness.ts'
import { processorTimeOf, timeOfProcess } from '../processor-time.ts'
import type { Suite } from '../suite.ts'

const NAMES = 1_000
const BUCKETS = 1_000
const CELLS = NAMES * BUCKETS
const config = { name: 'moved', type: 'count', intervals: { minute: { step: 60 } } } as const

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/**
 * A million cells from SQLite to Redis, against writing them to either. On a machine that does other work too, time by the clock says little: speed is how
 * many cells the busier of both processes handles in a second of its processor time, as with a free core for each.
 */
export const suite: Suite = {
  servers: ['redis'],
  async run(report, urls) {
    const folder = mkdtempSync(join(tmpdir(), 'kairos-bench-move-'))
    const client = new Redis(urls.redis!)
    try {
      const pid = Number(/process_id:(\d+)/.exec(await client.info('server'))![1])
      await moving(report, [`sqlite:${join(folder, 'moved.db')}`, urls.redis!], pid)
    } finally {
      client.disconnect()
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

async function moving(report: Report, [sqlite, redis]: readonly [string, string], pid: number): Promise<void> {
  const [source, target] = [createTimeseries(sqlite, config), createTimeseries(redis, config)]
  const move = (options: MigrateOptions): Promise<MigrationResult> => migrate(source as never, target as never, options)
  async function speedOf(variant: string, title: string, work: () => Promise<unknown>): Promise<number> {
    const { server, client } = await processorTimeOf(() => timeOfProcess(pid), work, { runs: 1 })
    const speed = (CELLS / Math.max(server, client)) * 1_000
    report.figureOf(variant, title, speed, 'cells/s')
    return speed
  }
  const [inserting, replacing]: [number[], number[]] = [[], []]
  for (const [store, timeseries] of [
    ['Redis', target],
    ['SQLite', source],
  ] as const) {
    await timeseries.deleteAll()
    inserting.push(await speedOf(store, 'insert a million cells', () => timeseries.bulkInsert(points())))
    const replace = (): Promise<unknown> => timeseries.write(cells(), { mode: 'replace' })
    replacing.push(await speedOf(store, 'replace a million cells', replace))
  }
  await target.deleteAll()

  let started = 0
  const moved = await speedOf('SQLite to Redis', 'migrate a million cells', async () => {
    started = (await move({})).started
  })
  report.figure('speed against replacing in the slower store', moved / Math.min(...replacing), 'times', 'at least 0.5')
  report.figure('speed against inserting into the slower store', moved / Math.min(...inserting), 'times')
  const heap: number[] = []
  await move({ onProgress: ({ cells: done }) => sample(heap, done) })
  report.figure('heap in use after the first tenth', heap[0]!, 'MiB')
  report.figure('heap in use after that, at most', Math.max(...heap.slice(1)), 'MiB')
  const begun = performance.now()
  const second = await move({ since: started })
  report.figure('the second copy, with `since`', performance.now() - begun, 'ms', `${second.cells} cells`)
  const { verified } = await move({ since: started, verify: true })
  if (!verified!.equal) throw new Error('the copy differs')
  await target.deleteAll()
  await Promise.all([source.close(), target.close()])
}

/** Ten times, after garbage is collected. */
function sample(heap: number[], done: number): void {
  if (done < (heap.length + 1) * (CELLS / 10)) return
  collectGarbage()
  heap.push(process.memoryUsage().heapUsed / 2 ** 20)
}

/** The same as points. */
function* points(): Generator<{ readonly name: string; readonly value: number; readonly timestamp: number }> {
  for (const { name, start, value } of cells()) yield { name, value: value as number, timestamp: start as number }
}

/** Up to the current minute. */
function* cells(): Generator<CellToWrite> {
  const first = Math.floor(Date.now() / 60_000) - BUCKETS + 1
  for (let name = 0; name < NAMES; name++)
    for (let bucket = 0; bucket < BUCKETS; bucket++)
      yield { name: `name ${name}`, interval: 'minute', start: (first + bucket) * 60, value: name + bucket }
}
