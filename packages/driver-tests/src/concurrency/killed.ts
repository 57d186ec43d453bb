import type { TimeseriesType } from '@kairos/core/driver'
import type { DriverTest } from '../driver-test.ts'
import { claim, same } from '../internal/same.ts'
import type { ProcessOptions } from '../options.ts'
import type { TestContext } from '../test-context.ts'
import type { KilledRequest } from './killed-process.ts'
import { afterWrites, KILLED, killedConfig, killedValue, sizeOf } from './killed-writes.ts'
import { startProcess } from './start-process.ts'

/** How many writes of each type are acknowledged before the process is killed. */
const ENOUGH = 8

export function killedTest(processes: ProcessOptions | undefined): DriverTest {
  return {
    title: 'concurrency: what a process has acknowledged is visible to another, and survives a kill',
    async run(context) {
      const types = await context.types()
      for (const type of types) await context.emptied(killedConfig(type))
      if (processes!.exclusive) await context.close()
      const acknowledged = new Map<TimeseriesType, number>(types.map((type) => [type, 0]))
      const writer = startProcess<KilledRequest>(processes!, 'killed-process', { types })
      const enough = new Promise<void>((resolve) => {
        writer.onLine((line) => {
          const [type, write] = line.split(' ') as [TimeseriesType, string]
          acknowledged.set(type, Number(write))
          if (Math.min(...acknowledged.values()) >= ENOUGH) resolve()
        })
      })
      try {
        const early = await Promise.race([enough, writer.ended])
        claim(early === undefined, () => `the process that writes ended by itself with ${early!.code}:\n${early!.said}`)
        // If only one process may have the store open, this one looks after the other has ended.
        for (const [type, confirmed] of processes!.exclusive ? [] : [...acknowledged]) {
          const least = sizeOf(await afterWrites(type, confirmed))
          for (const [interval, cell] of await cellsOf(context, type))
            claim(
              sizeOf(cell) >= least,
              () =>
                `${confirmed} writes were acknowledged to another process, and ${type} in ${interval} shows ${sizeOf(cell)}`,
            )
        }
      } finally {
        writer.kill()
        await writer.ended
      }
      for (const type of types) {
        const confirmed = acknowledged.get(type)!
        const expected = await afterWrites(type, confirmed)
        const oneMore = await afterWrites(type, confirmed + 1)
        for (const [interval, cell] of await cellsOf(context, type)) {
          // One more may have been on its way, in one interval or in both.
          const what = `${type} in ${interval}, after ${confirmed} acknowledged writes and a kill`
          same(cell, sizeOf(cell) > sizeOf(expected) ? oneMore : expected, what)
        }
        const { timeseries } = await context.timeseries(killedConfig(type))
        await timeseries.deleteAll()
        await timeseries.insert(KILLED, killedValue(type, 1))
        for (const [interval, cell] of await cellsOf(context, type))
          same(
            cell,
            await afterWrites(type, 1),
            `${type} in ${interval}, written by this process after the other was killed`,
          )
        await timeseries.deleteAll()
      }
    },
  }
}

/** The value of the one cell in each interval; undefined if there is none. */
async function cellsOf(context: TestContext, type: TimeseriesType): Promise<[interval: string, cell: unknown][]> {
  const { timeseries } = await context.timeseries(killedConfig(type))
  const intervals = Object.keys(killedConfig(type).intervals)
  return Promise.all(
    intervals.map(async (interval) => [interval, [...(await timeseries.get(KILLED, interval)).values()][0]] as const),
  ) as Promise<[string, unknown][]>
}
